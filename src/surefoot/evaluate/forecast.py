"""Says before a run what it will take, from a few of its questions, and after it how near that was.

The questions that are asked for it are part of the run: their rows are taken over, so nothing is paid twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import hypot, sqrt
from random import Random
from statistics import fmean, stdev
from time import perf_counter
from typing import TYPE_CHECKING, Any

from surefoot.core.budget import seconds_said
from surefoot.core.errors import CapReached
from surefoot.core.types import EvalCase, EvalSet
from surefoot.evaluate.course import Course
from surefoot.evaluate.runner import ask_one, asking, judged_of, watched
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.standard import Standard
from surefoot.evaluate.stats.student import NORMAL, student_quantile

if TYPE_CHECKING:
    from surefoot.evaluate.runner import Evaluation, Watch
    from surefoot.run.workspace import Workspace

FEWEST, MOST, ENOUGH_S = 5, 25, 60.0
"""Questions that are asked at least and at most, and the seconds after which no more than the fewest are.

A chat model's replies differ much in length: one in ten of the packaged one goes on to its limit and takes five
times as long as the others. Drawn 2,000 times from 197 such questions, the time of 100 was told within a factor of 1.5
by five of them in 47 %, by 15 (a minute) in 88 %, by 25 in 97 %. They are part of the run: more of them cost nothing.
"""

DRIFT = 0.1
"""How much busier or idler a machine is over a run than over its first questions (standard deviation, as a share).

Measured on 289 runs of 100 questions on eight sets, on a shared machine: intervals of time held what it took in 95 %
of them with this allowance, in 66 % without; 97 % of the forecasts were within a factor of 1.5.
"""

_LEVEL = 0.95
_TIMES = ("wall_s", "cpu_s")
_AMOUNTS: Mapping[str, Callable[[Row], float]] = {
    "wall_s": lambda row: row.latency_ms / 1000,
    "cpu_s": lambda row: row.cpu_ms / 1000,
    "encoder_tokens": lambda row: row.usage.encoder_tokens,
    "prompt_tokens": lambda row: row.usage.prompt_tokens,
    "completion_tokens": lambda row: row.usage.completion_tokens,
    "calls": lambda row: row.usage.calls,
    "dollars": lambda row: row.usage.cost,
}


@dataclass(frozen=True, slots=True)
class Range:
    """An amount that is expected, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What asking `questions` will take, told from the rows of `probed` ones, which are among them.

    Seconds are those of this machine as busy as it is now, opening the models included; scoring comes on top.
    `unpriced` says that an endpoint's price is not known: `dollars` is then not the whole.
    """

    questions: int
    probed: int
    wall_s: Range
    cpu_s: Range
    encoder_tokens: Range
    prompt_tokens: Range
    completion_tokens: Range
    calls: Range
    dollars: Range
    probing_s: float = 0.0
    rows: tuple[Row, ...] = ()
    unpriced: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values without the rows."""
        return asdict(replace(self, rows=()))

    def summary(self) -> str:
        """One line for people."""
        chat = self.prompt_tokens.value + self.completion_tokens.value
        parts = [
            f"{_time(self.wall_s.value)} ({_time(self.wall_s.low)} to {_time(self.wall_s.high)})"
        ]
        if self.calls.value:
            parts.append(f"{self.calls.value:.0f} chat calls, {chat:,.0f} tokens")
        if self.unpriced:
            parts.append("the price of an endpoint is not known")
        elif self.dollars.high:
            money = self.dollars
            parts.append(f"{money.value:.2f} USD ({money.low:.2f} to {money.high:.2f})")
        return f"{self.questions} questions will take about {'; '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Audit:
    """What was forecast over what it took: above 1 it was less than expected. None where nothing was used."""

    wall_s: float | None
    cpu_s: float | None
    tokens: float | None
    dollars: float | None

    def summary(self) -> str:
        """One line for people."""
        said = (("time", self.wall_s), ("tokens", self.tokens), ("money", self.dollars))
        ratios = ", ".join(f"{name} {ratio:.2f}" for name, ratio in said if ratio is not None)
        return f"forecast over what it took: {ratios}"


def forecast(
    space: Workspace,
    evalset: EvalSet,
    *,
    probe: int | None = None,
    course: Course | None = None,
    seed: int = 0,
    watch: Watch | None = None,
) -> Forecast:
    """Asks the first question, which opens the models, and some others drawn at random; the rest is told from them.

    `probe` is how many; None asks up to 25 within a minute, and at least 5. A `course` brings a budget, and what is
    known and not asked again; `watch` sees each outcome, as in the run.

    Raises:
        ConfigError, MissingError: the set-up is to blame.
    """
    course = course or Course()
    judged, standard, ask = judged_of(space), Standard.of(evalset), asking(space, seed=seed)
    ask = watched(ask, watch) if watch else ask
    rows: list[Row] = []
    began = perf_counter()
    unknown = [case for case in evalset.cases if case.id not in course.known]
    for case in _probes(unknown, probe or MOST, seed):
        if probe is None and asked_enough(len(rows), perf_counter() - began):
            break
        try:
            course.check(rows)
        except CapReached:
            break
        row = ask_one(case, ask, judged, perf_counter, standard, fatal=not rows)
        course.count(row)
        rows.append(row)
        if course.progress:
            course.progress(len(course.known) + len(rows), len(evalset.cases))
    return forecast_of(rows, len(unknown), probing_s=perf_counter() - began)


def forecast_of(rows: Sequence[Row], questions: int, *, probing_s: float | None = None) -> Forecast:
    """What so many questions will take, these rows among them; the first row stands for itself alone.

    `probing_s` is how long the rows took with all that is done around them.
    """
    ranges = {
        name: _total([amount(row) for row in rows], questions, DRIFT if name in _TIMES else 0.0)
        for name, amount in _AMOUNTS.items()
    }
    asked_s = sum(row.latency_ms for row in rows) / 1000
    around = 0.0 if probing_s is None else max(0.0, probing_s - asked_s)
    if rows:
        ranges["wall_s"] = _more(ranges["wall_s"], around * questions / len(rows))
    return Forecast(
        questions,
        len(rows),
        **ranges,
        probing_s=asked_s + around,
        rows=tuple(rows),
        unpriced=any(row.usage.unpriced for row in rows),
    )


def audit(ahead: Forecast, found: Evaluation) -> Audit | None:
    """How near the forecast was; None where the run was cut short or took over rows, or where all was asked before."""
    if found.stopped or ahead.probed >= ahead.questions or len(found.rows) != ahead.questions:
        return None
    took = {name: sum(map(amount, found.rows)) for name, amount in _AMOUNTS.items()}
    tokens = ("encoder_tokens", "prompt_tokens", "completion_tokens")
    return Audit(
        _ratio(ahead.wall_s.value, found.asking_s + ahead.probing_s),
        _ratio(ahead.cpu_s.value, took["cpu_s"]),
        _ratio(sum(getattr(ahead, name).value for name in tokens), sum(took[n] for n in tokens)),
        _ratio(ahead.dollars.value, took["dollars"]),
    )


def asked_enough(asked: int, seconds: float) -> bool:
    """Whether so many questions, asked within so many seconds, are enough to tell the rest from."""
    return asked >= MOST or (asked >= FEWEST and seconds > ENOUGH_S)


def _probes(cases: Sequence[EvalCase], most: int, seed: int) -> list[EvalCase]:
    """The first case, then others drawn at random."""
    rest = list(cases[1:])
    Random(seed).shuffle(rest)
    return [*cases[:1], *rest][:most]


def _total(amounts: Sequence[float], questions: int, drift: float) -> Range:
    """The sum over all questions: what is known, and the others as the known ones but the first, after Student."""
    known, warm = sum(amounts), amounts[1:] or amounts
    left = questions - len(amounts)
    if not warm or left <= 0:
        return Range(known, known, known)
    expected = known + left * fmean(warm)
    if len(warm) < 2:
        return Range(expected, known, expected * 3)
    share = (1 + _LEVEL) / 2
    drawn = student_quantile(share, len(warm) - 1) * stdev(warm) * sqrt(left**2 / len(warm) + left)
    spread = hypot(drawn, NORMAL.inv_cdf(share) * drift * (expected - known))
    return Range(expected, max(known, expected - spread), expected + spread)


def _more(found: Range, amount: float) -> Range:
    return Range(found.value + amount, found.low + amount, found.high + amount)


def _ratio(expected: float, took: float) -> float | None:
    return expected / took if took else None


def _time(seconds: float) -> str:
    return seconds_said(round(seconds)) if seconds >= 10 else f"{seconds:.1f}s"
