"""Says what the writing will take before it starts, from a few of its own requests; their replies are kept.

Reading and writing speed are measured apart: the first request about a document is read whole, those after it only
where they differ, so their speeds are told apart too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from math import sqrt
from random import Random
from statistics import fmean, stdev
from typing import Final

from surefoot.core.budget import seconds_said
from surefoot.core.roles import DocumentState, Request
from surefoot.ingest.sync import Tools
from surefoot.ingest.writing.asker import Asker, Timed
from surefoot.ingest.writing.desk import Desk, Task
from surefoot.ingest.writing.finish import Open, opened

PROBED_DOCUMENTS: Final = 3
PROBED_EACH: Final = 3
"""Documents drawn at random, and requests of each writer about each, that are asked to tell the rest from."""
PROBE_S: Final = 60.0
FEW: Final = 12
"""Up to so many calls nothing is probed: they are quick enough to do."""
_DRIFT: Final = 0.1  # by which a machine's speed may change while it works, as a share
_SURE: Final = 2.0  # standard errors


@dataclass(frozen=True, slots=True)
class Ahead:
    """What one writer is going to take. Seconds with their range (95 %); None where nothing was probed.

    `reading` and `writing` are tokens per second as measured; `documents` those that it is asked about.
    """

    name: str
    model: str
    documents: int
    calls: int
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float | None = None
    low_s: float | None = None
    high_s: float | None = None
    dollars: float | None = 0.0
    reading: float | None = None
    writing: float | None = None
    probed: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What all writers are going to take, the probes that were asked for it taken off."""

    parts: tuple[Ahead, ...] = ()

    @property
    def calls(self) -> int:
        """All calls that are left."""
        return sum(part.calls for part in self.parts)

    def lines(self) -> list[str]:
        """One line a writer, for people."""
        return [_line(part) for part in self.parts if part.calls]


@dataclass(slots=True)
class _Survey:
    """What one writer has to ask: how often, about how many documents, in how many characters."""

    model: str
    calls: int = 0
    documents: int = 0
    chars: int = 0
    first: list[tuple[Task, Timed]] = field(default_factory=list)
    rest: list[tuple[Task, Timed]] = field(default_factory=list)

    def probed(self, task: Task, timed: Timed, *, is_first: bool) -> None:
        """Takes in a request that was asked, which is no more to come."""
        (self.first if is_first else self.rest).append((task, timed))
        self.calls -= 1
        self.chars -= _chars(task.request)

    def add(self, tasks: Sequence[Task]) -> None:
        self.calls += len(tasks)
        self.documents += 1
        self.chars += sum(_chars(task.request) for task in tasks)


def forecast(
    tools: Tools, asker: Asker, states: Sequence[DocumentState], *, probe: bool = True
) -> Forecast:
    """Counts all requests that are missing, asks a few of them, and tells the rest from those."""
    surveys: dict[str, _Survey] = {}
    drawn: list[Open] = []
    draw = Random(0)
    for place, one in enumerate(opened(tools, asker.desk, states)):
        for name, tasks in _by_writer(asker.desk, one).items():
            surveys.setdefault(name, _Survey(tasks[0].writer.model)).add(tasks)
        if len(drawn) < PROBED_DOCUMENTS:
            drawn.append(one)
        elif (spot := draw.randrange(place + 1)) < PROBED_DOCUMENTS:
            drawn[spot] = one
    if probe and sum(survey.calls for survey in surveys.values()) > FEW:
        _probe(asker, drawn, surveys, tools.clock)
    parts = []
    for name, survey in surveys.items():
        others = [other for other in surveys.values() if other.model == survey.model]
        parts.append(_ahead(name, survey, others))
    return Forecast(tuple(parts))


def _probe(
    asker: Asker, drawn: Sequence[Open], surveys: Mapping[str, _Survey], clock: Callable[[], float]
) -> None:
    """Asks about one document after the other, every writer in turn, until there are enough or it takes too long."""
    if asker.is_spent:
        return
    for model in {survey.model for survey in surveys.values()}:
        asker.desk.model(model)  # opening it is no part of its speed
    began = clock()
    for one in drawn:
        asker.desk.hold({one.document.id: [task.key for task in one.tasks]})
        asker.begun.add(one.document.id)
        by_writer = _by_writer(asker.desk, one)
        turns = zip_longest(*(tasks[:PROBED_EACH] for tasks in by_writer.values()))
        for place, turn in enumerate(turns):
            for task in filter(None, turn):
                known = all(survey.first for survey in surveys.values())
                timed = None if known and clock() - began > PROBE_S else asker.ask(task)
                if timed is None:
                    return
                survey, tasks = surveys[task.writer.name], by_writer[task.writer.name]
                survey.probed(task, timed, is_first=not place)
                survey.documents -= place == len(tasks) - 1


def _by_writer(desk: Desk, one: Open) -> dict[str, list[Task]]:
    found: dict[str, list[Task]] = {}
    for task in desk.missing(one.tasks):
        found.setdefault(task.writer.name, []).append(task)
    return found


def _ahead(name: str, survey: _Survey, others: Sequence[_Survey]) -> Ahead:
    """What a writer takes by its own probes; by those of others of the same model where it has none."""
    own = survey if survey.first else _together(others)
    probes = [*own.first, *own.rest]
    calls = survey.calls
    if not probes or not calls:
        return Ahead(name, survey.model, survey.documents, calls, probed=len(probes))
    chars = sum(_chars(task.request) for task, _ in probes)
    usages = [timed.usage for _, timed in probes]
    tokens = round(survey.chars * sum(usage.prompt_tokens for usage in usages) / max(1, chars))
    said = round(calls * fmean(usage.completion_tokens for usage in usages))
    reading, writing = _reading(own.first), _writing(probes)
    share = min(1.0, survey.documents / calls)
    again = _reading(own.rest) or reading
    seconds = tokens * (share / reading + (1 - share) / again) + said / writing
    spread = _spread(probes)
    return Ahead(
        name,
        survey.model,
        survey.documents,
        calls,
        tokens,
        said,
        seconds,
        seconds * max(0.1, 1 - spread),
        seconds * (1 + spread),
        None
        if any(usage.unpriced for usage in usages)
        else calls * fmean(usage.cost for usage in usages),
        reading,
        writing,
        len(probes),
    )


def _together(surveys: Sequence[_Survey]) -> _Survey:
    return _Survey(
        "",
        first=[probe for survey in surveys for probe in survey.first],
        rest=[probe for survey in surveys for probe in survey.rest],
    )


def _reading(probes: Sequence[tuple[Task, Timed]]) -> float:
    """Prompt tokens read in a second; 0 where there are none."""
    took = sum(timed.reading_s for _, timed in probes)
    return sum(timed.usage.prompt_tokens for _, timed in probes) / max(took, 1e-6)


def _writing(probes: Sequence[tuple[Task, Timed]]) -> float:
    """Tokens written in a second."""
    took = sum(timed.writing_s for _, timed in probes)
    return max(1, sum(timed.usage.completion_tokens for _, timed in probes)) / max(took, 1e-6)


def _spread(probes: Sequence[tuple[Task, Timed]]) -> float:
    """By how much of itself the sum may be off: the error of the mean of the probes, and drift."""
    times = [timed.reading_s + timed.writing_s for _, timed in probes]
    if len(times) < 2 or not fmean(times):
        return 1.0
    error = stdev(times) / fmean(times) / sqrt(len(times))
    return min(1.0, _SURE * error + _DRIFT)


def _chars(request: Request) -> int:
    return sum(len(message.content) for message in request.messages)


def _line(part: Ahead) -> str:
    said = f"{part.name} by {part.model}: {part.calls} calls about {part.documents} documents"
    if part.seconds is None or part.prompt_tokens is None or part.completion_tokens is None:
        return said
    low, high = part.low_s or 0.0, part.high_s or 0.0
    cost = f", {part.dollars:.2f} USD" if part.dollars else ""
    cost = ", price not known" if part.dollars is None else cost
    return (
        f"{said}, {part.prompt_tokens:,} tokens read and {part.completion_tokens:,} written, about "
        f"{_time(part.seconds)} ({_time(low)} to {_time(high)}){cost}; told from {part.probed} calls: "
        f"{part.reading:,.0f} tokens read and {part.writing:,.0f} written a second"
    )


def _time(seconds: float) -> str:
    return seconds_said(round(seconds)) if seconds >= 10 else f"{seconds:.1f}s"
