"""Compares the answers of two runs by a judge, each pair in both orders: what changes with the order is a tie."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from surefoot.core.errors import DataError
from surefoot.core.types import EvalCase, EvalSet, Score, Usage
from surefoot.evaluate.judge.asking import Asked, Judge, Verdict
from surefoot.evaluate.metrics import plain_answer
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.stats import mean_score, paired_difference

Outcome = Literal["base", "other", "tie"]
Progress = Callable[[int, int], None]

_GOLD = {"en": "Gold answer: ", "zh": "标准答案："}
_NOTHING = {"en": "(no answer)", "zh": "（没有回答）"}


@dataclass(frozen=True, slots=True)
class Preference:
    """Which of two runs a judge prefers. `outcomes` are by question; a win needs the same verdict in both orders.

    `score` is the share won by the other run less that won by the base (-1 to 1); `consistent` the share of pairs
    with the same verdict in both orders. A verdict that cannot be read makes a tie and is listed. No labels stand
    behind this: it is uncalibrated.
    """

    outcomes: Mapping[str, Outcome]
    score: Score
    consistent: Score
    failures: tuple[Verdict, ...] = ()
    usage: Usage = Usage()

    def count(self, outcome: Outcome) -> int:
        """How many questions came out so."""
        return sum(found == outcome for found in self.outcomes.values())


def prefer(
    judge: Judge,
    evalset: EvalSet,
    base: Sequence[Row],
    other: Sequence[Row],
    progress: Progress | None = None,
) -> Preference:
    """Judges the questions that both runs asked. Equal answers are a tie and not asked.

    Raises:
        DataError: the two have no question of the eval set in common.
    """
    cases = {case.id: case for case in evalset.cases}
    known = {row.id: row for row in base if row.id in cases}
    pairs = [(cases[row.id], known[row.id], row) for row in other if row.id in known]
    if not pairs:
        raise DataError("the two runs have no question in common", where=evalset.name)
    differing = [pair for pair in pairs if _said(pair[1]) != _said(pair[2])]
    asked = list(chain.from_iterable(_both_orders(*pair) for pair in differing))
    verdicts: list[Verdict] = []
    for verdict in judge.which(asked):
        verdicts.append(verdict)
        if progress:
            progress(len(verdicts), len(asked))
    return _preference([(case, row) for case, _, row in pairs], verdicts)


def _both_orders(case: EvalCase, base: Row, other: Row) -> tuple[Asked, Asked]:
    lang = "zh" if case.lang == "zh" else "en"
    gold = _GOLD[lang] + " / ".join(case.answers) if case.answers else ""
    texts = [_said(row) or _NOTHING[lang] for row in (base, other)]
    made = []
    for first, second in (texts, reversed(texts)):
        values = {"question": case.question, "gold": gold, "first": first, "second": second}
        made.append(Asked(case.id, "judge/pair", "zh" if lang == "zh" else "en", values))
    return made[0], made[1]


def _preference(pairs: Sequence[tuple[EvalCase, Row]], verdicts: Sequence[Verdict]) -> Preference:
    outcomes: dict[str, Outcome] = {case.id: "tie" for case, _ in pairs}
    same: dict[str, float] = {}
    for forward, backward in zip(verdicts[::2], verdicts[1::2], strict=True):
        agreed = _agreed(forward.word, backward.word)
        same[forward.id] = float(agreed is not None)
        outcomes[forward.id] = agreed or "tie"
    groups = {row.id: row.cluster for _, row in pairs}
    won = {"base": -1.0, "tie": 0.0, "other": 1.0}
    values = [won[outcome] for outcome in outcomes.values()]
    return Preference(
        outcomes,
        paired_difference(
            "preference", [0.0] * len(values), values, clusters=[groups[key] for key in outcomes]
        ),
        mean_score("consistent", list(same.values()), clusters=[groups[key] for key in same]),
        tuple(verdict for verdict in verdicts if verdict.failure),
        sum((verdict.usage for verdict in verdicts), Usage()),
    )


def _agreed(forward: str, backward: str) -> Outcome | None:
    """What both orders say; None where they differ or one cannot be read."""
    both: Mapping[tuple[str, str], Outcome] = {
        ("a", "b"): "base",
        ("b", "a"): "other",
        ("tie", "tie"): "tie",
    }
    return both.get((forward, backward))


def _said(row: Row) -> str:
    return plain_answer(row.answer).strip() if row.answer and not row.refused else ""
