"""The verdict: the chosen solution against the present and the plain one, on questions nothing was chosen by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from surefoot.core.types import EvalCase, Split
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.stats import compare, mean_score
from surefoot.optimize.result import Compared, Unseen
from surefoot.optimize.search.rules import Rules
from surefoot.optimize.trial import Bench, Candidate, Request

Spend = Callable[[], bool]
"""Marks the holdout as used; False where another search or run had used it before."""
Rows = Mapping[str, Row]


def unseen(
    bench: Bench,
    cases: Sequence[EvalCase],
    candidates: Sequence[Candidate],
    rules: Rules,
    spend: Spend,
) -> Unseen:
    """Asks the candidates (the chosen one first) every case, and compares the first with each of the others.

    The comparisons are one family: their intervals and p are corrected for how many there are.

    Raises:
        CapReached: the budget did not reach; what was asked is kept, and the holdout counts as used.
    """
    fresh = spend()
    distinct = list({one.digest: one for one in candidates}.values())
    ids = tuple(case.id for case in cases)
    rows: dict[str, Rows] = {
        one.digest: {row.id: row for row in asked}
        for one, asked in bench.ask([Request(one, ids) for one in distinct])
    }
    chosen, *others = distinct
    compared = tuple(
        one
        for other in others
        if (
            one := compared_rows(
                (chosen.digest, other.digest),
                (rows[chosen.digest], rows[other.digest]),
                cases,
                rules,
                ("holdout", len(others)),
            )
        )
    )
    scores = {
        digest: mean_score(
            rules.metric,
            [row.metrics[rules.metric] for row in found.values() if rules.metric in row.metrics],
            seed=rules.seed,
        )
        for digest, found in rows.items()
    }
    return Unseen(scores, compared, len(ids), spent=not fresh)


def compared_rows(
    digests: tuple[str, str],
    rows: tuple[Rows, Rows],
    cases: Sequence[EvalCase],
    rules: Rules,
    where: tuple[Split, int],
) -> Compared | None:
    """The first solution minus the second on the questions both were asked; `where`: the split, the family's size.

    None where no question was asked of both.
    """
    one, other = rows
    metric, (split, family) = rules.metric, where
    common = [
        case
        for case in cases
        if metric in _metrics(one.get(case.id)) and metric in _metrics(other.get(case.id))
    ]
    if not common:
        return None
    first = [one[case.id].metrics[metric] for case in common]
    second = [other[case.id].metrics[metric] for case in common]
    found = compare(
        second,
        first,
        clusters=[case.cluster or case.id for case in common],
        margin=rules.margin,
        family=family,
        seed=rules.seed,
    )
    gaps = {case.id: a - b for case, a, b in zip(common, first, second, strict=True)}
    return Compared(
        digest=digests[0],
        against=digests[1],
        split=split,
        kind=found.kind,
        difference=found.difference,
        p=found.p,
        needed=found.needed,
        few=found.few,
        wins=tuple(sorted((name for name in gaps if gaps[name] > 0), key=lambda x: -gaps[x])),
        losses=tuple(sorted((name for name in gaps if gaps[name] < 0), key=lambda x: gaps[x])),
        ties=sum(gap == 0 for gap in gaps.values()),
    )


def _metrics(row: Row | None) -> Mapping[str, float]:
    return row.metrics if row else {}
