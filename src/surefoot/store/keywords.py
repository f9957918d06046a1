"""Full-text search over one table of passages: the rows that a query finds. Knows no rights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from surefoot.core.roles import PASSAGE
from surefoot.store.maintenance import SearchPlan
from surefoot.store.rows import Row
from surefoot.store.running import only, run
from surefoot.store.schema import VIEW_TEXT
from surefoot.store.sql import all_of
from surefoot.store.views import best_of_each, view_condition

Planned = Callable[[Callable[[SearchPlan], Any], str | None], list[Row]]


def text_column(view: str) -> str:
    """The column that holds the texts of a view."""
    return "indexed_text" if view == PASSAGE else VIEW_TEXT


def keyword_rows(
    table: Any, query: Any, limit: int, condition: str | None, view: str, planned: Planned
) -> list[Row]:
    """The best rows by BM25 of the table, best first, one a chunk; passages are searched as `planned` says."""
    if view == PASSAGE:

        def texts(plan: SearchPlan) -> Any:
            search = table.query().nearest_to_text(query)
            return only(search.limit(limit).select(["chunk", "_score"]), plan.covers_text)

        return planned(texts, condition)
    place = all_of([view_condition(view), condition])
    search = table.query().nearest_to_text(query).select(["passage_id", "chunk", "_score"])
    return best_of_each(lambda size: run(search.limit(size), place), limit)
