"""An index whose scores tell nobody anything of documents that they may not read: `isolation = "strict"`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from surefoot.core.roles import Scope
from surefoot.store.keywords import keyword_rows
from surefoot.store.lance import LanceIndex
from surefoot.store.maintenance import SearchPlan
from surefoot.store.readers import ReaderTables
from surefoot.store.rows import Row
from surefoot.store.running import run
from surefoot.store.schema import Recipe
from surefoot.store.sql import acl_sql, scope_sql
from surefoot.store.tables import Tables

_COVERED = SearchPlan(covers_text=True)


def _searched(search: Callable[[SearchPlan], Any], condition: str | None) -> list[Row]:
    return run(search(_COVERED), condition)


class StrictIndex(LanceIndex):
    """Words are searched in a table of what the asker may read, vectors are all compared one by one.

    Every hit with its score is that of a corpus which holds these documents alone. The owner, who reads everything,
    searches the whole.
    """

    def __init__(self, tables: Tables, recipe: Recipe) -> None:
        super().__init__(tables, recipe)
        self._readers = ReaderTables(self._passages, views=recipe.views)

    def close(self) -> None:
        """Lets what is cached go, the tables of readers too."""
        super().close()
        self._readers.clear()

    def _worded(self, query: Any, limit: int, scope: Scope, view: str) -> list[Row]:
        rights = acl_sql(scope.asker)
        if rights is None:
            return super()._worded(query, limit, scope, view)
        table = self._readers.of(rights).table
        if table is None:
            return []
        # The table holds nothing else than what the asker may read, so that only the filter is left to look at.
        columns = [] if scope.filter is None else self._columns(scope.asker)
        place = scope_sql(Scope(scope.filter), columns)
        return keyword_rows(table, query, limit, place, view, _searched)

    def _replan(self) -> tuple[int, SearchPlan]:
        version, plan = super()._replan()
        self._planned = (version, replace(plan, partitions=0, probes=0))
        return self._planned
