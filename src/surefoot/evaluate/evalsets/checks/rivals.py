"""Passages that answer as well but are not gold: a search that finds them is called wrong, and is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from surefoot.core.lang import content_terms, is_han, normalise_answer
from surefoot.core.types import EvalCase, Hit, Lang
from surefoot.evaluate.evalsets.checks.base import Gathered, Ground, Said
from surefoot.evaluate.evalsets.checks.overlap import gold_passages
from surefoot.evaluate.evalsets.library import Library
from surefoot.evaluate.evalsets.passages import Searchable
from surefoot.ingest.duplicates import shingles

_SAME_PASSAGE = 0.6  # share of the gold passage's runs of characters that a copy has
_AS_TELLING = 0.9  # of the question's words in the gold passage, how many a rival must have
_MANY_WORDS = 4
_TELLING_CHARS = 3  # of an answer, Han characters twice; shorter ones stand anywhere


def false_negatives(ground: Ground) -> Said:
    """Asks the searched cases and looks at every hit that is not gold.

    A hit is a rival where it has most of the gold passage, or an answer and nearly as many of the question's words
    as the gold passage. A question marked as not answerable is doubted where a hit has all of its words.
    """
    if ground.library is None or ground.find is None:
        return Said(left_out=("false negatives: needs a workspace to search",))
    rivals, answered = Gathered(), Gathered()
    asked = 0
    for case in ground.searched:
        hits = ground.find(case)
        if not case.answerable:
            if hits and _has_all_words(case, hits[0]):
                answered.add(case.id, detail=f"{case.id}: {_place(hits[0])}: {case.question}")
            continue
        asked += 1
        for hit in hits:
            why = _why(case, hit, ground.library)
            if why:
                rivals.add(case.id, detail=f"{case.id}: {_place(hit)} {why}")
    findings = (
        *rivals.finding(
            "false negatives",
            "doubtful",
            f"{{n}} of {asked} questions are answered by passages that are not gold",
            "add them to the gold in surefoot evalset review, or say in the question which one is meant",
        ),
        *answered.finding(
            "unanswerable",
            "note",
            "{n} questions are marked as not answerable, yet the best passage has all of their words",
            "look at them in surefoot evalset review",
        ),
    )
    eligible = len([case for case in ground.evalset.cases if is_searched(case)])
    done = len(ground.searched)
    left = f"false negatives: looked for at {done} of {eligible} questions"
    return Said(findings, left_out=(left,) if done < eligible else ())


def is_searched(case: EvalCase) -> bool:
    """Whether a search can tell something of the case: it names relevant documents, or says that there are none."""
    return not case.answerable or any(grade > 0 for grade in case.relevant.values())


def _has_all_words(case: EvalCase, hit: Hit) -> bool:
    words = set(content_terms(case.question))
    return len(words) >= _MANY_WORDS and words <= set(content_terms(hit.chunk.text))


def _place(hit: Hit) -> str:
    return f"{hit.chunk.document_id}[{hit.chunk.start}:{hit.chunk.end}]"


def _why(case: EvalCase, hit: Hit, library: Library) -> str:
    if hit.chunk.document_id in case.relevant:
        return ""
    passages = list(gold_passages(case, library.plain))
    if _is_copy(hit.chunk.text, passages):
        return "copies the gold passage"
    answer = _answer_in(hit.chunk.text, case)
    words = set(content_terms(case.question))
    if not answer or not words or not passages:
        return ""
    gold = max(len(words.intersection(content_terms(passage))) for passage in passages)
    own = len(words.intersection(content_terms(hit.chunk.text)))
    needed = gold if _is_number(answer) else _AS_TELLING * gold
    return f"has the answer {answer!r}" if own and own >= needed else ""


def _is_copy(text: str, passages: Sequence[str]) -> bool:
    own = shingles(text)
    for passage in passages:
        gold = shingles(passage)
        common = len(np.intersect1d(own, gold, assume_unique=True))
        if len(own) >= len(gold) / 2 and common >= _SAME_PASSAGE * min(len(own), len(gold)):
            return True
    return False


def _answer_in(text: str, case: EvalCase) -> str:
    plain = normalise_answer(text, case.lang)
    for answer in case.answers:
        wanted = normalise_answer(answer, case.lang)
        if sum(1 + is_han(char) for char in wanted if char.isalnum()) < _TELLING_CHARS:
            continue
        if _stands(wanted, plain, case.lang):
            return answer
    quotes = (span.quote for span in case.gold if len(span.quote) >= 4 * _TELLING_CHARS)
    document = Searchable(text)
    return next((quote for quote in quotes if document.find(quote)), "")


def _stands(wanted: str, text: str, lang: Lang) -> bool:
    """Whether the words stand in the text as words: 16 does not stand in 160."""
    if lang != "zh":
        return f" {wanted} " in f" {text} "
    start = text.find(wanted)
    while start >= 0:
        around = text[max(0, start - 1) : start + 1], text[start + len(wanted) - 1 :][:2]
        if not any(len(pair) == 2 and pair.isdigit() for pair in around):
            return True
        start = text.find(wanted, start + 1)
    return False


def _is_number(answer: str) -> bool:
    return not any(char.isalpha() for char in answer)
