"""What a search engine elsewhere promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from surefoot.core.roles.stages import Call
from surefoot.core.types import Hit, Query


@dataclass(frozen=True, slots=True)
class Finds:
    """What an engine found, best first; `notes` say what of itself it left out, such as one of two searches."""

    hits: tuple[Hit, ...] = ()
    notes: tuple[str, ...] = ()


class Engine(Protocol):
    """Finds passages outside the index: a search server, a database, the web.

    Made of its settings, the `ModelEnv` and a callable that opens the solution's encoder. What it finds are ordinary
    hits: the chunk's `uri` says where it came from, chunk and document ids begin with the engine's name and a colon,
    and `Hit.by` is that name.
    """

    @property
    def name(self) -> str: ...

    def find(self, query: Query, limit: int, call: Call) -> Finds:
        """The best passages for `query.asked`, the query's filter applied by the engine itself.

        It takes no longer than the call's deadline allows. Who may ask is settled before it is asked.

        Raises:
            TransientError: it was not reached, too slow or busy.
            DataError: what it sent cannot be read.
            ConfigError: it refuses the key, or cannot apply the filter.
        """
        ...

    def close(self) -> None: ...
