"""Checks in code whether a cited span supports a sentence. Knows words and values, not meaning: no model is asked.

A number, date or name that the source lacks, a denial on one side only, or too few shared words each refute the
citation. A sentence that twists the source with the source's own words passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from surefoot.core.lang import content_terms, is_han
from surefoot.core.lang.stopwords import STOP_WORDS
from surefoot.core.types import Lang
from surefoot.generate.checking.facts import (
    Amounts,
    initials,
    missing_names,
    negation_mismatch,
    prepare,
    read_amounts,
    wrong_amounts,
)

_ENOUGH = {"en": 0.6, "zh": 0.6, "other": 0.6}
_BEGINNING = 5
_AKIN = 0.7
_HAN_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Support:
    """Whether the source supports the sentence; `score` is the share of its words found (0 to 1), less for each
    contradiction; `reasons` say in plain words what speaks against it."""

    supported: bool
    score: float
    reasons: tuple[str, ...] = ()


def check_support(sentence: str, source: str, lang: Lang, *, above: str = "") -> Support:
    """Compares a sentence with the text that it cites; `lang` is the sentence's language.

    Citation marks are ignored. `above` is what a reader sees before the source, title and headings: it
    names what the source calls “it”. Its names, numbers and dates count as given; its words are set aside,
    so that the source has to say enough of the rest; denials are compared with it and without. Where the
    source is in the other language only numbers, dates and, from Chinese, Latin names are compared.
    """
    sentence, source, above = prepare(sentence), _prepared(source), _prepared(above)
    whole = f"{above} {source}" if above else source
    han = lang == "zh" or (lang == "other" and _is_chinese(sentence))
    said, known = Amounts.of(sentence), read_amounts(whole)
    reasons = wrong_amounts(said, known, han=han)
    if han != _is_chinese(source):
        return Support(not reasons, 0.5 ** (1 + len(reasons)), tuple(reasons))
    worded = said.masked()
    coverage = (_han_coverage if han else _coverage)(worded, source, above)
    reasons += [f"“{name}” is not in the source" for name in missing_names(worded, whole, han=han)]
    if coverage < _ENOUGH[lang]:
        reasons.append(f"only {coverage:.0%} of its words are in the source")
    elif denial := _denied(sentence, source, whole, han=han):
        reasons.append(denial)
    return Support(not reasons, coverage * 0.5 ** len(reasons), tuple(reasons))


@lru_cache(maxsize=64)
def _is_chinese(text: str) -> bool:
    return not text.isascii() and sum(map(is_han, text)) > _HAN_SHARE * len(text)


def _denied(sentence: str, source: str, whole: str, *, han: bool) -> str:
    found = (negation_mismatch(sentence, text, han=han) for text in dict.fromkeys((source, whole)))
    return next(filter(None, found), "")


def _coverage(sentence: str, source: str, above: str) -> float:
    """The share of the sentence's content words, those above aside, that the source has.

    A word of the same beginning counts for most.
    """
    (known, beginnings), (given, given_beginnings) = _words(source), _words(above)
    wanted = [
        term
        for term in content_terms(sentence)
        if not term[0].isdigit() and term not in given and term[:_BEGINNING] not in given_beginnings
    ]
    if not wanted:
        return 1.0
    found = sum(
        1.0 if term in known else _AKIN if term[:_BEGINNING] in beginnings else 0.0
        for term in wanted
    )
    return found / len(wanted)


def _han_coverage(sentence: str, source: str, above: str) -> float:
    """The share of Han characters, function words and what is above aside, in a pair which the source has too."""
    pairs, given = _pairs(source), _pairs(above)
    wanted = found = 0
    for place, char in enumerate(sentence):
        here = {sentence[place : place + 2], sentence[place - 1 : place + 1]}
        if not is_han(char) or char in STOP_WORDS or not here.isdisjoint(given):
            continue
        wanted += 1
        found += not here.isdisjoint(pairs)
    return found / wanted if wanted else 1.0


@lru_cache(maxsize=64)
def _prepared(source: str) -> str:
    return prepare(source)


@lru_cache(maxsize=64)
def _words(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The content terms of a source, and the beginnings of the longer ones."""
    known = frozenset(content_terms(source)) | initials(source)
    return known, frozenset(term[:_BEGINNING] for term in known if len(term) >= _BEGINNING)


@lru_cache(maxsize=64)
def _pairs(source: str) -> frozenset[str]:
    return frozenset(source[place : place + 2] for place in range(len(source) - 1))
