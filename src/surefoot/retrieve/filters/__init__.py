"""Filters told by what a question names: metadata values and times."""
