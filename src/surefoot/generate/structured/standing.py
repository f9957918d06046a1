"""Finds where single values of a JSON answer stand in passages. Knows characters and digits, not meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from surefoot.core.lang import is_han
from surefoot.core.types import Chunk, Citation
from surefoot.generate.structured.schema import Schema
from surefoot.generate.structured.writing import Leaf, Written

_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Standing:
    """The citations of those values that stand in a passage, and those that stand in none."""

    citations: tuple[Citation, ...]
    missing: tuple[Leaf, ...]


def standing(written: Written, passages: Sequence[Chunk], schema: Schema) -> Standing:
    """Where each text and number stands first; truth values, null and choices of a closed list need no place.

    Case, width and white space do not count, nor do separators in numbers; a value must stand between word ends.
    """
    citations: list[Citation] = []
    missing: list[Leaf] = []
    for leaf in written.leaves:
        if leaf.value is None or isinstance(leaf.value, bool) or not _says(leaf):
            continue
        found = _place(leaf, passages)
        if found is not None:
            citations.append(found)
        elif not schema.chooses(leaf.path):
            missing.append(leaf)
    return Standing(tuple(citations), tuple(missing))


def _says(leaf: Leaf) -> bool:
    return not isinstance(leaf.value, str) or any(char.isalnum() for char in leaf.value)


def _place(leaf: Leaf, passages: Sequence[Chunk]) -> Citation | None:
    pattern = _number(leaf.value) if not isinstance(leaf.value, str) else _words(leaf.value)
    for number, chunk in enumerate(passages, start=1):
        if match := pattern.search(_folded(chunk.text)):
            start, end = match.span()
            return Citation(
                number,
                leaf.start,
                leaf.end,
                chunk,
                chunk.start + start,
                chunk.start + end,
                chunk.text[start:end],
            )
    return None


def _words(value: str) -> re.Pattern[str]:
    words = [re.escape(word) for word in _folded(value).split()]
    body = r"\s*".join(words) if any(map(is_han, value)) else r"\s+".join(words)
    return re.compile(
        _edge(value.strip()[0], "(?<!{})") + body + _edge(value.strip()[-1], "(?!{})")
    )


def _edge(char: str, template: str) -> str:
    """Nothing of a word goes on beyond the value's first or last letter; Chinese has no such ends."""
    if not char.isalnum() or is_han(char):
        return ""
    return template.format(r"[^\W_\u3400-\u9fff]")


def _number(value: float | bool | None) -> re.Pattern[str]:
    """The number with or without separators of thousands and trailing zeros."""
    plain = f"{value:.12f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    whole, _, rest = plain[:_LONGEST_NUMBER].partition(".")
    digits = r"[,，\u00a0\u202f']?".join(re.escape(char) for char in whole)
    ending = rf"\.{rest}0*" if rest else r"(?:\.0+)?"
    return re.compile(rf"(?<![\d.]){digits}{ending}(?![,.]?\d)")


@lru_cache(maxsize=256)
def _folded(text: str) -> str:
    """Lower case and half width, character by character, so that places stay."""
    return "".join(_fold(char) for char in text)


def _fold(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char).lower()
    return folded if len(folded) == 1 else char
