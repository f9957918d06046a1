"""What a solution would say to its chat model for given passages: training rows hold it, exports are replayed on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from surefoot.core.errors import ConfigError
from surefoot.core.roles import Call

if TYPE_CHECKING:
    from surefoot.core.roles import Message
    from surefoot.core.types import Chunk, Lang, Query
    from surefoot.run.workspace import Workspace


@runtime_checkable
class Says(Protocol):
    """A stage that asks a chat model, and can tell what it would say to it."""

    def messages_for(self, query: Query, chunks: Sequence[Chunk], call: Call) -> list[Message]: ...


def serving_prompt(
    space: Workspace, question: str, chunks: Sequence[Chunk], lang: Lang = "other"
) -> list[Message]:
    """The messages that the solution in force sends for a question and passages, best first.

    They are worded in the question's language where `lang` is `other`, and are none where the solution would refuse
    without asking: where it searches and there are no passages.

    Raises:
        ConfigError: no stage of the solution asks a chat model.
    """
    query = space.query(question)
    if lang != "other":
        query = replace(query, lang=lang)
    return _saying(space).messages_for(query, chunks, Call())


def _saying(space: Workspace) -> Says:
    """The last stage that asks a chat model."""
    for named in reversed(space.pipeline.stages):
        if isinstance(named.stage, Says):
            return named.stage
    raise ConfigError(
        "no stage asks a chat model",
        where=space.solution_file.name,
        hint='add [[stages]] kind = "answer"',
    )
