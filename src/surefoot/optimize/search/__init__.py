"""Which solution is asked what next, which is chosen, and what the unseen questions say. Knows no model or index."""
