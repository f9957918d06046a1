"""What works on the index of a solution: put together for syncs and for what a chat model writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from surefoot.config.solution import Graph
from surefoot.core.roles import Viewer, WritingViewer
from surefoot.run.places import INNER, index_name

if TYPE_CHECKING:
    from surefoot.ingest.loading import Read
    from surefoot.ingest.sync import Tools
    from surefoot.ingest.writing.desk import Desk
    from surefoot.run.build import Resources
    from surefoot.store.replies import ReplyBook


def tools_of(resources: Resources, read: Read) -> Tools:
    """What works on the index of a solution; `read` reads files."""
    from surefoot.ingest.sync import Tools

    viewers = resources.viewers()
    return Tools(
        resources.index(),
        resources.chunker(),
        resources.encoder(),
        read,
        resources.corpus.clean,
        entities=_entities(resources.corpus.graph),
        viewers=[viewer for viewer in viewers if not isinstance(viewer, WritingViewer)],
        desk=desk_of(resources, viewers),
        descriptions=resources.descriptions(),
    )


def desk_of(resources: Resources, viewers: Sequence[Viewer | WritingViewer]) -> Desk | None:
    """Where the writers of a solution's corpus find their replies; None where no chat model writes."""
    from surefoot.ingest.writing.desk import Desk, Models
    from surefoot.ingest.writing.naming import ModelNames

    writers: list[WritingViewer | ModelNames] = [
        viewer for viewer in viewers if isinstance(viewer, WritingViewer)
    ]
    graph = resources.corpus.graph
    if graph is not None and graph.model:
        writers.append(ModelNames(graph, resources.prompt))
    if not writers:
        return None
    models = Models(resources.chat, resources.chat_digest)
    return Desk(writers, models, reply_book(resources.place.root), reply_place(resources))


def reply_book(root: Path) -> ReplyBook:
    """Where a workspace keeps what its chat models replied."""
    from surefoot.store.replies import ReplyBook

    return ReplyBook.at(root / INNER)


def reply_place(resources: Resources) -> str:
    """What names an index in that book."""
    return index_name(resources.place.tables, resources.recipe)


def _entities(graph: Graph | None) -> Callable[[str], tuple[str, ...]] | None:
    if graph is None:
        return None
    from surefoot.core.lang.entities import entities

    return partial(entities, numbers=graph.numbers, phrases=graph.phrases, limit=graph.per_passage)
