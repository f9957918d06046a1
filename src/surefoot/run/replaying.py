"""Asks a traced question again with other settings of its stages, and tells what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import ConfigError, DataError
from surefoot.core.roles import Call
from surefoot.core.types import Asker
from surefoot.run.traced import Traced, TracedHit, traced

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

STAGES = "stages."


@dataclass(frozen=True, slots=True)
class Moved:
    """A chunk's final rank in the former and in the new trace, from 1; None where it is not among the hits."""

    chunk_id: str
    was: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """Both traces and what differs between them.

    `moved` has the chunks whose final rank is another, those that came and went included, in the new order.
    `otherwise` names what else was not the same: `solution` (its file was changed since), `asker` (somebody else with
    other rights asked).
    """

    former: Traced
    now: Traced
    moved: tuple[Moved, ...]
    same_answer: bool
    otherwise: tuple[str, ...]


def replay(
    space: Workspace, former: Traced, changes: Mapping[str, Any], asker: Asker, call: Call
) -> Replayed:
    """Asks the question of a trace with these settings changed, by dotted path such as `stages.0.keyword`.

    Raises:
        DataError: the trace does not hold the question, or nothing is traced.
        ConfigError: a setting is none of a stage, or its value is wrong.
    """
    if not former.question or former.name not in ("ask", "search"):
        raise DataError(
            "the trace holds no question to ask again",
            where=former.trace_id,
            hint="content is kept where trace.content = true",
        )
    for path in changes:
        if not path.startswith(STAGES):
            raise ConfigError(
                "only settings of stages can be replayed",
                where=path,
                hint="such as stages.0.keyword; other settings need another index",
            )
    query = space.query(former.question, filter=former.filter, asker=asker, history=former.history)
    with space.varied(changes) as varied:
        asked = varied.run(query, call, answer=former.name == "ask")
        now = traced(varied.ledger.trace(asked.trace_id))
    return Replayed(
        former,
        now,
        moved(former.hits, now.hits),
        former.answer == now.answer and former.refused == now.refused,
        tuple(_otherwise(space, former, now, asker)),
    )


def moved(former: Sequence[TracedHit], now: Sequence[TracedHit]) -> tuple[Moved, ...]:
    """The chunks whose rank is another: those of the new hits in their order, then those that are gone."""
    was = {hit.chunk_id: hit.now for hit in former}
    held = {hit.chunk_id for hit in now}
    kept = [Moved(hit.chunk_id, was.get(hit.chunk_id), hit.now) for hit in now]
    gone = [Moved(hit.chunk_id, hit.now, None) for hit in former if hit.chunk_id not in held]
    return tuple(one for one in (*kept, *gone) if one.was != one.now)


def _otherwise(space: Workspace, former: Traced, now: Traced, asker: Asker) -> list[str]:
    found = []
    if former.solution_digest != space.resources.digest:
        found.append("solution")
    if former.user != (asker.user or "") or former.key != now.key:
        found.append("asker")
    return found
