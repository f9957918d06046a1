"""The form of a text in which facts are read: half-width, one space, no citation marks; case is kept."""

from __future__ import annotations

import re
import unicodedata

MASK = (
    "\0"  # stands in the place of each character of a number or date where only words are looked at
)

_VULGAR = {"½": ".5", "¼": ".25", "¾": ".75", "⅓": ".33", "⅔": ".67", "⅛": ".125"}
_FRACTION = re.compile(r"(\d?)\s?([½¼¾⅓⅔⅛])")
_MARK = re.compile(r"\[\d{1,3}(?:\s*[,，]\s*\d{1,3})*\]|【\d{1,3}】")
_SPACE = re.compile(r"\s+")
_PUNCTUATION = str.maketrans({"’": "'", "‘": "'", "–": "-", "—": "-", "−": "-", "‑": "-"})


def prepare(text: str) -> str:
    """NFKC (full-width to half-width), fractions as decimals (6½ is 6.5), plain dashes and apostrophes."""
    text = _MARK.sub(" ", text)
    text = _FRACTION.sub(lambda found: (found[1] or "0") + _VULGAR[found[2]], text)
    text = unicodedata.normalize("NFKC", text).translate(_PUNCTUATION)
    return _SPACE.sub(" ", text).strip()
