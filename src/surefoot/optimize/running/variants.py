"""Builds the indexes that solutions need beside the live one, each once, and drops those that nobody needs after."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from surefoot.core.errors import ConfigError
from surefoot.core.types import Expense
from surefoot.optimize.spaces.ground import Checked, Ground
from surefoot.run.beside import beside
from surefoot.run.corpus import build
from surefoot.run.held import HeldSource
from surefoot.run.serving import drop_built, is_built

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

Show = Callable[[str, int, int], None]
"""Called with what is being built, what is done and what there is in all."""

_LOCK = "building.lock"
_BUILT = "built.json"


class Variants:
    """The indexes of one experiment. `folder` remembers which it built, so that none is forgotten after a kill."""

    def __init__(self, space: Workspace, ground: Ground, folder: Path, show: Show) -> None:
        self._space = space
        self._ground = ground
        self._folder = folder
        self._show = show
        self._ready: set[str] = set()
        self.expense = Expense()

    @property
    def built(self) -> dict[str, dict[str, object]]:
        """The settings of the solutions whose index this experiment built, by recipe."""
        file = self._folder / _BUILT
        if not file.is_file():
            return {}
        found: dict[str, dict[str, object]] = json.loads(file.read_text(encoding="utf-8"))
        return found

    def prepare(self, checked: Checked) -> Expense:
        """Sees to it that the index of a solution is there and holds the documents of now; what that took.

        Raises:
            MissingError: nothing is indexed yet, or an encoder cannot be had.
        """
        if checked.solution.corpus is None:
            return Expense()
        recipe = self._ground.resources(checked.solution).recipe
        if recipe in self._ready:
            return Expense()
        began, busy = perf_counter(), process_time()
        with self._alone():
            self._make(checked, recipe)
        self._ready.add(recipe)
        spent = Expense(perf_counter() - began, process_time() - busy)
        self.expense = self.expense + spent
        return spent

    def drop(self, keep: Collection[str] = ()) -> list[str]:
        """Drops what this experiment built, but for these recipes and the live one; the recipes dropped."""
        dropped = []
        with self._alone():
            left = self.built
            for recipe, plain in list(left.items()):
                if recipe in keep:
                    continue
                resources = self._ground.resources(self._ground.parsed(plain))
                del left[recipe]
                with suppress(ConfigError):  # it is the live one by now, or a snapshot needs it
                    drop_built(resources)
                    dropped.append(recipe)
                self._remember(left)
        return dropped

    def _make(self, checked: Checked, recipe: str) -> None:
        resources = self._ground.resources(checked.solution)
        if not is_built(resources):
            self._remember({**self.built, recipe: dict(checked.plain)})
        overrides = {key: value for key, value in checked.plain.items() if key != "schema"}
        with beside(self._space, overrides, keep=True, progress=self._building(recipe)) as found:
            live = self._space.resources.index()
            if found.report is None and found.space.resources.index().version() != live.version():
                build(found.space, [HeldSource(live)], self._building(recipe))

    def _building(self, recipe: str) -> Callable[[int, int, str], None]:
        def told(done: int, total: int, _detail: str) -> None:
            self._show(f"index {recipe[:6]}", done, total)

        return told

    def _remember(self, built: dict[str, dict[str, object]]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self._folder / f"{_BUILT}.new"
        new.write_text(json.dumps(built, ensure_ascii=False), encoding="utf-8")
        new.replace(self._folder / _BUILT)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process builds at a time; the others wait and then find the index there."""
        from filelock import FileLock

        self._folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder.parent / _LOCK):
            yield
