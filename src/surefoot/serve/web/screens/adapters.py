"""Trained models: all of them, and each with its losses and exports; tried beside its base, added up, removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from surefoot.optimize.report.losses import LossPoint, loss_plot
from surefoot.serve.own.jobs.kinds import AdapterMergeJob, MergedPart, Trained
from surefoot.serve.own.jobs.routes import create
from surefoot.serve.own.trained import adapters as own
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served
from surefoot.serve.web import how
from surefoot.serve.web.page import Shown, View
from surefoot.serve.web.screens.traces import moment
from surefoot.serve.who import Who

router = APIRouter(prefix="/ui/adapters", include_in_schema=False)
FORMS: Final = ("gguf-adapter", "gguf", "safetensors")
NS: Final = 10**9
_IN_USE: Final = 409
_PARTS: Final = (2, 20)
Weight = Annotated[str, Field(pattern=r"^-?\d{0,3}(\.\d{0,6})?$")]


class MergeForm(BaseModel):
    """Adapters with their weights beside them; one without a weight takes no part."""

    into: Trained
    how: Literal["svd", "linear", "ties", "cat"] = "svd"
    name: Annotated[list[Trained], Field(max_length=100)] = []
    weight: Annotated[list[Weight], Field(max_length=100)] = []

    def job(self) -> AdapterMergeJob:
        """What `/api/jobs` takes.

        Raises:
            Refused: 422, fewer than two take part, or too many.
        """
        pairs = zip(self.name, self.weight, strict=False)
        parts = [
            MergedPart(name=name, weight=float(weight))
            for name, weight in pairs
            if weight.strip("-.0")
        ]
        if not _PARTS[0] <= len(parts) <= _PARTS[1]:
            text = "give two to twenty adapters a weight"
            raise Refused(422, text, code="invalid", param="parts")
        return AdapterMergeJob(kind="adapter-merge", into=self.into, parts=parts, how=self.how)


@router.get("", response_model=None)
async def page(view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """All trained models, and the form that adds adapters of one base up."""
    found = (await own.adapters(view.request, serving, who)).adapters
    return view.show(
        "adapters/page.html",
        how=how.How(how.command("adapters", "list"), how.call(view.base, "/api/adapters")),
        adapters=found,
        families=families(found),
        moment=moment,
        ns=NS,
    )


@router.get("/{name}", response_model=None)
async def one(name: own.AdapterName, view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """A trained model: a question for it and for its base, its exports, its losses, its settings."""
    return await _one(view, serving, who, name)


@router.post("/{name}/try", response_model=None)
async def asked(
    name: own.AdapterName,
    view: Shown,
    who: Who,
    form: Annotated[own.TryRequest, Form()],
) -> HTMLResponse:
    """The question in the thread, with a place that fetches both replies itself."""
    who.require("admin")
    body = form.model_dump(exclude_defaults=True)
    told = how.How(call=how.call(view.base, f"{_api(name)}/try", body))
    return view.show("adapters/asked.html", how=told, name=name, form=form)


@router.post("/{name}/replies", response_model=None)
async def replies(
    name: own.AdapterName,
    view: Shown,
    serving: Served,
    who: Who,
    form: Annotated[own.TryRequest, Form()],
) -> HTMLResponse:
    """What the trained model says, and beside it what its base says."""
    found = await own.tried(name, form, view.request, serving, who)
    return view.show("adapters/replies.html", name=name, found=found)


@router.post("/merge", response_model=None)
async def merged(
    view: Shown, serving: Served, who: Who, form: Annotated[MergeForm, Form()]
) -> RedirectResponse:
    """Begins to add adapters up, and shows the job."""
    who.require("admin")
    job = await create(form.job(), view.request, serving, who)
    return RedirectResponse(f"/ui/jobs/{job.id}", 303)


@router.post("/{name}/remove", response_model=None)
async def removed(
    name: own.AdapterName,
    view: Shown,
    serving: Served,
    who: Who,
    forced: Annotated[bool, Form()] = False,
) -> HTMLResponse | RedirectResponse:
    """Removes it; one that a solution names stays unless that is wanted all the same, and the page says so."""
    try:
        await own.remove(name, view.request, serving, who, forced=forced)
    except Refused as problem:
        if problem.status != _IN_USE:
            raise
        return await _one(view, serving, who, name, in_use=True)
    return RedirectResponse("/ui/adapters", 303)


def families(adapters: Sequence[own.ListedAdapter]) -> dict[str, list[own.ListedAdapter]]:
    """Adapters by their base, where there are two or more to add up."""
    found: dict[str, list[own.ListedAdapter]] = {}
    for one in adapters:
        if one.kind == "adapter":
            found.setdefault(one.base, []).append(one)
    return {base: some for base, some in found.items() if len(some) > 1}


async def _one(
    view: View, serving: Served, who: Who, name: str, *, in_use: bool = False
) -> HTMLResponse:
    found = await own.one_adapter(name, view.request, serving, who)
    points = [LossPoint(at.step, at.loss, at.dev_loss) for at in found.curve]
    return view.show(
        "adapters/one.html",
        how=how.How(how.command("adapters", "show", name), how.call(view.base, _api(name))),
        status=_IN_USE if in_use else 200,
        one=found,
        plot=loss_plot(points),
        forms=FORMS,
        in_use=in_use,
        moment=moment,
        ns=NS,
    )


def _api(name: str) -> str:
    return f"/api/adapters/{quote(name)}"
