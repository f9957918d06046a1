"""What a search engine elsewhere promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from surefoot.core.roles.stages import Call
from surefoot.core.types import Hit, Query


class Engine(Protocol):
    """Finds passages outside the index: a search server, a database, the web.

    What it finds are ordinary hits: the chunk's `uri` says where it came from, `document_id` begins with the engine's
    name, and `Hit.by` is that name.
    """

    @property
    def name(self) -> str: ...

    def find(self, query: Query, limit: int, call: Call) -> Sequence[Hit]:
        """The best passages, best first, with the query's filter and rights applied by the engine itself.

        Raises:
            TransientError: it was not reached, too slow or busy.
            DataError: what it sent cannot be read.
            ConfigError: it refuses the key, or cannot apply the filter.
        """
        ...

    def close(self) -> None: ...
