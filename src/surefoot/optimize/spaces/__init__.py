"""Spaces of solutions: which there are, the one that a workspace offers by default, and the winner as a file."""
