"""Finds what may stand in the place of a short answer: another value of its kind. Knows texts only.

Numbers are swapped for numbers with the same words around them, years for years, dates for dates, names for names that
questions of the same kind ask for. What is of no such kind is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

from surefoot.core.lang import dates, fold, is_han
from surefoot.generate.questions import wanted

_LONGEST: Final = 40
_MOST_WORDS: Final = 5
_MOST_HAN: Final = 10
_YEAR = re.compile(r"(?:1\d{3}|20\d{2})\s?年?")
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_HAN_NUMBER = re.compile(
    r"([零〇一二三四五六七八九十百千万亿两]+)([^零〇一二三四五六七八九十百千万亿两]{0,2})"
)
_SMALL = frozenset(("of", "the", "de", "la", "von", "van", "and", "for", "in", "on"))
_NAMING = ("name", "place")


def kind_of(value: str, question: str) -> str:
    """What kind of thing a short answer is, as a name under which values may stand for each other; empty for none."""
    plain = fold(value)
    if not plain or len(plain) > _LONGEST or "\n" in value:
        return ""
    if _YEAR.fullmatch(plain):
        return "year" + re.sub(r"\d+", "", plain)
    if found := dates(value):
        only = len(found) == 1 and found[0].start == 0 and found[0].end == len(value)
        return "date:" + _date_shape(plain) if only else ""
    if _NUMBER.search(plain):
        return "number:" + _NUMBER.sub("#", plain)
    if han := _HAN_NUMBER.fullmatch(plain):
        return "number:" + "#" + han.group(2)
    return _naming(value, question)


def swap_for(value: str, others: Sequence[str], avoid: str, seed: str) -> str:
    """One of the other values that does not stand in the texts to avoid; for digits else another number; or empty.

    Those as long as the value come first; among them `seed` decides.
    """
    held, own = fold(avoid), fold(value)
    fitting = sorted({one for one in others if _may_replace(fold(one), own, held)})
    Random(seed).shuffle(fitting)
    if fitting:
        return min(fitting, key=lambda one: abs(len(one) - len(value)))
    for step in range(1, 9):
        turned = _turned(value, step)
        if _may_replace(fold(turned), own, held):
            return turned
    return ""


def by_kind(values: Mapping[str, tuple[str, str]]) -> dict[str, list[str]]:
    """The values of each kind, from value and question by case."""
    found: dict[str, list[str]] = {}
    for value, question in values.values():
        if kind := kind_of(value, question):
            found.setdefault(kind, []).append(value)
    return found


def _may_replace(new: str, old: str, held: str) -> bool:
    return bool(new) and new not in old and old not in new and new not in held


def _turned(value: str, step: int) -> str:
    """The number with every digit moved on, none becoming a leading 0; the value itself where it has no digit."""

    def moved(match: re.Match[str]) -> str:
        digit = (int(match.group()) + step) % 10
        leads = match.start() == 0 or not value[match.start() - 1].isdigit()
        return str(digit or step) if leads else str(digit)

    return re.sub(r"[0-9]", moved, value)


def _date_shape(plain: str) -> str:
    """A date without its figures and without the name of its month."""
    return re.sub(r"[a-z]+", "m", re.sub(r"\d+(?:st|nd|rd|th)?", "#", plain))


def _naming(value: str, question: str) -> str:
    asked = ",".join(sorted(wanted(question) & set(_NAMING)))
    if any(map(is_han, value)):
        short = 2 <= len(value) <= _MOST_HAN and all(map(is_han, value))
        return f"han:{asked}" if short and asked else ""
    words = value.split()
    if not words or len(words) > _MOST_WORDS or not words[0][:1].isupper():
        return ""
    capital = all(word[:1].isupper() or word.lower() in _SMALL for word in words)
    return f"name:{asked}" if capital else ""
