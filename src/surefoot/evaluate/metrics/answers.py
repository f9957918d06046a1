"""How well an answer's words agree with the gold answers: words in English, characters in Chinese.

Full-width and half-width forms count as the same, and in Chinese traditional and simplified characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from surefoot.core.lang import answer_tokens, content_terms, mostly_han, normalise_answer
from surefoot.core.lang.han import simplified
from surefoot.core.types import EvalCase, Lang

_MARK = re.compile(r"\s*\[\d+\]")


def answer_lang(case: EvalCase) -> Lang:
    """The language by whose rules a case's answers are compared: Chinese where question or gold answers are."""
    return "zh" if mostly_han(" ".join(case.answers)) else case.lang


def exact_match(text: str, gold: Sequence[str], lang: Lang) -> float:
    """1 where the answer equals a gold answer after SQuAD's normalising; citation marks are ignored."""
    said = _normal(plain_answer(text), lang)
    return float(any(said == _normal(answer, lang) for answer in gold))


def token_f1(text: str, gold: Sequence[str], lang: Lang) -> float:
    """The best F1 over the gold answers, of words in English and characters in Chinese."""
    said = Counter(tokens(plain_answer(text), lang))
    return max((_f1(said, Counter(tokens(answer, lang))) for answer in gold), default=0.0)


def contains_gold(text: str, gold: Sequence[str], lang: Lang) -> float:
    """1 where a gold answer stands in the answer as whole words (as characters in Chinese)."""
    said = _padded(plain_answer(text), lang)
    return float(
        any((needle := _padded(answer, lang)).strip() and needle in said for answer in gold)
    )


def gold_coverage(text: str, gold: Sequence[str], lang: Lang) -> float:
    """The best share, over the gold answers, of the different content words of gold that the answer has too.

    Stems in English, pairs of characters in Chinese.
    """
    said = set(content_terms(_same_script(plain_answer(text), lang)))
    shares = []
    for answer in gold:
        wanted = set(content_terms(_same_script(answer, lang)))
        shares.append(len(wanted & said) / len(wanted) if wanted else 0.0)
    return max(shares, default=0.0)


def plain_answer(text: str) -> str:
    """The answer without its citation marks such as [1]."""
    return _MARK.sub("", text)


def tokens(text: str, lang: Lang) -> list[str]:
    """What F1 and ROUGE-L count: normalised words, in Chinese characters in their simplified form."""
    return answer_tokens(_same_script(text, lang), lang)


def _same_script(text: str, lang: Lang) -> str:
    return simplified(text) if lang == "zh" else text


def _normal(text: str, lang: Lang) -> str:
    return normalise_answer(_same_script(text, lang), lang)


def _f1(said: Counter[str], gold: Counter[str]) -> float:
    if not said or not gold:
        return float(said == gold)
    shared = (said & gold).total()
    return 2 * shared / (said.total() + gold.total())


def _padded(text: str, lang: Lang) -> str:
    normal = _normal(text, lang)
    return normal if lang == "zh" else f" {normal} "
