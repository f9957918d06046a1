"""Word lists that come with the generator: which words begin an action, which headings say nothing."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=16)
def word_list(name: str) -> frozenset[str]:
    """The entries of a list: words between spaces, or lines in the list of headings."""
    file = resources.files("surefoot.evaluate.generate") / "data" / f"{name}.txt"
    lines = file.read_text(encoding="utf-8").splitlines()[1:]
    if name == "boilerplate":
        return frozenset(lines)
    return frozenset(word for line in lines for word in line.split())
