"""The HTTP application: everything that is served, behind one gate."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI, Security
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from surefoot import __version__
from surefoot.config.settings import AppSettings
from surefoot.serve import counting, health, plugin, rerank, search
from surefoot.serve.desk import Desk
from surefoot.serve.gate import Gate, GateRules
from surefoot.serve.live.syncing import Syncing, When
from surefoot.serve.live.telemetry import Telemetry, is_wanted
from surefoot.serve.mcp import http_app, make_mcp
from surefoot.serve.openai import chat, embeddings, files, fine_tuning, models, vector_stores
from surefoot.serve.openai.responses import routes as responses
from surefoot.serve.own import advising, asking, audit, documents, home, originals, traces, tracing
from surefoot.serve.own import keys as own_keys
from surefoot.serve.own.corpus import changing, cutting, states
from surefoot.serve.own.evalsets import questions, sets
from surefoot.serve.own.jobs import routes as jobs
from surefoot.serve.own.measured import comparing, experiments, history, reports, runs, solutions
from surefoot.serve.own.trained import adapters
from surefoot.serve.problems import RESPONSES, install
from surefoot.serve.serving import Serving
from surefoot.serve.tallies import Metrics
from surefoot.serve.tenants import Tenants
from surefoot.serve.web import ROUTERS as PAGES
from surefoot.serve.web import problem_page
from surefoot.serve.who import BEARER, Door

_MB: Final = 1_000_000
ROUTERS: Final = (
    health.router,
    counting.router,
    chat.router,
    responses.router,
    models.router,
    embeddings.router,
    files.router,
    vector_stores.router,
    fine_tuning.router,
    search.router,
    rerank.router,
    plugin.router,
    asking.router,
    states.router,
    changing.router,
    cutting.router,
    originals.router,
    documents.router,
    traces.router,
    tracing.router,
    sets.router,
    questions.router,
    jobs.router,
    comparing.router,
    runs.router,
    history.router,
    experiments.router,
    solutions.router,
    adapters.router,
    reports.router,
    advising.router,
    home.router,
    own_keys.router,
    audit.router,
)
"""All routes, one router a protocol."""


def make_app(
    tenants: Tenants,
    settings: AppSettings,
    *,
    keys: bool = False,
    clock_ns: Callable[[], int] = time.time_ns,
    log: Callable[[str], None] | None = None,
) -> FastAPI:
    """The application over these workspaces; `keys` demands keys even where nobody has made any.

    `log` is told of each request in a line of JSON, without content. It closes the workspaces when it is shut down.
    """
    door = Door(tenants, required=keys, now_ns=clock_ns)
    desk = Desk(settings.serve_workers, settings.serve_queue)
    telemetry = _listen(tenants, settings)
    metrics = Metrics()
    when = When.of(watch=settings.serve_watch, every=settings.serve_sync_every)
    syncing = Syncing(tenants, when, metrics, clock_ns, log) if when else None
    serving = Serving(tenants, door, desk, settings, clock_ns, metrics, syncing)

    tools = make_mcp(serving)
    mcp_app = http_app(tools)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(health.warm, serving)
        if syncing is not None:
            syncing.start()
        try:
            async with tools.session_manager.run():
                yield
        finally:
            if syncing is not None:
                await run_in_threadpool(syncing.stop)
            await run_in_threadpool(desk.close)
            tenants.close()
            if telemetry is not None:
                await run_in_threadpool(telemetry.close)

    app = FastAPI(
        title="surefoot",
        version=__version__,
        lifespan=lifespan,
        dependencies=[Security(BEARER)],
        responses=RESPONSES,
        docs_url=None,
        redoc_url=None,
    )
    _furnish(app, serving, mcp_app, log)
    return app


def _furnish(
    app: FastAPI, serving: Serving, tools: Starlette, log: Callable[[str], None] | None
) -> None:
    """Puts routes, errors and the gate in their places."""
    app.state.serving = serving
    install(app, problem_page)
    for router in (*ROUTERS, *PAGES):
        app.include_router(router)
    app.mount("/mcp", tools)
    given = serving.settings
    rules = GateRules.of(given.serve_hosts, given.serve_origins, given.serve_body_mb * _MB)
    app.add_middleware(Gate, door=serving.door, rules=rules)
    app.add_middleware(counting.Counted, told=serving.metrics, log=log)


def _listen(tenants: Tenants, settings: AppSettings) -> Telemetry | None:
    """Has a collector told of every question, where one is wanted."""
    if not is_wanted(settings.otlp_endpoint):
        return None
    telemetry = Telemetry(settings.otlp_endpoint, content=settings.otlp_content)
    for tenant in tenants.all:
        tenant.listeners = (telemetry.sink(tenant.name),)
    return telemetry
