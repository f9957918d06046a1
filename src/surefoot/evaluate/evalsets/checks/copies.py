"""Questions that are asked twice, contradict each other, or stand on both sides of the split."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from surefoot.core.lang import normalise_answer
from surefoot.core.lang.likeness import near_copies, plain_words
from surefoot.core.types import EvalCase
from surefoot.evaluate.evalsets.checks.base import Finding, Gathered, Ground, Said
from surefoot.evaluate.evalsets.splitting import torn_clusters


def copies(ground: Ground) -> Said:
    """Exact and near copies of questions, copies with other answers, and clusters that a split divides."""
    cases = ground.evalset.cases
    same: defaultdict[tuple[str, str], list[EvalCase]] = defaultdict(list)
    for case in cases:
        same[plain_words(case.question), str(case.filter)].append(case)
    findings = [*_repeated(same), *_near(cases), *_torn(ground)]
    return Said(tuple(findings))


def _repeated(same: Mapping[tuple[str, str], Sequence[EvalCase]]) -> Iterator[Finding]:
    twice, against = Gathered(), Gathered()
    for twins in same.values():
        for other in twins[1:]:
            first = twins[0]
            told = f"{first.id} and {other.id}: {first.question}"
            if _contradict(first, other):
                against.add(first.id, other.id, detail=told)
            else:
                twice.add(first.id, other.id, detail=told)
    yield from against.finding(
        "conflict",
        "wrong",
        "{n} questions are asked more than once with answers that contradict each other",
        "say in the question what tells the two apart, or keep the one that is right",
    )
    yield from twice.finding(
        "duplicates",
        "doubtful",
        "{n} questions are asked more than once, so they count more than once",
        "keep one of each, with the gold passages of both",
    )


def _near(cases: Sequence[EvalCase]) -> Iterator[Finding]:
    near = Gathered()
    for first, second, likeness in near_copies([case.question for case in cases]):
        one, other = cases[first], cases[second]
        if plain_words(one.question) != plain_words(other.question):
            near.add(
                one.id,
                other.id,
                detail=f"{one.id} and {other.id} ({likeness:.0%}): {one.question} | {other.question}",
            )
    yield from near.finding(
        "near duplicates",
        "note",
        "{n} questions nearly copy another one",
        "keep them if people do ask both ways: a split leaves them on one side, and intervals count them together"
        " where they name one cluster",
    )


def _torn(ground: Ground) -> Iterator[Finding]:
    torn = Gathered()
    for ids in torn_clusters(ground.evalset).values():
        torn.add(*ids, detail=", ".join(ids))
    yield from torn.finding(
        "torn clusters",
        "wrong",
        "{n} questions stand in dev and holdout with others that share their document or nearly copy them",
        "surefoot evalset split --again",
    )


def _contradict(one: EvalCase, other: EvalCase) -> bool:
    """Whether both cannot be right: one is unanswerable, or no answer of one stands in any of the other."""
    if one.answerable != other.answerable:
        return True
    mine, theirs = _plain(one), _plain(other)
    return bool(mine and theirs) and not any(a in b or b in a for a in mine for b in theirs)


def _plain(case: EvalCase) -> set[str]:
    return {plain for answer in case.answers if (plain := normalise_answer(answer, case.lang))}
