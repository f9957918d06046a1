"""Whether an arm knows of a change: answers are swapped in the documents, and the same questions are asked again.

Right is the new value. The changed documents go into a copy of the index; the user's own is not touched. Arms that read
no documents are asked too: they can only say what they learnt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from surefoot.core.lang import fold
from surefoot.core.types import Document, EvalCase, EvalSet, Score, Task
from surefoot.evaluate.evalsets import make_evalset
from surefoot.evaluate.metrics import answer_lang, contains_gold
from surefoot.evaluate.metrics.sourced import Sourced, is_sourced
from surefoot.evaluate.metrics.spans import located
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.stats import mean_score
from surefoot.optimize.compare.swapping import by_kind, kind_of, swap_for

CHANGED: Final = "changed"
"""The suite's name in `ArmResult.suites`, and the key of a case's `meta` with the old and the new value."""
FRESHNESS: Final = "freshness"
FRESH_BEFORE: Final = "freshness_before"
STALE: Final = "stale"

_ENOUGH: Final = 40
_DISTINCTIVE: Final = 4
_RIGHT: Mapping[Task, str] = {"qa": "right_or_refusal", "format": "answer_contains"}


@dataclass(frozen=True, slots=True)
class Swap:
    """An answer that was changed in a document: what it read there, and what it reads now."""

    case: EvalCase
    document: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Questions whose answers have changed, with the documents' new texts; `metric` says what is right."""

    evalset: EvalSet
    texts: Mapping[str, str]
    swaps: tuple[Swap, ...]
    metric: str


@dataclass(frozen=True, slots=True)
class _Fact:
    """A short answer where it stands: the characters of the document's text that say it."""

    case: EvalCase
    document: Document
    value: str
    places: tuple[tuple[int, int], ...]


def change_facts(
    evalset: EvalSet, documents: Mapping[str, Document], *, limit: int = _ENOUGH, seed: int = 0
) -> Changes | None:
    """The questions whose answer could be swapped, one of a document, `limit` at most; None where there are none.

    An answer can be swapped where it is a number, date or name that stands in the question's evidence, or once in the
    only document named, and another of its kind stands neither in the document nor in the question.
    """
    metric = _RIGHT.get(evalset.task, "")
    facts = [fact for case in evalset.cases if metric and (fact := _fact(case, documents))]
    kinds = by_kind({fact.case.id: (fact.value, fact.case.question) for fact in facts})
    Random(seed).shuffle(facts)
    swaps: dict[str, Swap] = {}
    texts: dict[str, str] = {}
    for fact in facts:
        name = fact.document.id
        if name in swaps or len(swaps) >= limit:
            continue
        made = _swapped(fact, kinds, seed)
        if made is not None:
            swaps[name], texts[name] = made
    if not swaps:
        return None
    ordered = tuple(sorted(swaps.values(), key=lambda swap: swap.case.id))
    cases = [swap.case for swap in ordered]
    made_set = make_evalset(f"{evalset.name}-changed", cases, task=evalset.task)
    return Changes(made_set, texts, ordered, metric)


def freshness_scores(
    changes: Changes, asked: Sequence[Row], before: Sequence[Row], *, seed: int = 0
) -> dict[str, Score]:
    """The share that gives the new value, the share of the same questions that was right before, and that is stale.

    `before` are the rows over the documents as they were; stale is an answer that still gives the old value only.
    """
    known = {row.id: row for row in before}
    rows = {row.id: row for row in asked}
    swaps = [swap for swap in changes.swaps if swap.case.id in rows]
    fresh = [rows[swap.case.id].metrics.get(changes.metric, 0.0) for swap in swaps]
    old = [_is_stale(swap, rows[swap.case.id]) for swap in swaps]
    was = [
        known[swap.case.id].metrics.get(changes.metric, 0.0)
        for swap in swaps
        if swap.case.id in known
    ]
    clusters = [swap.document for swap in swaps]
    found = {
        FRESHNESS: mean_score(FRESHNESS, fresh, clusters=clusters, seed=seed),
        STALE: mean_score(STALE, old, clusters=clusters, seed=seed),
    }
    if len(was) == len(swaps):
        found[FRESH_BEFORE] = mean_score(FRESH_BEFORE, was, clusters=clusters, seed=seed)
    return found


def _is_stale(swap: Swap, row: Row) -> float:
    if row.refused or row.failure is not None or not row.answer:
        return 0.0
    lang = answer_lang(replace(swap.case, answers=(swap.old,)))
    said = contains_gold(row.answer.replace("[", " ").replace("]", " "), [swap.new], lang)
    held = contains_gold(row.answer.replace("[", " ").replace("]", " "), [swap.old], lang)
    return float(held and not said)


def _fact(case: EvalCase, documents: Mapping[str, Document]) -> _Fact | None:
    """The first short answer of a case that can be found where its evidence is."""
    if not case.answerable or not case.answers:
        return None
    spans = located(case)
    relevant = [name for name, grade in case.relevant.items() if grade > 0]
    names = list(dict.fromkeys(span.document_id for span in spans)) or relevant
    if len(names) != 1 or names[0] not in documents:
        return None
    document = documents[names[0]]
    for value in _values(case):
        found = [(m.start(), m.end()) for m in _standing(value).finditer(document.text)]
        inside = [
            place
            for place in found
            if any((span.start or 0) <= place[0] and place[1] <= (span.end or 0) for span in spans)
        ]
        places = inside[:1] or (found if len(found) == 1 else [])
        if not places or not kind_of(value, case.question):
            continue
        raw = document.text[slice(*places[0])]
        everywhere = len(value) >= _DISTINCTIVE or len(found) == 1
        return _Fact(case, document, raw, tuple(found if everywhere else places))
    return None


def _values(case: EvalCase) -> list[str]:
    """The answers as they may stand in a document; of a house form, that of its answer slot."""
    if is_sourced(case.answers):
        return [said for answer in case.answers if (said := Sourced.of(answer).answer)]
    return sorted(case.answers, key=len)


def _standing(value: str) -> re.Pattern[str]:
    """The value as whole words or numbers, in any case."""
    return re.compile(
        rf"(?<![A-Za-z0-9])(?<!\d[.,]){re.escape(value)}(?![A-Za-z0-9])(?![.,]\d)", re.IGNORECASE
    )


def _swapped(fact: _Fact, kinds: Mapping[str, list[str]], seed: int) -> tuple[Swap, str] | None:
    case, document = fact.case, fact.document
    kind = kind_of(fact.value, case.question)
    avoid = f"{document.title}\n{document.text}\n{case.question}"
    new = swap_for(fact.value, kinds.get(kind, []), avoid, f"{seed}:{case.id}")
    if not new:
        return None
    gold = _new_gold(case, fact.value, new)
    if not gold:
        return None
    text = document.text
    for start, end in sorted(fact.places, reverse=True):
        text = text[:start] + new + text[end:]
    changed = replace(
        case,
        answers=(gold,),
        gold=(),
        cluster=document.id,
        split="",
        meta={**case.meta, CHANGED: {"old": fact.value, "new": new}},
    )
    return Swap(changed, document.id, fact.value, new), text


def _new_gold(case: EvalCase, old: str, new: str) -> str:
    """The gold answer with the new value; of a house form with everything else as it was, empty where that fails."""
    if not is_sourced(case.answers):
        return new
    for answer in case.answers:
        was = Sourced.of(answer)
        if was.answer != fold(old):
            continue
        for match in _standing(old).finditer(answer):
            text = answer[: match.start()] + new + answer[match.end() :]
            now = Sourced.of(text)
            if now.answer == fold(new) and now.source == was.source:
                return text
    return ""
