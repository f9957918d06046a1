"""Asks a winner its worst questions once more, with a trace, so that a reader can see why. Scores nothing."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from surefoot.core.types import EvalCase
from surefoot.evaluate.runner import ask_one, asking
from surefoot.evaluate.scoring import Row
from surefoot.optimize.spaces.ground import Checked

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

WORST = 20
"""How many questions are traced: what a person reads, and hardly any time."""


def traced(
    space: Workspace,
    winner: Checked,
    rows: Sequence[Row],
    cases: Sequence[EvalCase],
    metric: str,
) -> dict[str, str]:
    """Question to trace id, for the questions with the lowest score; empty where no traces are kept."""
    if not space.settings.settings.trace_keep_days:
        return {}
    failing = [row for row in rows if row.metrics.get(metric, 1.0) < 1.0]
    worst = {row.id for row in sorted(failing, key=lambda row: row.metrics[metric])[:WORST]}
    overrides = {key: value for key, value in winner.plain.items() if key != "schema"}
    with space.varied(overrides) as varied:
        ask = asking(varied)
        asked = [ask_one(case, ask, (), perf_counter) for case in cases if case.id in worst]
    return {row.id: row.trace_id for row in asked if row.trace_id}
