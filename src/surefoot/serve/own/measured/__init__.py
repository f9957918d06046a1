"""What was measured: runs, their questions, what tells two of them apart, and which solution is put into force."""
