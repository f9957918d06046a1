"""Whether a translation keeps what must survive it: numbers, dates, code, web addresses and links. Asks no model."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from surefoot.core.lang import mostly_han
from surefoot.generate.checking.facts import Amounts, prepare, read_amounts, wrong_amounts

_CODE = re.compile(r"`[^`\n]+`")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#@!$&'*+,;=%]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TAILS: Final = ".,;:!?'"
_BOLD = re.compile(r"\*\*")


def lost(source: str, translation: str) -> list[str]:
    """In words, what the translation does not keep; empty where it keeps all."""
    found = [f"the text says {wrong}" for wrong in _amounts(source, translation)]
    found += [f"added: {wrong}" for wrong in _amounts(translation, source)]
    for pattern in (_CODE, _ADDRESS):
        gone = _found(pattern, source) - _found(pattern, translation)
        found += [f"{piece} is missing" for piece in gone]
    if len(_BOLD.findall(source)) != len(_BOLD.findall(translation)):
        found.append("the marks of bold print are not those of the text")
    return found


def _amounts(said: str, known: str) -> list[str]:
    """Numbers and dates of one text that the other lacks."""
    claimed, other = prepare(_bare(said)), prepare(_bare(known))
    reasons = wrong_amounts(Amounts.of(claimed), read_amounts(other), han=mostly_han(claimed))
    return [
        reason.replace(" is not in the source", "") for reason in reasons if "is not in" in reason
    ]


def _bare(text: str) -> str:
    return _ADDRESS.sub(" ", _CODE.sub(" ", text))


def _found(pattern: re.Pattern[str], text: str) -> Counter[str]:
    return Counter(match.group().rstrip(_TAILS) for match in pattern.finditer(text))
