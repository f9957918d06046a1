"""Lexical units for overlap and coverage: stems in English, character bigrams in Chinese."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from surefoot.core.lang.detect import is_han
from surefoot.core.lang.normalise import fold
from surefoot.core.lang.stopwords import STOP_WORDS

_WORD = re.compile(r"\d+(?:[.,:]\d+)+%?|\d+%|[^\W_]+(?:['’][^\W\d_]+)?")


def terms(text: str) -> list[str]:
    """All units in order, stop words included; a run of Han characters gives its overlapping bigrams."""
    found: list[str] = []
    for match in _WORD.finditer(fold(text)):
        found += _split(match.group())
    return found


def count_terms(text: str) -> int:
    """How many `terms` a text has, several times faster than listing them."""
    words: list[str] = _WORD.findall(fold(text))
    return sum(1 if word.isascii() else len(_split(word)) for word in words)


def content_terms(text: str) -> list[str]:
    """`terms` without stop words."""
    return [term for term in terms(text) if term not in STOP_WORDS]


def _split(word: str) -> list[str]:
    if word.isascii() or not any(is_han(char) for char in word):
        if word[0].isdigit():
            return [word.replace(",", "")]
        return [_stem(word.removesuffix("'s").removesuffix("’s"))]
    pieces: list[str] = []
    for run in re.findall(
        r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|[^\u3400-\u9fff]+", word
    ):
        if not is_han(run[0]):
            pieces.append(_stem(run))
        elif len(run) == 1:
            pieces.append(run)
        else:
            pieces += [run[i : i + 2] for i in range(len(run) - 1)]
    return pieces


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    if not word.isascii() or word in STOP_WORDS:
        return word
    stemmed: str = _stemmer().stemWord(word)
    return stemmed


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")
