"""What a workspace shows, so that nobody has to be asked: documents and how they change, examples, machine, model."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from surefoot.config.solution import named_content
from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.core.roles import DocumentState
from surefoot.evaluate.evalsets import evalset_names, find_evalset, load_evalset
from surefoot.optimize.advise.advice import Known
from surefoot.optimize.advise.forms import There
from surefoot.optimize.advise.interview import AdviceLang, Answers, interview, parse_answers
from surefoot.optimize.advise.words import word
from surefoot.run.machine import gpu_count
from surefoot.tune.rows import read_rows

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

_DAY_NS = 86_400_000_000_000
_RECENT_DAYS = 90


@dataclass(frozen=True, slots=True)
class _Set:
    questions: int
    answered: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Answers that need no asking, what they rest on in words by question, and what is there already."""

    answers: Answers = field(default_factory=Answers)
    said: Mapping[str, str] = field(default_factory=dict)
    there: There = field(default_factory=There)

    def beside(self, given: Answers) -> tuple[Answers, Known]:
        """All answers, the given ones before what was seen, and what was seen where nothing was given."""
        said = {key: text for key, text in self.said.items() if key not in given.given()}
        return given.over(self.answers), Known(self.there, said)


def look(space: Workspace | None, now: datetime, lang: AdviceLang = "en") -> Seen:
    """Looks at the workspace, where there is one, and at the machine. `now` is the time from which changes count."""
    looks: list[tuple[str, object, str]] = [_machine(lang)]
    there = There(trainer=find_spec("torch") is not None)
    if space is not None:
        sets, rows = _sets(space), _rows(space)
        there = _there(space, sets, rows)
        looks += [
            *_documents(space, now, lang),
            *_examples(sets, rows, lang),
            *_model(space, lang),
        ]
    answers = {key: value for key, value, _ in looks if value is not None}
    return Seen(parse_answers(answers), {key: text for key, _, text in looks}, there)


def _machine(lang: AdviceLang) -> tuple[str, str, str]:
    gpus = gpu_count()
    value = "cpu" if not gpus else ("gpu" if gpus == 1 else "gpus")
    told = word(lang, "seen.gpu_some", n=gpus) if gpus else word(lang, "seen.gpu_none")
    cores = os.cpu_count() or 1
    return (
        "hardware",
        value,
        word(lang, "seen.hardware", n=cores, gpus=told, said=_answer("hardware", value, lang)),
    )


def _documents(
    space: Workspace, now: datetime, lang: AdviceLang
) -> Iterator[tuple[str, object, str]]:
    good = _indexed(space)
    if not good:
        return
    yield "knowledge", True, word(lang, "seen.documents", n=f"{len(good):,}")
    today = int(now.timestamp() * 1e9) // _DAY_NS
    ages = [today - day for state in good if (day := _day(state.fingerprint)) is not None]
    pace = change_pace(ages)
    if pace is not None:
        days = len({age for age in ages if age <= _RECENT_DAYS})
        said = _answer("changes", pace, lang)
        text = word(lang, "seen.changes", days=days, ago=max(0, min(ages)), said=said)
        yield "changes", pace, text


def change_pace(ages: list[int]) -> str | None:
    """How often documents change, from the days since each was last changed; None where that tells nothing.

    Files that all changed on one day were copied there or made at once, and say nothing about what is to come.
    """
    if len(set(ages)) < 2:
        return None
    month = {age for age in ages if age <= 30}
    if len(month) >= 15:
        return "daily"
    if len(month) >= 3:
        return "weekly"
    if len({age for age in ages if age <= _RECENT_DAYS}) >= 2:
        return "monthly"
    return "yearly"


def _examples(
    sets: Mapping[str, _Set], rows: Mapping[str, int], lang: AdviceLang
) -> Iterator[tuple[str, object, str]]:
    """The largest of the eval sets' human answers and the files of training rows."""
    counts = {name: one.answered for name, one in sets.items()} | dict(rows)
    where = max(counts, key=lambda name: counts[name], default="")
    if where and counts[where]:
        n = counts[where]
        yield "labelled", n, word(lang, "seen.labelled", n=f"{n:,}", where=where)


def _model(space: Workspace, lang: AdviceLang) -> Iterator[tuple[str, object, str]]:
    answering = space.solution.stages[-1]
    models = [name for what, name in named_content(answering) if what == "model"]
    text = word(lang, "seen.model", model=models[0]) if models else word(lang, "seen.quoted")
    yield "model", None, text


def _there(space: Workspace, sets: Mapping[str, _Set], rows: Mapping[str, int]) -> There:
    return There(
        workspace=True,
        documents=bool(_indexed(space)),
        asked=bool(space.ledger.traces(limit=1)),
        evalset=max(sets, key=lambda name: sets[name].questions, default=""),
        rows=max(rows, key=lambda name: rows[name], default=""),
        trainer=find_spec("torch") is not None,
    )


def _indexed(space: Workspace) -> list[DocumentState]:
    if space.solution.corpus is None:
        return []
    return [state for state in space.status() if state.status == "ok"]


def _sets(space: Workspace) -> dict[str, _Set]:
    """The eval sets by name; one that cannot be read is left out. Generated answers are nobody's examples."""
    found = {}
    for name in evalset_names(space.root):
        try:
            cases = load_evalset(find_evalset(name, space.root)).cases
        except (ConfigError, DataError):
            continue
        own = [case for case in cases if not case.source.startswith("generated")]
        found[name] = _Set(len(cases), sum(bool(case.answers) for case in own))
    return found


def _rows(space: Workspace) -> dict[str, int]:
    """The training rows of each file in the workspace's folder, by its name."""
    found = {}
    for file in sorted(space.root.glob("*.jsonl")):
        try:
            found[file.name] = len(read_rows(file).rows)
        except (DataError, MissingError):
            continue
    return found


def _day(fingerprint: str) -> int | None:
    """The day on which a file was last changed, from size and time of change; None where it says no such thing."""
    parts = fingerprint.split("-")
    return int(parts[1]) // _DAY_NS if len(parts) > 1 and parts[1].isdigit() else None


def _answer(key: str, value: str, lang: AdviceLang) -> str:
    return interview().question(key).answer_said(value, lang)
