"""Search over a space of solutions: frontier, comparison, report."""
