"""What all routes share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from surefoot.config.settings import AppSettings
from surefoot.serve.desk import Desk
from surefoot.serve.live.syncing import Syncing
from surefoot.serve.streams import Streams
from surefoot.serve.tallies import Metrics
from surefoot.serve.tenants import Tenants
from surefoot.serve.who import Door


@dataclass(frozen=True, slots=True)
class Serving:
    """Tenants, the door that finds them, the desk where work is done, and the clock (unix time in nanoseconds)."""

    tenants: Tenants
    door: Door
    desk: Desk
    settings: AppSettings
    clock_ns: Callable[[], int] = time.time_ns
    metrics: Metrics = field(default_factory=Metrics)
    syncing: Syncing | None = None
    streams: Streams = field(default_factory=Streams)


def serving_of(request: Request) -> Serving:
    """What the application of a request serves."""
    found: Serving = request.app.state.serving
    return found


Served = Annotated[Serving, Depends(serving_of)]
"""The parameter of a route that works with it."""
