"""Proof: question sets, their questions and review, runs, and two runs beside each other."""
