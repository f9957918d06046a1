"""Ordering the best hits anew, and telling how likely each is relevant."""
