"""Documents: what became of each file, what a sync would do, and files given by hand."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from surefoot.core.errors import SurefootError
from surefoot.core.roles import Status
from surefoot.core.types import Lang
from surefoot.serve.own.corpus.changing import remove
from surefoot.serve.own.corpus.states import StateFilters, changes, states
from surefoot.serve.own.documents import DocumentId
from surefoot.serve.own.jobs.kinds import SyncJob
from surefoot.serve.own.jobs.routes import JobId, create, one_job
from surefoot.serve.plugin import upsert_file
from surefoot.serve.problems import Refused, refusal_of
from surefoot.serve.serving import Served, Serving
from surefoot.serve.web import how
from surefoot.serve.web.answers import path_of
from surefoot.serve.web.page import Shown, View
from surefoot.serve.web.screens.traces import moment
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/ui/documents", include_in_schema=False)
_SHOWN: Final = 50
_CHANGED: Final = 30
STATUSES: Final[tuple[Status, ...]] = ("ok", "off", "failed", "empty", "duplicate")
LANGS: Final[tuple[Lang, ...]] = ("en", "zh", "other")


class Wanted(BaseModel):
    """Which documents: of a status, in a language, with a text in name or title, those after one."""

    status: Status | Literal[""] = ""
    written: Lang | Literal[""] = ""
    text: Annotated[str, Field(max_length=500)] = ""
    after: Annotated[str, Field(max_length=2000)] = ""

    def filters(self) -> StateFilters:
        """What `/api/documents/states` takes."""
        return StateFilters(
            status=self.status or None,
            lang=self.written or None,
            text=self.text.strip(),
            after=self.after,
            limit=_SHOWN,
        )


@router.get("", response_model=None)
async def page(
    view: Shown, serving: Served, who: Who, wanted: Annotated[Wanted, Query()]
) -> HTMLResponse:
    """Every document that the key may read, with its status, reason and remedy."""
    found = await states(wanted.filters(), view.request, serving, who)
    told = how.How(
        how.command("status", "--all"), how.call(view.base, f"/api/documents/states?limit={_SHOWN}")
    )
    return view.show(
        "documents/list.html" if view.is_part else "documents/page.html",
        how=told,
        found=found,
        wanted=wanted,
        statuses=STATUSES,
        langs=LANGS,
        path_of=path_of,
        may_write=who.key is None or who.key.may("write"),
        is_owner=is_owner(who),
        removable=lambda id: is_owner(who) or id.startswith("uploads/"),
    )


@router.get("/changes", response_model=None)
async def changed(view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """What the sources offer that is not read yet, and what they offer no more."""
    found = await changes(view.request, serving, who, limit=_CHANGED)
    return view.show("documents/changes.html", found=found, moment=moment)


@router.post("/sync", response_model=None)
async def sync(view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """Begins a job that brings the index in step with the sources."""
    body = SyncJob(kind="sync")
    job = await create(body, view.request, serving, who)
    call = how.call(view.base, "/api/jobs", body.model_dump(exclude_defaults=True))
    return view.show("documents/sync.html", how=how.How(how.command("sync"), call), job=job)


@router.get("/sync/{job_id}", response_model=None)
async def syncing(job_id: JobId, view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """How far it is."""
    job = await one_job(job_id, view.request, serving, who)
    return view.show("documents/sync.html", how=None, job=job)


@router.post("/upload", response_model=None)
async def upload(
    view: Shown, serving: Served, who: Who, files: Annotated[list[UploadFile], File()]
) -> HTMLResponse | RedirectResponse:
    """Takes files in, one after the other, and says of each what became of it."""
    kept = [await _kept(view, serving, who, file) for file in files]
    if not view.is_part:
        return RedirectResponse("/ui/documents?text=uploads/", 303)
    return view.show("documents/kept.html", kept=kept, path_of=path_of)


@router.post("/remove", response_model=None)
async def removed(
    view: Shown,
    serving: Served,
    who: Who,
    id: Annotated[str, Form(min_length=1, max_length=2000)],
) -> HTMLResponse:
    """Removes a document; an upload is gone for good, the next sync reads anything else again."""
    found = await remove(id, view.request, serving, who)
    told = how.How(
        how.command("remove", id),
        how.call(view.base, f"/api/documents/{path_of(id)}", method="DELETE"),
    )
    return view.show("documents/removed.html", how=told, removed=found)


def is_owner(who: Principal) -> bool:
    """Whether a principal may change what is for all."""
    return who.asker.is_owner and (who.key is None or who.key.may("admin"))


async def _kept(view: View, serving: Serving, who: Principal, file: UploadFile) -> dict[str, Any]:
    """A file's name and its document's id, or why it was not taken in."""
    try:
        reply = await upsert_file(view.request, serving, who, file)
    except (Refused, SurefootError) as problem:
        refused = problem if isinstance(problem, Refused) else refusal_of(problem)
        hint = problem.hint if isinstance(problem, SurefootError) else ""
        return {"name": file.filename, "id": "", "problem": refused.message, "hint": hint}
    return {"name": file.filename, "id": f"uploads/{reply.ids[0]}", "problem": "", "hint": ""}


def of_document(document_id: DocumentId) -> str:
    """The address of the screen of one document."""
    return f"/ui/documents/one/{path_of(document_id)}"
