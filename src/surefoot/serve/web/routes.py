"""All routes of the page, one router a screen."""

from __future__ import annotations

from typing import Final

from surefoot.serve.web import entry, static_files
from surefoot.serve.web.screens import advise, ask, audit, home, keys, source, traces

ROUTERS: Final = (
    entry.router,
    static_files.router,
    home.router,
    ask.router,
    source.router,
    traces.router,
    advise.router,
    keys.router,
    audit.router,
)
"""The door, the files of the page, then the screens."""
