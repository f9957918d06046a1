"""Eval sets: read, drawn from."""

from surefoot.evaluate.evalsets.reading import evalset_digest, load_evalset, sample

__all__ = ["evalset_digest", "load_evalset", "sample"]
