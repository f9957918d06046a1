"""`/api/reports`: a run, a search or a comparison as one page to read, print and pass on."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from surefoot.optimize.report import report_html, report_policy
from surefoot.optimize.report.kept import kept_comparison, kept_run, kept_search
from surefoot.serve.own.rights import require_owner
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who

router = APIRouter(prefix="/api/reports", tags=["evaluation"])
ReportKind = Literal["run", "search", "comparison"]
KeptId = Annotated[str, Path(pattern=r"^([0-9a-f]{4,64}|last)$")]
_PAGE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/html": {}}}}


@router.get("/{kind}/{kept_id}", response_model=None, responses=_PAGE)
async def report(
    kind: ReportKind,
    kept_id: KeptId,
    request: Request,
    serving: Served,
    who: Who,
    lang: Annotated[Literal["en", "zh"] | None, Query()] = None,
) -> HTMLResponse:
    """One HTML page without scripts: verdict, intervals, failures, how to repeat it."""
    require_owner(who)
    text = await serving.desk.run(request, lambda _: _written(who, kind, kept_id, lang))
    headers = {
        "Content-Security-Policy": f"{report_policy()}; frame-ancestors 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(text, headers=headers)


def _written(who: Principal, kind: ReportKind, name: str, lang: str | None) -> str:
    with who.tenant.using() as space:
        if kind == "run":
            return report_html(kept_run(space, name, None, lang))
        return report_html(
            (kept_search if kind == "search" else kept_comparison)(space, name, lang)
        )
