"""The options that ask more of an evaluation: parts, similarity, a judge. Joins them; `evaluate` does the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.command import Options
from surefoot.cli.render import plain, progress
from surefoot.cli.scores import print_grades, print_preference, print_slices
from surefoot.core.errors import ConfigError

if TYPE_CHECKING:
    from surefoot.core.types import EvalCase, EvalSet
    from surefoot.evaluate.judge import Grades, Judge, Label, Preference
    from surefoot.evaluate.runner import Evaluation, Outcome, Watch
    from surefoot.evaluate.slices import Slice
    from surefoot.run.workspace import Workspace

Passages = dict[str, list[str]]

_AT_ONCE = 4  # calls to a model at an address
_PANEL = "Metrics and judge"


@dataclass(frozen=True, slots=True)
class More:
    """What is asked of an evaluation beside its default metrics."""

    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="WAYS",
            rich_help_panel=_PANEL,
            help="Scores of parts: lang, type, tag, source, answerable, cluster; several with commas.",
        ),
    ] = None
    similarity: Annotated[
        bool,
        typer.Option(
            "--similarity",
            rich_help_panel=_PANEL,
            help="How near in meaning answers are to gold, by the encoder.",
        ),
    ] = False
    judge: Annotated[
        str | None,
        typer.Option(
            "--judge",
            metavar="MODEL",
            rich_help_panel=_PANEL,
            help="A chat model that grades answers: a catalog alias, a .gguf file, http:NAME.",
        ),
    ] = None
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels",
            metavar="FILE",
            rich_help_panel=_PANEL,
            help="People's verdicts, which correct the judge: {id, right, answer} a line.",
        ),
    ] = None
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="RUN",
            rich_help_panel=_PANEL,
            help="The judge compares the answers with those of a kept run, in both orders.",
        ),
    ] = None

    attacks: Annotated[
        bool,
        typer.Option(
            "--attacks",
            rich_help_panel=_PANEL,
            help="No EVALSET: documents that give orders, and how often answers follow (injection).",
        ),
    ] = False
    bare: Annotated[
        bool,
        typer.Option(
            "--bare",
            rich_help_panel=_PANEL,
            help="With --attacks: the chat model alone too, shown the documents as they are.",
        ),
    ] = False

    def words(self) -> list[str]:
        """The options as they are typed."""
        given = {"--by": self.by, "--judge": self.judge, "--labels": self.labels}
        given["--against"] = self.against
        words = [word for name, value in given.items() if value for word in (name, str(value))]
        return [*words, "--similarity"] if self.similarity else words


@dataclass(slots=True)
class Found:
    """What was found beside the default metrics."""

    evaluation: Evaluation
    parts: Sequence[Slice] = ()
    grades: Sequence[Grades] = ()
    preference: Preference | None = None

    def to_record(self, more: More) -> dict[str, Any]:
        """What a kept run cannot compute again: what the judge said."""
        found: dict[str, Any] = plain(self.to_json(more))
        return {name: value for name, value in found.items() if name != "slices"}

    def to_json(self, more: More) -> dict[str, Any]:
        """Plain values of what was asked for."""
        found: dict[str, Any] = {}
        if more.by:
            found["slices"] = self.parts
        if more.judge:
            found["judge"] = {one.asked: _plain(one) for one in self.grades}
        if self.preference:
            found["preference"] = self.preference
        return found


def check(more: More, evalset: str) -> None:
    """Refuses what does not go together, before anything is asked.

    Raises:
        ConfigError: `--labels` or `--against` without `--judge`, `--bare` without `--attacks`, both or none of eval set
            and `--attacks`, or an unknown division.
    """
    from surefoot.evaluate.slices import slices

    if more.attacks == bool(evalset) or (more.bare and not more.attacks):
        raise ConfigError("name an eval set, or give --attacks, with --bare or without")
    if more.judge is None and (more.labels or more.against):
        raise ConfigError("--labels and --against need --judge MODEL")
    slices([], [], ways(more))


@dataclass(frozen=True, slots=True)
class Judging:
    """What a judge needs beside rows: the texts that were found for each question, and whether to show progress."""

    passages: Passages
    quiet: bool


def ways(more: More) -> list[str]:
    """The divisions asked for."""
    return [way.strip() for way in (more.by or "").split(",") if way.strip()]


def watcher(passages: Passages, more: More) -> Watch | None:
    """Keeps the texts found for each question where a judge wants them, those that the answer cites first."""

    def watch(case: EvalCase, outcome: Outcome) -> None:
        answer = outcome.turn.answer
        cited = [citation.chunk.text for citation in answer.citations] if answer else []
        found = [hit.chunk.text for hit in outcome.turn.hits]
        passages[case.id] = list(dict.fromkeys((*cited, *found)))

    return watch if more.judge else None


def extend(
    space: Workspace,
    evalset: EvalSet,
    evaluation: Evaluation,
    more: More,
    judging: Judging,
) -> Found:
    """Computes what was asked for beside the default metrics."""
    from surefoot.evaluate.similarity import with_similarity
    from surefoot.evaluate.slices import slices

    if more.similarity:
        evaluation = with_similarity(space, evalset, evaluation)
    found = Found(evaluation)
    if more.by:
        metrics = [evaluation.headline] if evaluation.headline else []
        found.parts = slices(evaluation.rows, metrics, ways(more), seed=evaluation.seed)
    if more.judge:
        _judged(space, evalset, found, more, judging)
    return found


def show(found: Found, more: More, options: Options) -> None:
    """Prints what was asked for."""
    if more.by:
        print_slices(found.parts, ways(more), options)
    print_grades(found.grades, options)
    if found.preference:
        print_preference(found.preference, more.against or "", options)


def _judged(
    space: Workspace,
    evalset: EvalSet,
    found: Found,
    more: More,
    judging: Judging,
) -> None:
    from surefoot.evaluate.judge import (
        grade_correct,
        grade_grounded,
        labels_of,
        prefer,
        read_labels,
    )
    from surefoot.evaluate.runs import load_run

    rows, judge = found.evaluation.rows, _judge(space, more.judge or "")
    labels: list[Label] = read_labels(more.labels) if more.labels else labels_of(evalset)
    with progress("judging", quiet=judging.quiet) as tell:
        grades = []
        if any(case.answers for case in evalset.cases):
            grades.append(grade_correct(judge, evalset, rows, labels, tell))
        if any(judging.passages.values()):
            grades.append(grade_grounded(judge, rows, judging.passages, (), tell))
        found.grades = grades
        if more.against:
            base = load_run(space, more.against).rows
            found.preference = prefer(judge, evalset, base, rows, tell)


def _judge(space: Workspace, model: str) -> Judge:
    from surefoot.config.prompts import Prompts
    from surefoot.evaluate.judge import Judge
    from surefoot.models.chat import HTTP

    workers = _AT_ONCE if model.startswith(HTTP) else 1
    opened = space.resources.chat(model)
    return Judge(opened, Prompts(space.place.prompts).get, workers=workers)


def _plain(one: Grades) -> dict[str, Any]:
    return {
        "score": one.score,
        "calibrated": one.calibrated,
        "judge_alone": one.plain,
        "agreement": one.agreement,
        "too_few_labels": one.too_few,
        "other_labels": one.other_labels,
        "usage": one.usage,
        "values": one.values,
        "failures": [{"id": verdict.id, "failure": verdict.failure} for verdict in one.failures],
    }
