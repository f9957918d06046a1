"""Trained models: seen, tried, removed."""
