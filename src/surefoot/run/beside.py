"""Builds the index of other corpus settings beside the one that answers, from the documents that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import MissingError
from surefoot.run.corpus import build
from surefoot.run.held import HeldSource
from surefoot.run.serving import drop_built, is_built

if TYPE_CHECKING:
    from surefoot.ingest.sync import Progress, Report
    from surefoot.run.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Beside:
    """A workspace over the other index; `report` says how it was built, None where it was there already."""

    space: Workspace
    report: Report | None


@contextmanager
def beside(
    space: Workspace,
    overrides: Mapping[str, Any],
    *,
    keep: bool = False,
    progress: Progress | None = None,
) -> Iterator[Beside]:
    """The workspace with these settings and their own index, which is dropped afterwards unless `keep`.

    An index that was there before is used as it is and stays.

    Raises:
        MissingError: nothing is indexed yet.
    """
    if next(iter(space.resources.index().states()), None) is None:
        raise MissingError(
            "nothing is indexed yet", where=str(space.root), hint="surefoot sync reads it"
        )
    with space.varied(overrides) as other:
        with other.wanted() as wanted:
            there = is_built(wanted)
        if there:
            yield Beside(other, None)
            return
        try:
            yield Beside(other, build(other, [HeldSource(space.resources.index())], progress))
        finally:
            if not keep:
                with other.wanted() as wanted:
                    drop_built(wanted)
