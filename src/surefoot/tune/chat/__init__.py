"""Tuning causal language models: adapters and whole weights, and asking what came of it."""
