"""How well an answer's wording follows a gold text: ROUGE-L for summaries, chrF for translations. 0 to 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from surefoot.core.types import Lang
from surefoot.evaluate.metrics.answers import plain_answer, tokens

_ORDERS = 6
_BETA = 2.0


def rouge_l(text: str, gold: Sequence[str], lang: Lang) -> float:
    """The best F1 of the longest common subsequence (Lin 2004), of words in English and characters in Chinese."""
    said = tokens(plain_answer(text), lang)
    return max((_subsequence_f1(said, tokens(answer, lang)) for answer in gold), default=0.0)


def chrf(text: str, gold: Sequence[str]) -> float:
    """The best chrF2 (Popović 2015) over the gold texts: pairs to sixes of characters, recall counting double.

    As sacrebleu computes it for one sentence: case and width count, white space does not.
    """
    said = _characters(plain_answer(text))
    return max((_ngram_f(said, _characters(answer)) for answer in gold), default=0.0)


def common_subsequence(left: Sequence[str], right: Sequence[str]) -> int:
    """The length of the longest common subsequence, by bits of whole numbers (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for place, token in enumerate(left):
        places[token] = places.get(token, 0) | 1 << place
    full = (1 << len(left)) - 1
    row = full
    for token in right:
        met = row & places.get(token, 0)
        row = ((row + met) | (row - met)) & full
    return len(left) - row.bit_count()


def _subsequence_f1(said: Sequence[str], gold: Sequence[str]) -> float:
    if not said or not gold:
        return float(list(said) == list(gold))
    return 2 * common_subsequence(said, gold) / (len(said) + len(gold))


def _characters(text: str) -> str:
    return "".join(text.split())


def _ngram_f(said: str, gold: str) -> float:
    """F over the mean precision and recall of those orders that both texts are long enough for."""
    precision = recall = 0.0
    orders = 0
    for n in range(1, _ORDERS + 1):
        mine, theirs = _ngrams(said, n), _ngrams(gold, n)
        if not mine or not theirs:
            continue
        shared = (mine & theirs).total()
        precision += shared / mine.total()
        recall += shared / theirs.total()
        orders += 1
    if not orders or precision + recall == 0:
        return 0.0
    precision, recall = precision / orders, recall / orders
    weight = _BETA**2
    return (1 + weight) * precision * recall / (weight * precision + recall)


def _ngrams(text: str, n: int) -> Counter[str]:
    return Counter(text[place : place + n] for place in range(len(text) - n + 1))
