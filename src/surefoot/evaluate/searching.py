"""Searches as a workspace's solution does, without the stages that answer; nothing is written to the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from surefoot.core.roles import Call
from surefoot.core.types import Query, Turn

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

Search = Callable[[Query, Call], Turn]


def untraced_search(space: Workspace) -> Search:
    """The solution's own search, its stages built once; errors leave as the stages raise them."""
    stages = [named.stage for named in space.resources.stages() if named.stage.produces != "answer"]

    def search(query: Query, call: Call) -> Turn:
        turn = Turn(query)
        for stage in stages:
            turn = stage(turn, call)
        return turn

    return search
