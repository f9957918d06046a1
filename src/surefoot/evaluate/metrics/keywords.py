"""Answers that are lists of keywords: 盐沼；潮汐；碳汇, or salt marsh, tides, carbon. Their order does not count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from surefoot.core.lang import fold, mostly_han, normalise_answer
from surefoot.core.lang.han import simplified
from surefoot.core.types import EvalCase

FORM: Final = "form"
"""The key of a case's `meta` that may say that its answer is a list of keywords."""
KEYWORDS: Final = "keywords"

_SEPARATOR = re.compile(r"\s*(?:[;；、，\n]|,\s|,(?=[\u3400-\u9fff]))\s*")
_LABEL = re.compile(r"^\s*(?:关键词|關鍵詞|关键字|keywords?|key words)\s*[:：]\s*", re.IGNORECASE)
_SENTENCE = re.compile(r"[。！？!?]|\.\s|[\[\]{}:：]")
_LONGEST = {True: 20, False: 60}
"""Characters of the longest item that passes for a keyword, where it is Chinese and where it is not."""


def keyword_list(text: str) -> list[str]:
    """The items of a list, separated by ；、， or a comma with a space or a line; a label before them is taken off."""
    items = _SEPARATOR.split(_LABEL.sub("", text).strip().rstrip("。."))
    return [item.strip(" -*·") for item in items if item.strip(" -*·")]


def are_keywords(cases: Sequence[EvalCase]) -> bool:
    """Whether a set asks for keywords: a case's `meta.form` says so, or most gold answers are lists of short items."""
    if any(FORM in case.meta for case in cases):
        return any(case.meta.get(FORM) == KEYWORDS for case in cases)
    gold = [case.answers[0] for case in cases if case.answers]
    return bool(gold) and 2 * sum(map(_is_list, gold)) > len(gold)


def keyword_f1(text: str, gold: Sequence[str]) -> float:
    """The best F1 over the gold answers of the different keywords, compared folded and without punctuation."""
    said = _keys(text)
    return max((_set_f1(said, _keys(answer)) for answer in gold), default=0.0)


def keywords_valid(text: str, gold: Sequence[str]) -> float:
    """1 where the whole answer is such a list in one line, separated as a gold answer is, no item coming twice."""
    said = text.strip()
    items = keyword_list(said)
    if not items or len(set(items)) < len(items) or not _is_short(said, items):
        return 0.0
    used = _separators(said)
    return float(any(used <= (_separators(answer) or used) for answer in gold))


def _is_list(answer: str) -> bool:
    items = keyword_list(answer)
    return len(items) > 1 and _is_short(answer, items)


def _is_short(text: str, items: Sequence[str]) -> bool:
    if "\n" in text or _SENTENCE.search(text) or _LABEL.match(text):
        return False
    return all(len(item) <= _LONGEST[mostly_han(item)] for item in items)


def _separators(text: str) -> set[str]:
    return {fold(one).strip() for one in _SEPARATOR.findall(text)}


def _keys(text: str) -> set[str]:
    keys = {normalise_answer(simplified(item), "zh") for item in keyword_list(text)}
    return keys - {""}


def _set_f1(said: set[str], gold: set[str]) -> float:
    return 2 * len(said & gold) / (len(said) + len(gold)) if said and gold else 0.0
