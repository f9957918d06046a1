"""Thin adapters, so that a workspace serves in other people's frameworks. Each module imports its framework."""
