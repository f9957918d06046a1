"""How well an answer's words agree with the gold answers: words in English, characters in Chinese."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from surefoot.core.lang import answer_tokens, normalise_answer
from surefoot.core.types import Lang

_MARK = re.compile(r"\s*\[\d+\]")


def exact_match(text: str, gold: Sequence[str], lang: Lang) -> float:
    """1 where the answer equals a gold answer after SQuAD's normalising; citation marks are ignored."""
    said = normalise_answer(plain_answer(text), lang)
    return float(any(said == normalise_answer(answer, lang) for answer in gold))


def token_f1(text: str, gold: Sequence[str], lang: Lang) -> float:
    """The best F1 over the gold answers, of words in English and characters in Chinese."""
    said = Counter(answer_tokens(plain_answer(text), lang))
    return max((_f1(said, Counter(answer_tokens(answer, lang))) for answer in gold), default=0.0)


def contains_gold(text: str, gold: Sequence[str], lang: Lang) -> float:
    """1 where a gold answer stands in the answer as whole words (as characters in Chinese)."""
    said = _padded(plain_answer(text), lang)
    return float(
        any((needle := _padded(answer, lang)).strip() and needle in said for answer in gold)
    )


def plain_answer(text: str) -> str:
    """The answer without its citation marks such as [1]."""
    return _MARK.sub("", text)


def _f1(said: Counter[str], gold: Counter[str]) -> float:
    if not said or not gold:
        return float(said == gold)
    shared = (said & gold).total()
    return 2 * shared / (said.total() + gold.total())


def _padded(text: str, lang: Lang) -> str:
    normal = normalise_answer(text, lang)
    return normal if lang == "zh" else f" {normal} "
