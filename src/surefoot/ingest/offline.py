"""Leaves sources on other machines alone while the network is off: nothing of theirs is offered, nothing goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from surefoot.core.errors import MissingError
from surefoot.core.roles import RemoteSource, Source, SourceProblem
from surefoot.models.http import refuse_offline


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """Stands for a source that must not be asked; what was read of it stays in the index."""

    name: str
    address: str
    whole_ids: bool = False

    def items(self) -> Iterator[SourceProblem]:
        """The one problem that says so."""
        yield SourceProblem(
            self.name,
            self.address,
            self.name,
            "is on the network, and the network is off",
            "sync without --offline to bring it up to date",
            keep=True,
        )


def without_network(source: Source) -> Source:
    """The source where it asks this machine alone (files, loopback addresses), else one that is out of reach."""
    for address in source.addresses if isinstance(source, RemoteSource) else ():
        try:
            refuse_offline(address, source.name)
        except MissingError:
            return OutOfReach(source.name, address, getattr(source, "whole_ids", False))
    return source
