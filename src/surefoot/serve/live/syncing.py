"""Keeps the corpora of a server in step with their sources: when files change, and on a schedule.

One sync runs at a time, in a thread of its own; questions are answered meanwhile from what was there before.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import Final

from surefoot.core.errors import CapReached, ConfigError, SurefootError
from surefoot.ingest.report import Report
from surefoot.run.workspace import Workspace
from surefoot.serve.live.watching import Places, check_watching, places_of, watch
from surefoot.serve.tallies import Metrics
from surefoot.serve.tenants import Tenant, Tenants

_LOG: Final = logging.getLogger("surefoot.serve")
_EVERY: Final = re.compile(r"([1-9]\d{0,5})([smhd])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_AGAIN_S: Final = 30.0
"""Seconds until a sync that failed is tried again, where nothing else asks for one before."""
_NS: Final = 10**9


@dataclass(frozen=True, slots=True)
class Synced:
    """How a corpus is kept in step; counts and `error` (empty = none) are those of the last sync.

    `last` is its end in unix seconds, 0 = there was none yet.
    """

    running: bool = False
    syncs: int = 0
    failures: int = 0
    last: int = 0
    seconds: float = 0.0
    added: int = 0
    changed: int = 0
    removed: int = 0
    problems: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """What a sync waits for: changed files, so many seconds, or both."""

    watch: bool = False
    every_s: float | None = None

    @classmethod
    def of(cls, *, watch: bool, every: str) -> When | None:
        """From settings such as `10m`; None where neither is wanted.

        Raises:
            ConfigError: the time is none.
            MissingExtra: what sees changed files is not installed.
        """
        if not watch and not every:
            return None
        if watch:
            check_watching()
        return cls(watch, seconds_of(every) if every else None)


def seconds_of(every: str) -> float:
    """The seconds of `30s`, `10m`, `2h` or `1d`.

    Raises:
        ConfigError: it is none of these.
    """
    found = _EVERY.fullmatch(every)
    if found is None:
        raise ConfigError(
            f"{every!r} is no time", where="serve_sync_every", hint="30s, 10m, 2h or 1d"
        )
    return float(int(found[1]) * _SECONDS[found[2]])


@dataclass(slots=True)
class Syncing:
    """Syncs all tenants of a server; `clock_ns` gives unix nanoseconds, `log` is told a line of JSON a sync."""

    tenants: Tenants
    when: When
    metrics: Metrics
    clock_ns: Callable[[], int]
    log: Callable[[str], None] | None = None
    turn: Lock = field(default_factory=Lock, init=False)
    """Held by the sync that runs."""
    _keepers: dict[str, _Keeper] = field(default_factory=dict, init=False)

    def start(self) -> None:
        """Begins with a sync of each tenant: files may have changed while nothing was served."""
        for tenant in self.tenants.all:
            keeper = _Keeper(tenant, self)
            self._keepers[tenant.name] = keeper
            keeper.start()

    def stop(self) -> None:
        """Ends; a sync that runs is finished first."""
        for keeper in self._keepers.values():
            keeper.stop()

    def state(self, tenant: Tenant) -> Synced:
        """How it stands with a tenant."""
        return self._keepers[tenant.name].state

    def ended(self, tenant: Tenant, state: Synced) -> None:
        """Counts a sync that has ended and tells of it."""
        self.metrics.synced(failed=bool(state.error), seconds=state.seconds)
        if state.error:
            _LOG.warning("sync of %s failed: %s", tenant.name, state.error)
        if self.log is None:
            return
        told = {
            "event": "sync",
            "workspace": tenant.name,
            "ok": not state.error,
            "ms": round(1000 * state.seconds, 1),
            "added": state.added,
            "changed": state.changed,
            "removed": state.removed,
            "problems": state.problems,
        }
        self.log(json.dumps(told | ({"error": state.error} if state.error else {})))


class _Keeper:
    """Keeps one tenant in step."""

    def __init__(self, tenant: Tenant, syncing: Syncing) -> None:
        self.state = Synced()
        self._tenant = tenant
        self._syncing = syncing
        self._wake, self._end = Event(), Event()
        self._threads = [Thread(target=self._keep, name="surefoot-sync", daemon=True)]
        if syncing.when.watch:
            self._threads.append(Thread(target=self._watch, name="surefoot-watch", daemon=True))

    def start(self) -> None:
        self._wake.set()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._end.set()
        self._wake.set()
        for thread in self._threads:
            thread.join()

    def _watch(self) -> None:
        watch(self._places, self._wake.set, self._end)

    def _places(self) -> Places:
        found: set[Path] = set()
        for model in self._tenant.models():
            with suppress(SurefootError, OSError), self._tenant.using(model) as space:
                corpus = space.solution.corpus
                found |= places_of(corpus, self._tenant.root) if corpus is not None else set()
        return frozenset(found)

    def _keep(self) -> None:
        """Syncs whenever it is woken or the time has come; what goes wrong is told and does not end it."""
        with ThreadPoolExecutor(1, "surefoot-sync") as pool:
            wait: float | None = None
            while True:
                self._wake.wait(wait)
                self._wake.clear()
                if self._end.is_set():
                    return
                began = monotonic()
                with self._syncing.turn:
                    self.state = replace(self.state, running=True)
                    future = pool.submit(self._sync)
                    problem = future.exception()
                report = Report() if problem is not None else future.result()
                if self._end.is_set():
                    return
                self.state = self._after(report, problem, monotonic() - began)
                self._syncing.ended(self._tenant, self.state)
                wait = self._syncing.when.every_s
                if problem is not None:
                    wait = min(wait or _AGAIN_S, _AGAIN_S)

    def _after(self, report: Report, problem: BaseException | None, seconds: float) -> Synced:
        return Synced(
            syncs=self.state.syncs + 1,
            failures=self.state.failures + (problem is not None),
            last=self._syncing.clock_ns() // _NS,
            seconds=round(seconds, 3),
            added=report.added,
            changed=report.changed,
            removed=report.removed,
            problems=len(report.problems),
            error=_said(problem) if problem is not None else "",
        )

    def _sync(self) -> Report:
        """Brings every index of the tenant in step; the report is that of the first, its own.

        Raises:
            SurefootError: one of them failed; the others were synced all the same.
        """
        reports: dict[str, Report] = {}
        problems: list[SurefootError | OSError] = []
        with self._tenant.writing:
            for model in self._tenant.models():
                try:
                    self._sync_index(model, reports)
                except (SurefootError, OSError) as problem:
                    problems.append(problem)
        if problems:
            raise problems[0]
        return next(iter(reports.values()), Report())

    def _sync_index(self, model: str, reports: dict[str, Report]) -> None:
        with self._tenant.using(model) as space:
            if space.solution.corpus is None or space.resources.recipe in reports:
                return
            if space.serving.solution is space.solution:
                reports[space.resources.recipe] = space.sync(progress=self._go_on)
                return
            name = None if space.is_default else model
            flags = space.settings
        with Workspace(self._tenant.root, flags, name, None) as beside:
            report = beside.sync(progress=self._go_on)
            reports[beside.resources.recipe] = report
        self._tenant.renew(model)

    def _go_on(self, *_: object) -> None:
        """Ends a sync in the middle when the server ends: the next one goes on where it was."""
        if self._end.is_set():
            raise CapReached("the server ends")


def _said(problem: BaseException) -> str:
    """What went wrong, in a line."""
    if isinstance(problem, SurefootError):
        return f"{problem.where}: {problem.message}" if problem.where else problem.message
    return f"{type(problem).__name__}: {problem}"
