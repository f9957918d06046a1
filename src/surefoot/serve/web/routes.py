"""All routes of the page, one router a screen."""

from __future__ import annotations

from typing import Final

from surefoot.serve.web import entry, static_files
from surefoot.serve.web.screens import (
    adapters,
    advise,
    ask,
    audit,
    documents,
    home,
    keys,
    one_document,
    source,
    traces,
)
from surefoot.serve.web.screens.proof import evalsets, experiments, overview
from surefoot.serve.web.screens.proof import runs as proof_runs
from surefoot.serve.web.screens.work import begin, jobs

ROUTERS: Final = (
    entry.router,
    static_files.router,
    home.router,
    ask.router,
    source.router,
    documents.router,
    one_document.router,
    traces.router,
    overview.router,
    proof_runs.router,
    evalsets.router,
    experiments.router,
    begin.router,
    jobs.router,
    adapters.router,
    advise.router,
    keys.router,
    audit.router,
)
"""The door, the files of the page, then the screens."""
