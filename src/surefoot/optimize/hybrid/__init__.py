"""Hybrids: one solution that sends each question to the half that answers it better, and proof that it pays."""
