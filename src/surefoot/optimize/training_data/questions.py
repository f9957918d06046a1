"""Where questions come from: rows of files, eval sets, and the documents of the workspace."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surefoot.core.errors import MissingError
from surefoot.core.lang import content_terms, mostly_han, sentence_spans
from surefoot.core.types import EvalCase, EvalSet, GoldSpan, Usage
from surefoot.evaluate.evalsets import find_evalset, load_evalset, locate
from surefoot.evaluate.evalsets.format import CaseRow
from surefoot.evaluate.generate import CreateSettings, create_evalset
from surefoot.evaluate.generate.pages import in_print
from surefoot.evaluate.hidden import HIDDEN
from surefoot.ingest.extract.encoding import decode
from surefoot.tune.data import Taught
from surefoot.tune.reading import Reading, join_readings, read_text
from surefoot.tune.rows import Origin

if TYPE_CHECKING:
    from surefoot.optimize.training_data.settings import DataSettings
    from surefoot.run.workspace import Workspace

_SAID_CHARS: Final = {"en": 320, "zh": 130}
_SENTENCES: Final = 2
_VERBATIM: Final = ("written", "table")
"""Methods whose answers say more than the text does where it stands."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What files hold: rows, and questions of eval sets."""

    reading: Reading = field(default_factory=Reading)
    cases: tuple[EvalCase, ...] = ()
    formats: dict[str, int] = field(default_factory=dict)


def read_inputs(files: Sequence[Path], root: Path | None = None) -> Inputs:
    """Files of rows and eval sets, told apart by what is in them; a name is looked for in `evalsets/` of the workspace.

    Raises:
        MissingError: there is no such file or set.
        DataError: a file holds no row.
    """
    readings: list[Reading] = []
    cases: list[EvalCase] = []
    for file in files:
        path = _place(file, root)
        if path.is_dir():
            cases += load_evalset(path).cases
            continue
        text = decode(path.read_bytes())
        if _is_evalset(text):
            cases += load_evalset(path).cases
        else:
            readings.append(read_text(text, str(path)))
    joined = join_readings(readings)
    told = {"eval set": len(cases)} if cases else {}
    return Inputs(joined, tuple(cases), {**joined.formats, **told})


def read_sets(names: Sequence[Path], root: Path | None = None) -> list[EvalCase]:
    """The questions of eval sets."""
    return [case for name in names for case in load_evalset(find_evalset(name, root)).cases]


def made_questions(
    space: Workspace,
    wanted: DataSettings,
    more: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[EvalSet, dict[str, int], Usage]:
    """Questions from the documents, `more` of them than wanted; why others were dropped, and what a chat model took.

    Questions that are sentences of the documents serve as queries alone: whoever is shown the passage would see them.
    """
    settings = CreateSettings(
        name="tuning",
        questions=wanted.questions + more,
        languages=wanted.languages,
        methods=wanted.methods,
        hidden=wanted.kind == "pairs",
        unanswerable=wanted.raft.absent / 2 if wanted.kind == "raft" else 0.0,
        model=wanted.model,
        calls=wanted.calls,
        seed=wanted.seed,
    )
    made = create_evalset(space, settings, progress)
    return made.evalset, dict(made.report.rejected), made.report.usage


def taught_cases(
    space: Workspace | None, cases: Sequence[EvalCase], *, model: str = ""
) -> Iterator[Taught]:
    """The cases as questions with what is to be said.

    That is their first answer; else, and for questions that were made from the documents, the sentences of the gold
    that say most of what is asked.
    """
    placed = cases
    if space is not None and cases and space.solution.corpus is not None:
        found = EvalSet("tuning", "", tuple(cases))
        placed = locate(found, space.documents()).evalset.cases
    for case in placed:
        method = case.source.partition(":")[2]
        generator = (
            (f"model:{model}" if method == "written" else f"template:{method}")
            if (method)
            else "given"
        )
        yield Taught(
            id=case.id,
            question=case.question,
            completion=_said(case, method) if case.answerable else "",
            lang=case.lang,
            answerable=case.answerable,
            answers=case.answers,
            gold=tuple(_golds(case)),
            hidden=_hidden(case),
            origin=Origin(
                document=next(iter(case.relevant), "") if case.answerable else "",
                start=case.gold[0].start if case.gold else None,
                end=case.gold[0].end if case.gold else None,
                generator=generator,
                source="" if method else case.id,
                cluster=case.cluster,
            ),
        )


def _golds(case: EvalCase) -> Iterator[GoldSpan]:
    """The spans of the case, and relevant documents that have none."""
    spoken = {span.document_id for span in case.gold}
    yield from (span for span in case.gold if span.grade > 0)
    for name, grade in case.relevant.items():
        if grade > 0 and name not in spoken:
            yield GoldSpan(name, "")


def _said(case: EvalCase, method: str) -> str:
    quote = next((span.quote for span in case.gold if span.quote), "")
    if case.answers and (not method or method in _VERBATIM or not quote):
        return case.answers[0]
    return telling(case.question, quote)


def telling(question: str, text: str) -> str:
    """The sentences of a text, at most two, that have most of what is asked; the whole text where it is short."""
    spans = [in_print(text[start:end]) for start, end in sentence_spans(text)]
    said = [sentence for sentence in spans if sentence]
    joint = "" if mostly_han(text) else " "
    whole = joint.join(said)
    if len(said) <= _SENTENCES or len(whole) <= _SAID_CHARS["zh" if joint == "" else "en"] // 2:
        return whole
    wanted = set(content_terms(question))
    worth = {place: len(wanted & set(content_terms(one))) for place, one in enumerate(said)}
    best = sorted(worth, key=lambda place: (-worth[place], place))[:_SENTENCES]
    return joint.join(said[place] for place in sorted(best) if worth[place] or place == best[0])


def _hidden(case: EvalCase) -> tuple[str, int, int] | None:
    found = case.meta.get(HIDDEN)
    return (str(found["doc"]), int(found["start"]), int(found["end"])) if found else None


def _place(file: Path, root: Path | None) -> Path:
    if file.is_file() or (file / "queries.jsonl").is_file():
        return file
    try:
        return find_evalset(file, root)
    except MissingError as problem:
        raise MissingError("there is no such file", where=str(file), hint=problem.hint) from None


def _is_evalset(text: str) -> bool:
    """Whether the first line is the header or a case of an eval set."""
    first = text.lstrip("\ufeff \n").partition("\n")[0]
    try:
        found = json.loads(first)
    except json.JSONDecodeError:
        return False
    if not isinstance(found, dict):
        return False
    return "evalset" in found or (
        {"id", "question"} <= found.keys() and found.keys() <= set(CaseRow.model_fields)
    )
