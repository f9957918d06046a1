"""Question sets: made of a file, their questions changed one by one, and the queue of those to review."""

from __future__ import annotations

from itertools import zip_longest
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from surefoot.evaluate.evalsets.format import CaseRow
from surefoot.serve.own.evalsets import questions as own
from surefoot.serve.own.evalsets.sets import (
    EvalSetName,
    MadeOf,
    add_feedback,
    check,
    create,
    made_of,
    one_set,
)
from surefoot.serve.serving import Served
from surefoot.serve.web import how
from surefoot.serve.web.page import Shown, View
from surefoot.serve.who import Who

router = APIRouter(prefix="/ui/evaluate/sets", include_in_schema=False)
QuestionId = Annotated[str, Query(min_length=1, max_length=512)]
Text = Annotated[str, Field(max_length=20_000)]


class QuestionForm(BaseModel):
    """A question; answers and quotes one a line, none for one that the documents do not answer."""

    question: Annotated[str, Field(min_length=1, max_length=20_000)]
    answers: Text = ""
    document: Annotated[str, Field(max_length=2000)] = ""
    quote: Text = ""

    def body(self) -> own.NewQuestion:
        """What `/api/evalsets/NAME/questions` takes."""
        answers = [line.strip() for line in self.answers.splitlines() if line.strip()]
        gold = [own.GoldPlace(doc=self.document, quote=_lines(self.quote))] if self.document else []
        return own.NewQuestion(
            question=self.question, answers=answers, gold=gold, answerable=bool(answers or gold)
        )


class EditForm(QuestionForm):
    """A question as it shall be; each place has a document with its quote, one without a document is left out."""

    id: Annotated[str, Field(min_length=1, max_length=512)]
    documents: Annotated[list[Annotated[str, Field(max_length=2000)]], Field(max_length=100)] = []
    quotes: Annotated[list[Text], Field(max_length=100)] = []

    def changed(self, former: CaseRow) -> own.QuestionBody:
        """What takes the place of the former one; what the form does not show stays."""
        answers = [line.strip() for line in self.answers.splitlines() if line.strip()]
        grades = {(one.doc, one.quote): one.grade for one in former.gold}
        gold = [
            own.GoldPlace(doc=doc.strip(), quote=said, grade=grades.get((doc.strip(), said), 1))
            for doc, said in zip_longest(self.documents, map(_lines, self.quotes), fillvalue="")
            if doc.strip()
        ]
        return own.QuestionBody(
            question=self.question,
            answers=answers,
            gold=gold,
            answerable=bool(answers or gold),
            lang=former.lang if self.question == former.question else None,
            tags=list(former.tags),
            split=former.split,
        )


@router.post("", response_model=None)
async def made(
    given: Annotated[MadeOf, Depends(made_of)], view: Shown, serving: Served, who: Who
) -> HTMLResponse:
    """Makes a set of a file, and says which rows are not in it."""
    found = await create(given, view.request, serving, who)
    told = how.How(
        how.command(
            "evalset", "import", given.file.filename or "FILE", "--name", found.contents.name
        ),
        how.call(
            view.base,
            "/api/evalsets",
            upload=(f"file=@{given.file.filename}", f"name={found.contents.name}"),
        ),
    )
    return view.show("evaluate/made.html", how=told, made=found)


@router.get("/{name}", response_model=None)
async def page(
    name: EvalSetName,
    view: Shown,
    serving: Served,
    who: Who,
    wanted: Annotated[own.QuestionFilters, Query()],
) -> HTMLResponse:
    """The questions of a set in pages, found by their words."""
    request = view.request
    contents = await one_set(name, request, serving, who)
    found = await own.questions(name, wanted, request, serving, who)
    waiting = await own.waiting(name, request, serving, who, limit=1)
    told = how.How(
        how.command("evalset", "show", name),
        how.call(view.base, f"/api/evalsets/{quote(name)}/questions"),
    )
    return view.show(
        "evaluate/set.html",
        how=told,
        contents=contents,
        found=found,
        wanted=wanted,
        left=waiting.left,
    )


@router.post("/{name}/questions", response_model=None)
async def added(
    name: EvalSetName,
    view: Shown,
    serving: Served,
    who: Who,
    form: Annotated[QuestionForm, Form()],
) -> RedirectResponse:
    """Adds a question."""
    await own.add(name, form.body(), view.request, serving, who)
    return RedirectResponse(f"/ui/evaluate/sets/{quote(name)}", 303)


@router.get("/{name}/edit", response_model=None)
async def edited(
    name: EvalSetName, id: QuestionId, view: Shown, serving: Served, who: Who
) -> HTMLResponse:
    """A question in a form, in the place of its row."""
    found = await own.one(name, id, view.request, serving, who)
    return view.show("evaluate/edit.html", name=name, one=found, how=_edit_how(view, name, id))


@router.post("/{name}/edit", response_model=None)
async def changed(
    name: EvalSetName,
    view: Shown,
    serving: Served,
    who: Who,
    form: Annotated[EditForm, Form()],
) -> RedirectResponse:
    """Puts the question as it is in the form in the place of the former one."""
    former = await own.one(name, form.id, view.request, serving, who)
    await own.replace(name, form.id, form.changed(former), view.request, serving, who)
    return RedirectResponse(f"/ui/evaluate/sets/{quote(name)}?text={quote(form.id)}", 303)


@router.post("/{name}/drop", response_model=None)
async def dropped(
    name: EvalSetName,
    view: Shown,
    serving: Served,
    who: Who,
    id: Annotated[str, Form(min_length=1, max_length=512)],
) -> RedirectResponse:
    """Removes a question."""
    await own.delete(name, id, view.request, serving, who)
    return RedirectResponse(f"/ui/evaluate/sets/{quote(name)}", 303)


@router.post("/{name}/feedback", response_model=None)
async def joined(name: EvalSetName, view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """Makes questions of what people said of answers."""
    found = await add_feedback(name, view.request, serving, who)
    return view.show("evaluate/joined.html", found=found)


@router.get("/{name}/check", response_model=None)
async def checked(name: EvalSetName, view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """Grades a set."""
    found = await check(name, view.request, serving, who, searches=100, difference=0.05)
    return view.show("evaluate/checked.html", found=found)


@router.get("/{name}/review", response_model=None)
async def queue(name: EvalSetName, view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """The next question that no person has looked at, with the words that answer it."""
    found = await own.waiting(name, view.request, serving, who, limit=1)
    told = how.How(
        how.command("evalset", "review", name),
        how.call(view.base, f"/api/evalsets/{quote(name)}/review"),
    )
    template = "evaluate/waiting.html" if view.is_part else "evaluate/review.html"
    return view.show(template, how=told, name=name, found=found)


@router.post("/{name}/review", response_model=None)
async def decided(
    name: EvalSetName,
    view: Shown,
    serving: Served,
    who: Who,
    form: Annotated[own.Decision, Form()],
) -> HTMLResponse:
    """Keeps, changes or drops it, and shows the next."""
    await own.decide(name, form, view.request, serving, who)
    return await queue(name, view, serving, who)


def _edit_how(view: View, name: str, id: str) -> how.How:
    place = f"/api/evalsets/{quote(name)}/questions/{quote(id, safe='')}"
    return how.How("", how.call(view.base, place, {"question": "..."}, method="PUT"))


def _lines(text: str) -> str:
    """With line ends as documents have them: browsers send others."""
    return text.replace("\r\n", "\n")
