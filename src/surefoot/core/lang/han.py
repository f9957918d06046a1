"""Folds traditional Han characters to simplified ones, one at a time: the same text folds the same anywhere."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

_HAN = re.compile("[\u3400-\u9fff\U00020000-\U000323af]")


def simplified(text: str) -> str:
    """The text with each traditional character in its simplified form; its length stays the same.

    Where several simplified forms exist the commonest is taken whatever the word, so that a question and a
    document fold alike; what reads well in print is another matter.
    """
    return text.translate(_forms()) if _HAN.search(text) else text


@lru_cache(maxsize=1)
def _forms() -> dict[int, str]:
    file = resources.files("surefoot.core.lang") / "data" / "simplified.txt"
    lines = file.read_text(encoding="utf-8").splitlines()
    pairs = "".join(line for line in lines if not line.startswith("#"))
    return {ord(old): new for old, new in zip(pairs[::2], pairs[1::2], strict=True)}
