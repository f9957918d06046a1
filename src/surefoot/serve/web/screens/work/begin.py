"""What takes long: questions made, solutions measured, searched and compared, adapters trained; forecast first."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, File, Query, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData

from surefoot.core.errors import MissingExtra
from surefoot.serve.openai.files import all_files
from surefoot.serve.openai.files import create as keep_file
from surefoot.serve.own.evalsets.sets import all_sets
from surefoot.serve.own.jobs.kinds import AnyJob
from surefoot.serve.own.jobs.routes import all_jobs, create, forecast
from surefoot.serve.own.measured.solutions import PromoteRequest, put_in_force
from surefoot.serve.paging import Page
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served
from surefoot.serve.web import how
from surefoot.serve.web.page import Shown, View
from surefoot.serve.web.screens.traces import moment
from surefoot.serve.web.screens.work.foreseen import figures_of, notes_of
from surefoot.serve.who import Who
from surefoot.tune.torch_family import require_torch

router = APIRouter(prefix="/ui/tune", include_in_schema=False)
KINDS: Final = ("evalset-create", "evaluate", "optimize", "compare", "tune", "sync")
METHODS: Final = (
    "prompt", "fewshot", "nearest", "cot", "rag", "lora", "full", "lora+rag", "full+rag",
)  # fmt: skip
_LISTS: Final = ("methods", "languages", "forms")
_LIMITS: Final = ("evaluate", "compare", "sync")
_JOB: Final[TypeAdapter[AnyJob]] = TypeAdapter(AnyJob)
_LATELY: Final = 10
_FILES: Final = 100
_PURPOSE: Final = "fine-tune"


@router.get("", response_model=None)
async def page(
    view: Shown,
    serving: Served,
    who: Who,
    kind: Annotated[str, Query(max_length=40)] = "",
    rows: Annotated[str, Query(max_length=512)] = "",
) -> HTMLResponse:
    """A form for each kind of long work, that of `kind` open with the file `rows` chosen, and the latest jobs."""
    request = view.request
    sets = await all_sets(request, serving, who)
    jobs = await all_jobs(
        request, serving, who, Page(limit=_LATELY, order="desc", after="", before="")
    )
    files = await all_files(
        request, serving, who, Page(limit=_FILES, order="desc", after="", before=""), _PURPOSE
    )
    example = {"kind": "optimize", "evalset": sets.data[0].name if sets.data else "first"}
    return view.show(
        "jobs/begin.html",
        how=how.How(
            how.command("optimize", example["evalset"]), how.call(view.base, "/api/jobs", example)
        ),
        kinds=KINDS,
        open=kind if kind in KINDS else "optimize" if sets.data else "evalset-create",
        methods=METHODS,
        sets=[one.name for one in sets.data],
        models=who.tenant.models(),
        files=files.data,
        rows=rows,
        can_train=can_train(),
        jobs=jobs.data,
        moment=moment,
    )


@router.post("/rows", response_model=None)
async def uploaded(
    view: Shown, serving: Served, who: Who, file: Annotated[UploadFile, File()]
) -> RedirectResponse:
    """Keeps a file of examples, and shows the form to train with it chosen."""
    kept = await keep_file(view.request, serving, who, file, _PURPOSE)
    return RedirectResponse(f"/ui/tune?kind=tune&rows={kept.id}#tune", 303)


@router.post("/forecast", response_model=None)
async def foreseen(view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """What it will take, before it is begun."""
    body = job_of(await view.request.form())
    found = await forecast(body, view.request, serving, who)
    return view.show(
        "jobs/foreseen.html",
        how=_how(view, body, found.command),
        found=found,
        figures=figures_of(found.forecast, view.lang),
        notes=notes_of(found.forecast),
    )


@router.post("", response_model=None)
async def begun(view: Shown, serving: Served, who: Who) -> RedirectResponse:
    """Begins it, and shows it."""
    body = job_of(await view.request.form())
    job = await create(body, view.request, serving, who)
    return RedirectResponse(f"/ui/jobs/{job.id}", 303)


@router.post("/promote/{experiment}", response_model=None)
async def promoted(experiment: str, view: Shown, serving: Served, who: Who) -> HTMLResponse:
    """Puts the winner of a search into force; one that is not proven better is refused."""
    body = PromoteRequest(experiment=experiment)
    done = await put_in_force(body, view.request, serving, who)
    told = how.How(
        how.command("optimize", "--continue", experiment, "--apply"),
        how.call(view.base, "/api/solutions/promote", {"experiment": experiment}),
    )
    return view.show("evaluate/promoted.html", how=told, name=experiment, done=done)


def can_train() -> bool:
    """Whether the packages that train are installed here."""
    try:
        require_torch("training")
    except MissingExtra:
        return False
    return True


def job_of(form: FormData) -> AnyJob:
    """The body that `/api/jobs` takes; empty fields are left to their defaults.

    Raises:
        Refused: 422, a field is wrong.
    """
    body: dict[str, Any] = {}
    for name in dict.fromkeys(form.keys()):
        values = [one for one in form.getlist(name) if isinstance(one, str) and one.strip()]
        if name in _LISTS:
            body[name] = values
        elif values:
            body[name] = values[0].strip()
    if body.get("kind") in _LIMITS:
        body["limits"] = {key: body.pop(key) for key in ("minutes", "dollars") if key in body}
    try:
        return _JOB.validate_python(body)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:])
        raise Refused(422, f"{place}: {first['msg']}", code="invalid", param=place) from None


def _how(view: View, body: AnyJob, command: str) -> how.How:
    return how.How(
        command,
        how.call(view.base, "/api/jobs", body.model_dump(mode="json", exclude_defaults=True)),
    )
