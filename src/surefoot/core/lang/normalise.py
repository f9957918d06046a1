"""Foldings under which two texts count as the same."""

from __future__ import annotations

import re
import unicodedata

from surefoot.core.lang.detect import is_han
from surefoot.core.types import Lang

_ARTICLES = re.compile(r"\b(a|an|the)\b")
# Nearly all that NFKC changes in Chinese text; once they are replaced, its quick check passes most texts.
_WIDE = tuple((char, unicodedata.normalize("NFKC", char)) for char in "，：；！？（）％～…\u3000")


def fold(text: str) -> str:
    """NFKC (full-width to half-width), lower case, white space collapsed."""
    if not text.isascii():
        for wide, narrow in _WIDE:
            text = text.replace(wide, narrow)
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.lower().split())


def normalise_answer(text: str, lang: Lang) -> str:
    """What SQuAD's exact match compares: folded, no punctuation, no English articles, no spaces in Chinese."""
    kept = "".join(
        char if not unicodedata.category(char).startswith(("P", "S")) else " "
        for char in fold(text)
    )
    if lang == "zh":
        return "".join(kept.split())
    return " ".join(_ARTICLES.sub(" ", kept).split())


def answer_tokens(text: str, lang: Lang) -> list[str]:
    """Units of token F1: words in English; in Chinese each Han character and each run of other characters."""
    words = normalise_answer(text, "en" if lang != "zh" else "other").split()
    if lang != "zh":
        return words
    return [token for word in words for token in _han_apart(word)]


def _han_apart(word: str) -> list[str]:
    tokens: list[str] = []
    run = ""
    for char in word:
        if is_han(char):
            if run:
                tokens.append(run)
                run = ""
            tokens.append(char)
        else:
            run += char
    return [*tokens, run] if run else tokens
