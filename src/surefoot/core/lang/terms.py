"""Lexical units for overlap and coverage: stems in English, character bigrams in Chinese."""

from __future__ import annotations

import re
from functools import lru_cache
from operator import add
from typing import Any

from surefoot.core.lang.detect import is_han
from surefoot.core.lang.normalise import fold
from surefoot.core.lang.stopwords import STOP_WORDS

_WORD = re.compile(r"\d+(?:[.,:]\d+)+%?|\d+%|[^\W_]+(?:['’][^\W\d_]+)?")
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ALL_HAN = re.compile(f"[{_HAN}]+")
_ONE_HAN = re.compile(f"[{_HAN}]")
_RUN = re.compile(rf"[{_HAN}]+|[^\u3400-\u9fff]+")


def terms(text: str) -> list[str]:
    """All units in order, stop words included; a run of Han characters gives its overlapping bigrams."""
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        if word.isascii():
            found.append(_plain(word))
        else:
            found += _split(word)
    return found


def count_terms(text: str) -> int:
    """How many `terms` a text has, several times faster than listing them."""
    words: list[str] = _WORD.findall(fold(text))
    if text.isascii():
        return len(words)
    return sum(1 if word.isascii() else _count(word) for word in words)


def content_terms(text: str) -> list[str]:
    """`terms` without stop words."""
    return [term for term in terms(text) if term not in STOP_WORDS]


@lru_cache(maxsize=65536)
def _plain(word: str) -> str:
    """The unit of a word without Han characters."""
    if word[0].isdigit():
        return word.replace(",", "")
    return _stem(word.removesuffix("'s").removesuffix("’s"))


def _split(word: str) -> list[str]:
    """The units of a word that is not plain ASCII."""
    if _ALL_HAN.fullmatch(word):
        return list(map(add, word, word[1:])) or [word]
    if not _ONE_HAN.search(word):
        return [_plain(word)]
    pieces: list[str] = []
    for run in _RUN.findall(word):
        pieces += _split(run) if is_han(run[0]) else [_stem(run)]
    return pieces


def _count(word: str) -> int:
    return max(1, len(word) - 1) if _ALL_HAN.fullmatch(word) else len(_split(word))


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
