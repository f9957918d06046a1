"""Which of the two house languages a text is in, by its script alone."""

from __future__ import annotations

import re

from surefoot.core.types import Lang

_HAN = re.compile("[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile("[\u3041-\u3096\u3099-\u30ff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]")
_LETTER = re.compile(r"[^\W\d_]")
_SAMPLE_CHARS = 4000
_KANA_SHARE = 0.05
_HAN_SHARE = 0.15


def detect(text: str) -> Lang:
    """`zh` for Han script without kana, `en` for Latin script, else `other`.

    Latin-script languages other than English count as `en`: prompts and stemming fall back to it.
    """
    sample = text[:_SAMPLE_CHARS]
    han, kana, latin = (len(script.findall(sample)) for script in (_HAN, _KANA, _LATIN))
    other = len(_LETTER.findall(sample)) - han - kana - latin
    letters = han + kana + latin + other
    if not letters:
        return "other"
    if kana / letters > _KANA_SHARE:
        return "other"
    if han / letters > _HAN_SHARE:
        return "zh"
    return "en" if latin >= other else "other"


def is_han(char: str) -> bool:
    """Whether the character is a Han ideograph."""
    return (
        "\u4e00" <= char <= "\u9fff"
        or "\u3400" <= char <= "\u4dbf"
        or "\uf900" <= char <= "\ufaff"
        or "\U00020000" <= char <= "\U0003ffff"
    )


def mostly_han(text: str) -> bool:
    """Whether more than a quarter of the letters are Han."""
    letters = [char for char in text if char.isalpha()]
    return 4 * sum(map(is_han, letters)) > len(letters)
