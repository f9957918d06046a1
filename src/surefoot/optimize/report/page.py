"""What a report shows, as plain values in the reader's language. Knows nothing of HTML, models or databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from surefoot.core.types import Score
from surefoot.optimize.sheets import Sheet

ReportLang = Literal["en", "zh"]
Role = Literal["chosen", "present", "baseline", "frontier", "other"]
Unit = Literal["ms", "usd"]


@dataclass(frozen=True, slots=True)
class Solution:
    """One solution that was measured: its quality with interval, and what a question costs.

    `cpu_ms` is processor time, `latency_ms` the median a person waits, `usd` money for a thousand questions. `named`
    puts its label into the plot whatever its role.
    """

    label: str
    role: Role
    quality: Score
    latency_ms: float
    cpu_ms: float = 0.0
    usd: float = 0.0
    note: str = ""
    named: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What one choice changed: the paired difference to the first option of its axis."""

    axis: str
    option: str
    difference: Score


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of the questions, and what each of the shown solutions scored on it, by its label."""

    by: str
    name: str
    scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Step:
    """What a stage did to a question: its kind, time in milliseconds, and what it said."""

    stage: str
    ms: float
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One question with what was wanted and what came; `before` is the present solution's value, if there is one."""

    id: str
    question: str
    lang: str
    value: float
    wanted: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    answer: str = ""
    failure: str = ""
    before: float | None = None
    trace_id: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A whole report. `facts` are label and text pairs on how it was measured; empty parts are not shown."""

    title: str
    lang: ReportLang
    metric: str
    verdict: str
    remarks: tuple[str, ...] = ()
    figures: tuple[Score, ...] = ()
    solutions: tuple[Solution, ...] = ()
    solutions_note: str = ""
    sheets: tuple[Sheet, ...] = ()
    effects: tuple[Effect, ...] = ()
    slices: tuple[Slice, ...] = ()
    failing: tuple[Question, ...] = ()
    lost: tuple[Question, ...] = ()
    won: tuple[Question, ...] = ()
    asked: int = 0
    left_out: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    commands: tuple[str, ...] = ()
    solution_file: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`."""
        return asdict(self)
