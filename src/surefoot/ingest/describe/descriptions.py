"""Runs the describers of a corpus over its documents, in order. What one cannot read is reported, the rest goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from surefoot.config.solution import ColumnType
from surefoot.core.digest import digest_json
from surefoot.core.errors import DataError
from surefoot.core.roles import ChunkDescriber, Describer, SourceItem
from surefoot.core.types import Chunk, Document, Meta
from surefoot.ingest.describe.values import typed


@dataclass(frozen=True, slots=True)
class Described:
    """A document with more metadata; `told` is what was said beside its text, `problems` what could not be read."""

    document: Document
    told: Meta = field(default_factory=dict)
    problems: tuple[DataError, ...] = ()


class Descriptions:
    """The describers of a corpus and the declared types of its metadata."""

    def __init__(
        self, describers: Sequence[Describer] = (), declared: Mapping[str, ColumnType] | None = None
    ) -> None:
        self._describers = tuple(describers)
        self._declared = declared or {}

    def describe(self, item: SourceItem, document: Document) -> Described:
        """What all describers make of a document; later ones go over earlier ones."""
        told = dict(item.meta)
        problems: list[DataError] = []
        for describer in self._describers:
            before = document
            try:
                document = describer.describe(item, before)
            except DataError as problem:
                problems.append(problem)
                continue
            new = {k: v for k, v in document.meta.items() if before.meta.get(k) != v}
            new = typed(new, self._declared)
            document = replace(document, meta={**document.meta, **new})
            if describer.beside_text:
                told |= new
        return Described(document, told, tuple(problems))

    def of_chunks(self, document: Document, chunks: Sequence[Chunk]) -> tuple[Chunk, ...]:
        """The chunks with what describers say of each beside its document."""
        for describer in self._describers:
            if isinstance(describer, ChunkDescriber):
                told = describer.describe_chunks(document, chunks)
                chunks = [self._told(chunk, of) for chunk, of in zip(chunks, told, strict=True)]
        return tuple(chunks)

    def _told(self, chunk: Chunk, of: Meta) -> Chunk:
        return replace(chunk, meta={**chunk.meta, **typed(of, self._declared)}) if of else chunk

    def marked(self, item: SourceItem) -> SourceItem | None:
        """The item with a fingerprint that its descriptions count for; None for an item that only describes."""
        if any(describer.is_description(item) for describer in self._describers):
            return None
        marks = [describer.mark(item) for describer in self._describers]
        if not any(marks):
            return item
        return replace(item, fingerprint=f"{item.fingerprint}-d{digest_json(marks)[:8]}")
