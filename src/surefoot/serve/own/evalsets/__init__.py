"""Eval sets: made, looked at, changed question by question, reviewed."""
