"""Refuses stages in an order that cannot work, and says why. Knows what stages take and produce, not what they are."""

from __future__ import annotations

from collections.abc import Sequence

from surefoot.core.errors import ConfigError
from surefoot.run.pipeline import NamedStage


def check_order(stages: Sequence[NamedStage], where: str) -> None:
    """Sees to it that every stage has what it takes, and that nothing it does is lost.

    Raises:
        ConfigError: naming the stage, its place and the remedy.
    """
    for place, named in enumerate(stages):
        before, after = stages[:place], stages[place + 1 :]
        problem = _lacks_hits(named, before) or _follows_answer(before) or _unread(named, after)
        if problem:
            reason, hint = problem
            raise ConfigError(
                f"{named.path} ({named.kind}) {reason}", where=f"{where}: {named.path}", hint=hint
            )


def _lacks_hits(named: NamedStage, before: Sequence[NamedStage]) -> tuple[str, str] | None:
    if named.stage.takes != "hits" or any(s.stage.produces == "hits" for s in before):
        return None
    return "works on hits, and no stage before it finds any", 'put kind = "search" before it'


def _follows_answer(before: Sequence[NamedStage]) -> tuple[str, str] | None:
    answering = next((s for s in before if s.stage.produces == "answer"), None)
    if answering is None:
        return None
    reason = f"comes after {answering.path} ({answering.kind}), which has answered already"
    return reason, f"move it before {answering.path}, or take one of them out"


def _unread(named: NamedStage, after: Sequence[NamedStage]) -> tuple[str, str] | None:
    """A changed query that no later search reads changes nothing."""
    if named.stage.produces != "query" or any(s.stage.takes == "query" for s in after):
        return None
    return "changes the query, and no stage after it searches", 'move it before kind = "search"'
