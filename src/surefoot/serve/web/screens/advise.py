"""The advisor: the interview on one page, the advice beside it, the four methods: rule against measurement."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from surefoot.optimize.advise.interview import interview
from surefoot.optimize.advise.table import method_names
from surefoot.serve.own.advising import AdviseReply, AdviseRequest, Said, advise
from surefoot.serve.serving import Served
from surefoot.serve.web import how
from surefoot.serve.web.page import Shown, View
from surefoot.serve.who import Who

router = APIRouter(prefix="/ui/advise", include_in_schema=False)
_YES_NO: Final = {"yes": True, "no": False}


@router.get("", response_model=None)
async def page(view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """The interview, with what the workspace tells by itself filled in, and the advice on that."""
    body = AdviseRequest(lang=view.lang)
    found = await advise(body, view.request, serving, who)
    return _shown(view, "advise/page.html", body, found)


@router.post("", response_model=None)
async def answered(view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """The advice on the answers so far."""
    form = await view.request.form()
    body = AdviseRequest(lang=view.lang, answers=_answers(form), compare=_text(form, "compare"))
    found = await advise(body, view.request, serving, who)
    return _shown(view, "advise/advice.html", body, found)


def _shown(view: View, template: str, body: AdviseRequest, found: AdviseReply) -> HTMLResponse:
    told = how.How(
        how.command("advise", *(("--compare", body.compare) if body.compare else ())),
        how.call(
            view.base, "/api/advise", body.model_dump(exclude_defaults=True) | {"lang": body.lang}
        ),
    )
    return view.show(
        template,
        how=told,
        advice=found,
        questions=interview().questions,
        methods=method_names(view.lang),
    )


def _answers(form: FormData) -> dict[str, Said]:
    """What was answered; an empty field stays open."""
    found: dict[str, Said] = {}
    for question in interview().questions:
        text = _text(form, question.key)
        if not text:
            continue
        if question.kind == "yes-no":
            found[question.key] = _YES_NO.get(text)
        elif question.kind == "number":
            found[question.key] = int(text) if text.isdecimal() else None
        else:
            found[question.key] = text
    return found


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
