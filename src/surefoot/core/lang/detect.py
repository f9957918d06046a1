"""Which of the two house languages a text is in, by its script alone."""

from __future__ import annotations

from surefoot.core.types import Lang

_SAMPLE_CHARS = 4000
_KANA_SHARE = 0.05
_HAN_SHARE = 0.15


def detect(text: str) -> Lang:
    """`zh` for Han script without kana, `en` for Latin script, else `other`.

    Latin-script languages other than English count as `en`: prompts and stemming fall back to it.
    """
    han = kana = latin = other = 0
    for char in text[:_SAMPLE_CHARS]:
        if is_han(char):
            han += 1
        elif "\u3040" <= char <= "\u30ff":
            kana += 1
        elif char.isalpha():
            if char < "\u0250":
                latin += 1
            else:
                other += 1
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
