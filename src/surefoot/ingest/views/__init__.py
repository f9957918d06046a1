"""Other texts by which a passage is found: summaries, questions it answers, its sentences, its context."""
