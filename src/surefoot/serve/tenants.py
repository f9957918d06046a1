"""The workspaces that a server answers from: one a tenant, each solution opened once and taken up anew when changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any, Final

from surefoot.core.errors import ConfigError, MissingError, SurefootError
from surefoot.core.trace import Sink
from surefoot.run.adapted import JOIN, adapted, why_not
from surefoot.run.adapters import find_adapter, list_adapters, made_at
from surefoot.run.build import Resources
from surefoot.run.jobs import Jobs
from surefoot.run.places import INNER, SOLUTION_FILE
from surefoot.run.workspace import Workspace, open_workspace
from surefoot.serve.live.answers import AnswerCache
from surefoot.store.audit import AuditBook
from surefoot.store.keys import KeyBook
from surefoot.tune.artefact import CARD

_MB: Final = 1_000_000
_Stamp = tuple[int, int]
"""When a file was changed, and its size."""


@dataclass(slots=True)
class _Opened:
    """A solution that is open; it is closed when it has been replaced and nobody uses it any more."""

    space: Workspace
    stamp: _Stamp
    users: int = 0
    replaced: bool = False
    views: dict[str, _View] = field(default_factory=dict)
    """The same with a trained model in it, by the name of that one."""

    def holds(self, space: Workspace) -> bool:
        """Whether it is this one, or a view of it."""
        return space is self.space or any(one.space is space for one in self.views.values())


@dataclass(frozen=True, slots=True)
class _View:
    """A solution with a trained model, as long as its card and the open resources are these."""

    stamp: _Stamp
    resources: Resources
    space: Workspace


class Tenant:
    """A workspace with all its solutions. Safe to use from several threads."""

    def __init__(self, root: Path, flags: Mapping[str, Any] | None = None) -> None:
        self.root = root
        self.name = root.name
        self._flags = dict(flags or {})
        self._opened: dict[str, _Opened] = {}
        self._askable: dict[str, tuple[_Stamp, _Stamp]] = {}
        self.problems: dict[str, str] = {}
        """What is wrong with the changed file of a solution whose former version goes on answering."""
        self._lock = RLock()
        self.listeners: tuple[Sink, ...] = ()
        """Told of every finished span of a question; set before the first."""
        self.writing = RLock()
        """Held by whoever changes the corpus, so that two of them wait for each other here."""
        self.default = open_workspace(root, settings=self._flags)
        ledger = self.default.settings.settings.ledger
        self.jobs = Jobs(root, ledger, offline=self.default.settings.settings.offline)
        self.keys = KeyBook(ledger) if ledger else KeyBook.at(root / INNER)
        kept = self.default.settings.settings
        self.answers = AnswerCache(
            kept.answer_cache, kept.answer_cache_mb * _MB, kept.answer_cache_minutes * 60.0
        )
        """Answers that are given again; emptied by whatever is written or deleted here."""
        days = self.default.settings.settings.audit_keep_days
        self.audit = (
            AuditBook(ledger, keep_days=days)
            if ledger
            else AuditBook.at(root / INNER, keep_days=days)
        )

    def models(self) -> list[str]:
        """The solutions by name: the workspace's own first, then the others."""
        others = sorted(file.stem for file in (self.root / "solutions").glob("*.toml"))
        own = self.default.solution.name
        return [own, *(name for name in others if name != own)]

    def names(self) -> list[str]:
        """What `GET /v1/models` lists: the solutions, and every trained model that can be asked in the own one."""
        return [*self.models(), *(self.name_of(one) for one in self.adapters())]

    def adapters(self) -> list[str]:
        """The trained models that can be asked in the workspace's own solution."""
        return [card.name for card in list_adapters(self.root) if not self.why_not(card.name)]

    def why_not(self, adapter: str) -> str:
        """Why a trained model cannot be asked in the workspace's own solution; empty where it can."""
        card = _stamp(find_adapter(self.root, adapter) / CARD)
        stamp = (card, _stamp(self.root / SOLUTION_FILE))
        if self._askable.get(adapter) == stamp:
            return ""
        with self.using() as space:
            why = why_not(space, adapter)
        if not why:
            self._askable[adapter] = stamp
        return why

    def name_of(self, adapter: str) -> str:
        """The name by which a trained model is asked: its own, unless a solution has that."""
        if adapter not in self.models():
            return adapter
        return f"{self.default.solution.name}{JOIN}{adapter}"

    def part(self, model: str) -> tuple[str, str]:
        """The solution and the trained model that a name means: `SOLUTION`, `SOLUTION+ADAPTER` or `ADAPTER`.

        Empty is the workspace's own solution; a trained model alone is asked in that.

        Raises:
            MissingError: there is no such model.
        """
        models = self.models()
        if not model or model in models:
            return model or models[0], ""
        solution, plus, adapter = model.rpartition(JOIN)
        trained = {card.name for card in list_adapters(self.root)}
        if adapter in trained and (solution in models or not plus):
            return solution or models[0], adapter
        known = ", ".join(self.names())
        raise MissingError(f"there is no model {model!r}", hint=f"known: {known}")

    def knows(self, model: str) -> bool:
        """Whether a name means something that can be asked here."""
        try:
            self.part(model)
        except MissingError:
            return False
        return True

    def created(self, model: str) -> int:
        """When the solution was last written, or the trained model made, in unix seconds.

        Raises:
            MissingError: there is no such model.
        """
        solution, adapter = self.part(model)
        if adapter:
            return made_at(find_adapter(self.root, adapter))
        return int(self.solution_file(solution).stat().st_mtime)

    @contextmanager
    def using(self, model: str = "") -> Iterator[Workspace]:
        """The workspace with what this name means, as `part` says; empty is the workspace's own solution.

        A solution file that was changed is taken up; who still asks the former one finishes with it. Whatever trained
        model answers in a solution, its index, encoder and base model are open once.

        Raises:
            MissingError: there is no such model.
            ConfigError: the file is wrong and none answered before; else the former goes on, and `problems` says why.
            SurefootError: the trained model cannot be asked, as `why_not` says.
        """
        solution, adapter = self.part(model)
        opened = self._take(solution)
        try:
            yield self._view(opened, adapter) if adapter else opened.space
        finally:
            self._give(opened)

    def renew(self, model: str, former: Workspace | None = None) -> None:
        """Opens the solution anew for the next question, because another index answers; who asks now finishes.

        Nothing is done where `former` is not the one that is open any more.
        """
        name, _ = self.part(model)
        with self._lock:
            opened = self._opened.get(name)
            if opened is not None and (former is None or opened.holds(former)):
                del self._opened[name]
                opened.replaced = True
                self._close_unused(opened)

    def close(self) -> None:
        """Closes all that is open; a job that runs is interrupted and can be gone on with."""
        self.jobs.close()
        with self._lock:
            for opened in self._opened.values():
                opened.space.close()
            self._opened.clear()
            self.default.close()
            self.keys.close()
            self.audit.close()

    def _take(self, model: str) -> _Opened:
        with self._lock:
            file = self.solution_file(model)
            stamp = _stamp(file)
            opened = self._opened.get(model)
            if opened is None or opened.stamp != stamp:
                opened = self._renewed(model, file, stamp, opened)
            opened.users += 1
            return opened

    def _view(self, opened: _Opened, adapter: str) -> Workspace:
        """The open solution with a trained model in it."""
        with self._lock:
            stamp = _stamp(find_adapter(self.root, adapter) / CARD)
            resources, kept = opened.space.resources, opened.views.get(adapter)
            if kept is None or kept.stamp != stamp or kept.resources is not resources:
                try:
                    space = adapted(opened.space, adapter)
                except SurefootError as problem:
                    problem.where = adapter  # where it lies on this machine is nobody's business
                    raise
                kept = opened.views[adapter] = _View(stamp, resources, space)
            return kept.space

    def _renewed(self, model: str, file: Path, stamp: _Stamp, former: _Opened | None) -> _Opened:
        """The solution as its file is now; the former one where that is wrong, which `problems` then says."""
        name = None if file.name == SOLUTION_FILE else model
        try:
            space = open_workspace(self.root, solution=name, settings=self._flags)
            _ = space.solution  # read now
        except ConfigError as problem:
            if former is None:
                raise
            self.problems[model] = str(problem)
            former.stamp = stamp  # it is not read again before it changes again
            return former
        self.problems.pop(model, None)
        space.listeners = self.listeners
        if former is not None:
            former.replaced = True
            self._close_unused(former)
        opened = self._opened[model] = _Opened(space, stamp)
        return opened

    def _give(self, opened: _Opened) -> None:
        with self._lock:
            opened.users -= 1
            self._close_unused(opened)

    @staticmethod
    def _close_unused(opened: _Opened) -> None:
        if opened.replaced and not opened.users:
            opened.space.close()

    def solution_file(self, model: str) -> Path:
        """The file of a solution, or of that which a trained model is asked in.

        Raises:
            MissingError: there is no such model.
        """
        name, _ = self.part(model)
        if name == self.default.solution.name:
            return self.root / SOLUTION_FILE
        return self.root / "solutions" / f"{name}.toml"


@dataclass(slots=True)
class Tenants:
    """All tenants of a server, by name; a request's key decides which."""

    all: Sequence[Tenant]
    by_name: Mapping[str, Tenant] = field(init=False)

    def __post_init__(self) -> None:
        self.by_name = {tenant.name: tenant for tenant in self.all}
        if len(self.by_name) < len(self.all):
            raise ConfigError(
                "two workspaces have the same folder name", hint="give them names of their own"
            )

    def close(self) -> None:
        """Closes all of them."""
        for tenant in self.all:
            tenant.close()


def _stamp(file: Path) -> _Stamp:
    state = file.stat()
    return state.st_mtime_ns, state.st_size
