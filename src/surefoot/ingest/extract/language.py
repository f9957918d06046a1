"""The language of a text as an ISO 639-1 code, where there is enough text to tell."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from surefoot.core.lang import detect, is_han

_SAMPLE_CHARS = 3000
_DIGIT = re.compile(r"\d")
_ENOUGH_LETTERS = 24
_SURE = 0.9
_NOISE = re.compile(
    r"```.*?```|`[^`\n]*`|\]\([^)]*\)|https?://\S+|<[^>\n]*>|[|#*_\[\]{}]+", re.DOTALL
)


def language_of(text: str) -> str:
    """Such as `en`, `zh` or `de`; empty where the text is too short. Links, code and marks do not count."""
    words = _NOISE.sub(" ", text[: 4 * _SAMPLE_CHARS]).split()
    sample = " ".join(word for word in words if not _DIGIT.search(word) or is_han(word[0]))[
        :_SAMPLE_CHARS
    ]
    letters = sum(char.isalpha() for char in sample)
    if detect(sample) == "zh" and sum(map(is_han, sample)) >= _ENOUGH_LETTERS // 6:
        return "zh"
    if letters < _ENOUGH_LETTERS:
        return ""
    code, probability = _identifier().classify(sample)
    return str(code) if probability >= _SURE else ""


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
