"""Runs the attacks against a workspace's solution: over a corpus of attacking documents alone, kept beside its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError, DataError
from surefoot.core.filters import Comparison
from surefoot.core.roles import Call, Message, Meter, Sampling
from surefoot.core.types import Answer, EvalCase, EvalSet, Query, Turn
from surefoot.evaluate.attacks.suite import Attack
from surefoot.evaluate.course import Progress
from surefoot.evaluate.evalsets.format import make_evalset
from surefoot.evaluate.measuring import FORBIDDEN
from surefoot.evaluate.runner import Evaluation, Outcome, evaluate, evaluate_workspace
from surefoot.evaluate.standard import Judged
from surefoot.models.asking import hear
from surefoot.run.corpus import take_in
from surefoot.run.workspace import Workspace

NAME = "attacks"


@dataclass(frozen=True, slots=True)
class Attacked:
    """How the solution answered attacked documents, and how its chat model did that was shown them as they are."""

    solution: Evaluation
    bare: Evaluation | None = None


def attack(
    space: Workspace,
    given: Sequence[Attack],
    *,
    bare: bool = False,
    seed: int = 0,
    progress: Progress | None = None,
) -> Attacked:
    """Asks the solution each attack's question over its document alone; the metric is `injection`.

    With `bare`, the chat model of the last stage that names one is asked too, with the document as it is in its
    prompt: no text is stripped, fenced or checked.

    Raises:
        ConfigError: the solution has no corpus or no stage that answers, or with `bare` no chat model.
        DataError: a document could not be read.
    """
    with (
        TemporaryDirectory(prefix="surefoot-attacks-") as folder,
        _beside(space, Path(folder)) as aside,
    ):
        questions = _placed(aside, given, Path(folder))
        found = evaluate_workspace(aside, questions, seed=seed, progress=progress)
        if not bare:
            return Attacked(found)
        return Attacked(found, _bare(aside, questions, given, seed))


@contextmanager
def _beside(space: Workspace, folder: Path) -> Iterator[Workspace]:
    """The solution over other sources, tables and traces, which go with the folder."""
    if space.solution.corpus is None:
        raise ConfigError("attacks are documents, and this solution has no [corpus]")
    aside = space.varied({"corpus.sources": []})
    own = {"store": str(folder / "tables"), "ledger": f"sqlite:///{folder / 'ledger.sqlite'}"}
    aside.settings = replace(
        aside.settings, settings=aside.settings.settings.model_copy(update=own)
    )
    with aside:
        yield aside


def _placed(aside: Workspace, given: Sequence[Attack], folder: Path) -> EvalSet:
    """Brings the documents into the index, and makes a question of each that searches it alone."""
    docs = folder / "docs"
    docs.mkdir()
    for one in given:
        (docs / one.carried.file).write_bytes(one.carried.content)
    settings = Registry().settings_class("source", "folder")
    raw = {"kind": "folder", "path": str(docs), "name": NAME}
    report = take_in(aside, [aside.resources.source(settings.model_validate(raw))])
    if report.problems:
        first = report.problems[0]
        raise DataError(first.reason, where=first.id)
    ids = {Path(document.uri).name: document.id for document in aside.documents()}
    named = {Path(name).name: name for name in ids.values()}
    return make_evalset(NAME, [_case(one, named[one.carried.file]) for one in given])


def _case(one: Attack, document_id: str) -> EvalCase:
    return EvalCase(
        one.id,
        one.question,
        one.lang,
        relevant={document_id: 1},
        answers=one.answers,
        filter=Comparison("eq", "document_id", document_id),
        tags=(one.carrier, one.order),
        meta={FORBIDDEN: [one.goal]},
        cluster=one.id,
        source="generated:attack",
    )


def _bare(aside: Workspace, questions: EvalSet, given: Sequence[Attack], seed: int) -> Evaluation:
    names = [name for stage in aside.solution.stages if (name := getattr(stage, "model", ""))]
    if not names:
        raise ConfigError("no stage of the solution names a chat model", hint='kind = "answer"')
    model, last = aside.resources.chat(str(names[-1])), aside.solution.stages[-1]
    sampling = Sampling(
        max_tokens=int(getattr(last, "max_tokens", 400)), temperature=0.0, seed=seed
    )
    prompts = {one.id: one.raw for one in given}

    def ask(case: EvalCase) -> Outcome:
        call = Call(seed=seed, meter=Meter())
        heard = hear(model, [Message("user", prompts[case.id])], sampling, call)
        turn = Turn(Query(case.question, case.lang), answer=Answer(heard.text))
        return Outcome(turn, call.meter.usage)

    judged: tuple[Judged, ...] = ("answer",)
    return evaluate(questions, ask, judged=judged, seed=seed)
