"""Stages in which a chat model says the question otherwise: by itself, in other words or languages, as a guess."""
