"""Which method suits a task: an interview, a rule of thumb, and what was measured."""
