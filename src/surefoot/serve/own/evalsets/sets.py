"""`/api/evalsets`: whole sets: listed, made of a file, checked, joined by what people said of answers, saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from time import monotonic
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, File, Form, Path, Query, Request, UploadFile
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from surefoot.core.roles import Call
from surefoot.core.types import EvalSet, Task
from surefoot.evaluate.evalsets import contents, evalset_file, load_evalset, write_evalset
from surefoot.evaluate.evalsets.checks import Checked, check_workspace
from surefoot.evaluate.evalsets.contents import Contents
from surefoot.evaluate.evalsets.editing import drop_evalset, kept_evalset, list_evalsets
from surefoot.evaluate.evalsets.feedback import join_feedback
from surefoot.evaluate.evalsets.importing import LeftOut, Wanted, columns_said, import_given
from surefoot.evaluate.evalsets.library import Library
from surefoot.evaluate.evalsets.reviewing import REJECTED
from surefoot.evaluate.evalsets.writing import evalset_lines
from surefoot.run.workspace import Workspace
from surefoot.serve.desk import Gone
from surefoot.serve.openai.files import safe_name
from surefoot.serve.own.rights import require_owner
from surefoot.serve.paging import Deleted
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served, Serving
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api/evalsets", tags=["evaluation"])
EvalSetName = Annotated[str, Path(min_length=1, max_length=200)]
_LINES: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"application/x-ndjson": {}}}}


class ListedSet(BaseModel):
    """A set with the number of its questions; `changed_ns` in unix nanoseconds as text."""

    name: str
    questions: int
    changed_ns: str


class ListedSets(BaseModel):
    """All sets by name."""

    data: list[ListedSet]


class Made(BaseModel):
    """A set that was made of a file: how it was read, which rows are not in it, and what to know of others."""

    contents: Contents
    shape: str
    columns: dict[str, str]
    left_out: list[LeftOut]
    remarks: list[LeftOut]


class JoinedSet(BaseModel):
    """The ids of questions that joined a set, and why others did not, by trace id."""

    name: str
    version: int
    digest: str
    added: list[str]
    left_out: dict[str, str]


@dataclass(frozen=True, slots=True)
class MadeOf:
    """A file, and how it is read."""

    file: UploadFile
    wanted: Wanted


def made_of(
    file: Annotated[UploadFile, File()],
    name: Annotated[str, Form(min_length=1, max_length=200)],
    task: Annotated[Task, Form()] = "qa",
    source: Annotated[Literal["human", "log", "imported"], Form()] = "imported",
    column: Annotated[list[str], Form(max_length=20)] = [],  # noqa: B006  # read alone
) -> MadeOf:
    """The form of a request: `column` names columns, such as `question=提问`."""
    return MadeOf(file, Wanted(name, columns_said(column, "column"), task, source))


@router.get("")
async def all_sets(request: Request, serving: Served, who: Who) -> ListedSets:
    """The eval sets of the workspace."""
    require_owner(who)
    found = await serving.desk.run(request, lambda _: list_evalsets(who.tenant.root))
    data = [
        ListedSet(name=one.name, questions=one.questions, changed_ns=str(one.changed_ns))
        for one in found
    ]
    return ListedSets(data=data)


@router.post("")
async def create(
    given: Annotated[MadeOf, Depends(made_of)], request: Request, serving: Served, who: Who
) -> Made:
    """Makes a set of a CSV, TSV, JSONL or JSON file; gold is found in the documents. A bad row is left out and said."""
    require_owner(who)
    data, file_name = await given.file.read(), safe_name(given.file.filename)
    return await serving.desk.run(request, lambda _: _made(who, data, file_name, given.wanted))


@router.get("/{name}")
async def one_set(name: EvalSetName, request: Request, serving: Served, who: Who) -> Contents:
    """What is in a set: how many questions of which kind, its version and digest."""
    require_owner(who)
    return await serving.desk.run(request, lambda _: contents(load_set(who, name)))


@router.delete("/{name}")
async def delete(name: EvalSetName, request: Request, serving: Served, who: Who) -> Deleted:
    """Removes a set; runs keep what they hold of its questions."""
    require_owner(who)

    def work() -> Deleted:
        with who.tenant.writing:
            drop_evalset(kept_evalset(who.tenant.root, name))
        return Deleted(id=name, object="evalset")

    return await serving.desk.run(request, lambda _: work())


@router.get("/{name}/jsonl", response_model=None, responses=_LINES)
async def lines(
    name: EvalSetName, request: Request, serving: Served, who: Who
) -> PlainTextResponse:
    """The set as the file that `surefoot evaluate` reads."""
    require_owner(who)
    found = await serving.desk.run(request, lambda _: load_set(who, name))
    text = "\n".join(evalset_lines(found)) + "\n"
    return PlainTextResponse(text, media_type="application/x-ndjson")


@router.get("/{name}/check")
async def check(
    name: EvalSetName,
    request: Request,
    serving: Served,
    who: Who,
    searches: Annotated[int, Query(ge=0, le=1000)] = 100,
    difference: Annotated[float, Query(ge=0.001, le=1.0)] = 0.05,
) -> Checked:
    """Grades a set: leakage, duplicates, missed gold, label noise, size; with the questions and the remedy."""
    require_owner(who)
    return await serving.desk.run(
        request, lambda gone: _checked(serving, who, name, (searches, difference), gone)
    )


@router.post("/{name}/feedback")
async def add_feedback(name: EvalSetName, request: Request, serving: Served, who: Who) -> JoinedSet:
    """Adds a question for each verdict that tells the right answer; a new set where there is none of this name."""
    require_owner(who)
    return await serving.desk.run(request, lambda _: _joined(who, name))


def load_set(who: Principal, name: str) -> EvalSet:
    """A set of the principal's tenant; raises MissingError."""
    return load_evalset(kept_evalset(who.tenant.root, name))


def library_of(space: Workspace) -> Library | None:
    """The documents that gold may refer to; None where the solution has none."""
    if space.solution.corpus is None:
        return None
    return Library.of_index(space.resources.index())


def new_file(who: Principal, name: str) -> FilePath:
    """Where a new set of this name is kept.

    Raises:
        ConfigError: it cannot be a name.
        Refused: 400, the name is that of what reviews reject.
    """
    file = evalset_file(who.tenant.root, name)
    if file.name.endswith(REJECTED):
        raise Refused(400, "names that end with .rejected are those of reviews", code="invalid")
    return file


def _made(who: Principal, data: bytes, file_name: str, wanted: Wanted) -> Made:
    place = new_file(who, wanted.name)
    with who.tenant.writing, who.tenant.using() as space:
        library = library_of(space)
        found = import_given(data, file_name, wanted, library)
        write_evalset(found.evalset, place)
    return Made(
        contents=contents(found.evalset),
        shape=found.shape,
        columns=dict(found.columns),
        left_out=list(found.left_out),
        remarks=list(found.remarks),
    )


def _checked(
    serving: Serving, who: Principal, name: str, asked: tuple[int, float], gone: Gone
) -> Checked:
    call = Call(deadline_s=monotonic() + serving.settings.serve_timeout_s, gone=gone)
    searches, hoped = asked
    found = load_set(who, name)
    with who.tenant.using() as space:
        return check_workspace(
            space,
            found,
            searches=searches,
            hoped=hoped,
            progress=lambda _done, _total: call.check_deadline(),
        )


def _joined(who: Principal, name: str) -> JoinedSet:
    with who.tenant.writing, who.tenant.using() as space:
        known = {one.name for one in list_evalsets(who.tenant.root)}
        place = kept_evalset(who.tenant.root, name) if name in known else new_file(who, name)
        joined, _ = join_feedback(space, place)
    left_out: Mapping[str, str] = joined.left_out
    return JoinedSet(
        name=name,
        version=joined.evalset.version,
        digest=joined.evalset.digest,
        added=list(joined.added),
        left_out=dict(left_out),
    )
