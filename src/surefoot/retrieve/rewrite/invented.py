"""What a rewritten question names that nobody said: a model may put a question otherwise, and add nothing to it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from surefoot.core.lang import is_han, terms
from surefoot.core.lang.entities import entity_units
from surefoot.core.lang.names import names

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_HAN_NUMBER = re.compile(r"[零〇一二两三四五六七八九十百千万亿]{2,}")
_SHORT_HAN = 3  # characters up to which a Chinese name must stand in what was said as it is


def invented(text: str, said: Sequence[str]) -> list[str]:
    """The numbers and names of a text that none of the texts before has, in order.

    A single word at the beginning has its capital from there, and counts as no name.
    """
    text = unicodedata.normalize("NFKC", text)
    known = unicodedata.normalize("NFKC", "\n".join(said))
    numbers = {_plain(found) for found in _NUMBER.findall(known)}
    found = [one for one in _NUMBER.findall(text) if _plain(one) not in numbers]
    found += [one for one in _HAN_NUMBER.findall(text) if one not in known]
    units, stems = set(entity_units(known)), set(terms(known))
    for name in names(text):
        begins = not name.start and len(name.text.split()) == 1 and not is_han(name.text[0])
        if not begins and not _is_known(name.text, known, units, stems):
            found.append(name.text)
    return list(dict.fromkeys(found))


def _is_known(name: str, known: str, units: set[str], stems: set[str]) -> bool:
    if is_han(name[0]):
        return name in known or (len(name) > _SHORT_HAN and units.issuperset(entity_units(name)))
    return units.issuperset(entity_units(name)) or stems.issuperset(terms(name))


def _plain(number: str) -> str:
    """1,200 is 1200; dates and times keep their signs."""
    return re.sub(r",(?=\d{3}(?!\d))", "", number)
