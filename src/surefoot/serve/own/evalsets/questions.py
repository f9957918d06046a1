"""`/api/evalsets/NAME/questions` and `/review`: the questions of a set, in pages and one by one."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from surefoot.core.filters import filter_to_json
from surefoot.core.lang import detect
from surefoot.core.types import EvalCase, EvalSet, Lang, Split, Task
from surefoot.evaluate.evalsets import case_to_row
from surefoot.evaluate.evalsets.editing import (
    drop_case,
    kept_evalset,
    list_evalsets,
    placed,
    put_case,
)
from surefoot.evaluate.evalsets.format import CaseRow, case_from_row
from surefoot.evaluate.evalsets.reviewing import Change, Evidence, Review
from surefoot.serve.own.evalsets.sets import EvalSetName, library_of, load_set, new_file
from surefoot.serve.own.rights import moment, require_owner, signed
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served, Serving
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api/evalsets/{name}", tags=["evaluation"])
QuestionId = Annotated[str, Path(min_length=1, max_length=512)]
Text = Annotated[str, Field(max_length=20_000)]
Few = Annotated[list[Text], Field(max_length=100)]
_ID_CHARS: Final = 12


class GoldPlace(BaseModel, extra="forbid"):
    """A document that answers, and the words of it that do; a quote is given its place there."""

    doc: Annotated[str, Field(min_length=1, max_length=2000)]
    quote: Text = ""
    grade: Annotated[int, Field(ge=0, le=10)] = 1


class QuestionBody(BaseModel, extra="forbid"):
    """A question with what a right answer needs; `lang` is told from its words where it is not given."""

    question: Annotated[str, Field(min_length=1, max_length=20_000)]
    answers: Few = []
    gold: Annotated[list[GoldPlace], Field(max_length=100)] = []
    answerable: bool = True
    lang: Lang | None = None
    tags: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)] = []
    split: Split = ""


class NewQuestion(QuestionBody):
    """As a question; its id is made of its words where it is not given. `task` is that of a set which is new."""

    id: Annotated[str, Field(max_length=512)] = ""
    task: Task = "qa"


class Questions(BaseModel):
    """A page of questions in their order; `total` counts all that were wanted, `next` is the place of the one after."""

    data: list[CaseRow]
    total: int
    next: int | None


class Changed(BaseModel):
    """A question as it is kept now; the set has this version and digest. `question` is null where it is gone."""

    question: CaseRow | None
    version: int
    digest: str
    questions: int


class Waiting(BaseModel):
    """A question that no person has looked at, with its gold passages and what stands around them."""

    question: CaseRow
    evidence: list[Evidence]


class WaitingQuestions(BaseModel):
    """The next questions to review; `left` counts all that wait."""

    data: list[Waiting]
    left: int


class Decision(BaseModel, extra="forbid"):
    """What a person decides of a question; the rest is for `edit`: what is null stays.

    No answers at all say that the documents do not answer it; a `quote` becomes its only gold.
    """

    id: Annotated[str, Field(min_length=1, max_length=512)]
    decision: Literal["keep", "drop", "edit"]
    question: Annotated[str, Field(min_length=1, max_length=20_000)] | None = None
    answers: Few | None = None
    quote: Text | None = None


class Decided(Changed):
    """What was decided, and how many questions wait still."""

    decided: Literal["accepted", "edited", "rejected"]
    left: int


class QuestionFilters(BaseModel):
    """Which questions: `text` stands in the question or an answer, or is its id; `first` is the place to begin at."""

    text: Annotated[str, Field(max_length=500)] = ""
    tag: Annotated[str, Field(max_length=200)] = ""
    source: Annotated[str, Field(max_length=200)] = ""
    split: Split | None = None
    answerable: bool | None = None
    first: Annotated[int, Field(ge=0, lt=2**31)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 50

    def of(self, cases: Sequence[EvalCase]) -> list[EvalCase]:
        """Those of them."""
        return [case for case in cases if self._wants(case)]

    def _wants(self, case: EvalCase) -> bool:
        return (
            self.tag in ("", *case.tags)
            and self.source in ("", case.source)
            and self.split in (None, case.split)
            and self.answerable in (None, case.answerable)
            and self._says(case)
        )

    def _says(self, case: EvalCase) -> bool:
        text = self.text.casefold()
        return any(text in said.casefold() for said in (case.question, case.id, *case.answers))


@router.get("/questions")
async def questions(
    name: EvalSetName,
    wanted: Annotated[QuestionFilters, Query()],
    request: Request,
    serving: Served,
    who: Who,
) -> Questions:
    """The questions of a set, in pages."""
    require_owner(who)
    found = await serving.desk.run(request, lambda _: wanted.of(load_set(who, name).cases))
    end = wanted.first + wanted.limit
    return Questions(
        data=[row_of(case) for case in found[wanted.first : end]],
        total=len(found),
        next=end if len(found) > end else None,
    )


@router.get("/questions/{question_id:path}")
async def one(
    name: EvalSetName, question_id: QuestionId, request: Request, serving: Served, who: Who
) -> CaseRow:
    """A question of a set."""
    require_owner(who)
    return await serving.desk.run(
        request, lambda _: row_of(_found(load_set(who, name), question_id))
    )


@router.post("/questions")
async def add(
    name: EvalSetName, body: NewQuestion, request: Request, serving: Served, who: Who
) -> Changed:
    """Adds a question; a set that is not there is made."""
    require_owner(who)
    id = body.id or f"q-{sha256(body.question.encode()).hexdigest()[:_ID_CHARS]}"

    def work() -> Changed:
        with who.tenant.writing:
            known = {one.name for one in list_evalsets(who.tenant.root)}
            place = kept_evalset(who.tenant.root, name) if name in known else new_file(who, name)
            case = _case(who, id, body, None)
            log = signed(serving, who)
            return _changed(put_case(place, case, log, task=body.task, replaces=False), id)

    return await serving.desk.run(request, lambda _: work())


@router.put("/questions/{question_id:path}")
async def replace(
    name: EvalSetName,
    question_id: QuestionId,
    body: QuestionBody,
    request: Request,
    serving: Served,
    who: Who,
) -> Changed:
    """Puts a question in the place of a former one; what that said stays in its log."""
    require_owner(who)

    def work() -> Changed:
        with who.tenant.writing:
            former = _found(load_set(who, name), question_id)
            case = _case(who, question_id, body, former)
            place = kept_evalset(who.tenant.root, name)
            return _changed(put_case(place, case, signed(serving, who)), question_id)

    return await serving.desk.run(request, lambda _: work())


@router.delete("/questions/{question_id:path}")
async def delete(
    name: EvalSetName, question_id: QuestionId, request: Request, serving: Served, who: Who
) -> Changed:
    """Removes a question; the last one stays."""
    require_owner(who)

    def work() -> Changed:
        with who.tenant.writing:
            return _changed(drop_case(kept_evalset(who.tenant.root, name), question_id), "")

    return await serving.desk.run(request, lambda _: work())


@router.get("/review")
async def waiting(
    name: EvalSetName,
    request: Request,
    serving: Served,
    who: Who,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> WaitingQuestions:
    """The questions that no person has asked or looked at, with their evidence."""
    require_owner(who)

    def work() -> WaitingQuestions:
        found = _review(serving, who, name, reads=True)
        cases = found.waiting()
        data = [
            Waiting(question=row_of(case), evidence=found.evidence(case)) for case in cases[:limit]
        ]
        return WaitingQuestions(data=data, left=len(cases))

    return await serving.desk.run(request, lambda _: work())


@router.post("/review")
async def decide(
    name: EvalSetName, body: Decision, request: Request, serving: Served, who: Who
) -> Decided:
    """Keeps, changes or drops a question after a look at it; what is dropped stays beside the set."""
    require_owner(who)

    def work() -> Decided:
        with who.tenant.writing:
            found = _review(serving, who, name, reads=bool(body.quote))
            _found(found.evalset, body.id)
            decided = _decide(found, body)
        changed = _changed(found.evalset, "" if decided == "rejected" else body.id)
        return Decided(**dict(changed), decided=decided, left=len(found.waiting()))

    return await serving.desk.run(request, lambda _: work())


def row_of(case: EvalCase) -> CaseRow:
    """A question as it is written in a file."""
    return CaseRow.model_validate(case_to_row(case))


def _decide(review: Review, body: Decision) -> Literal["accepted", "edited", "rejected"]:
    if body.decision == "keep":
        review.accept(body.id)
        return "accepted"
    if body.decision == "drop":
        review.reject(body.id)
        return "rejected"
    answers = None if body.answers is None else tuple(body.answers)
    review.edit(body.id, Change(body.question, answers, body.quote or None))
    return "edited"


def _review(serving: Serving, who: Principal, name: str, *, reads: bool) -> Review:
    path = kept_evalset(who.tenant.root, name)
    by = signed(serving, who)["by"]
    library = None
    if reads:
        with who.tenant.using() as space:
            library = library_of(space)
    return Review(path, by, lambda: moment(serving), library)


def _case(who: Principal, id: str, body: QuestionBody, former: EvalCase | None) -> EvalCase:
    row: dict[str, Any] = body.model_dump(exclude={"id", "task"})
    row |= {"id": id, "lang": body.lang or detect(body.question)}
    if former is not None:
        filtered = filter_to_json(former.filter) if former.filter else None
        row |= {"source": former.source, "meta": former.meta, "filter": filtered}
    case = case_from_row(CaseRow.model_validate(row), id)
    with who.tenant.using() as space:
        if space.solution.corpus is None or not case.relevant:
            return case
        return placed(case, space.resources.index().document)


def _found(evalset: EvalSet, id: str) -> EvalCase:
    found = next((case for case in evalset.cases if case.id == id), None)
    if found is None:
        raise Refused(404, f"there is no question {id!r}", code="not_found", param="id")
    return found


def _changed(evalset: EvalSet, id: str) -> Changed:
    found = next((case for case in evalset.cases if case.id == id), None)
    return Changed(
        question=row_of(found) if found is not None else None,
        version=evalset.version,
        digest=evalset.digest,
        questions=len(evalset.cases),
    )
