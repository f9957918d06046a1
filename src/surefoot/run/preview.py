"""Shows how one file would be cut, without an index: read, cleaned and chunked as a sync does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surefoot.config.base import PartSettings, parse
from surefoot.config.registry import Registry
from surefoot.config.settings import load_settings
from surefoot.config.solution import Corpus
from surefoot.core.errors import DataError, MissingError
from surefoot.core.roles import SourceItem
from surefoot.core.types import Chunk, Document
from surefoot.run.media import media_tools
from surefoot.run.workspace import Workspace

if TYPE_CHECKING:
    from surefoot.run.build import Resources


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk with its sizes. `tokens` are those of what is embedded; `overlap` counts characters of the one before."""

    chunk: Chunk
    tokens: int
    chars: int
    overlap: int


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file would be cut. `max_tokens` is what the encoder reads of a chunk."""

    document_id: str
    title: str
    lang: str
    chars: int
    max_tokens: int
    chunker: Mapping[str, Any]
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...] = ()


def space_without_folder(
    overrides: Mapping[str, Any], flags: Mapping[str, Any] | None = None
) -> Workspace:
    """The default solution where there is no workspace; nothing is written."""
    file = resources.files("surefoot.config") / "data" / "solution.toml"
    return Workspace(Path.cwd(), load_settings(flags=flags), str(file), overrides)


def preview(space: Workspace, file: Path) -> Preview:
    """Cuts a file with the solution's chunker, as it is written.

    Raises:
        MissingError: there is no such file.
        DataError: it cannot be read, or there is no text in it.
    """
    if not file.is_file():
        raise MissingError("there is no such file", where=str(file))
    from surefoot.run.build import Resources

    built = Resources(space.solution, space.place, space.settings.settings, Registry())
    try:
        document, notes = _read(space, built, file)
        return replace(_cut(built, document, built.corpus.chunk), notes=notes)
    finally:
        built.close()


def preview_document(
    space: Workspace, document: Document, chunker: Mapping[str, Any] | None = None
) -> Preview:
    """Cuts a document with the chunker that answers, or with one of these settings; its encoder measures.

    Raises:
        ConfigError: there are no documents in this solution, or a setting is wrong.
    """
    settings = space.resources.corpus.chunk
    if chunker is not None:
        settings = parse(Corpus, {"chunk": dict(chunker)}, Registry(), where="chunker").chunk
    return _cut(space.resources, document, settings)


def _cut(built: Resources, document: Document, settings: PartSettings) -> Preview:
    chunker, encoder = built.chunker(settings), built.encoder()
    chunks = chunker.chunk(document)
    counts = encoder.count_tokens([chunker.indexed_text(chunk) for chunk in chunks])
    return Preview(
        document.id,
        document.title,
        document.lang,
        len(document.text),
        encoder.max_tokens,
        settings.model_dump(mode="json"),
        tuple(_pieces(chunks, counts)),
    )


def _read(space: Workspace, built: Resources, file: Path) -> tuple[Document, tuple[str, ...]]:
    from surefoot.ingest.documents import Unsteady, read_documents
    from surefoot.ingest.extract import ExtractorPool
    from surefoot.ingest.sources import FilesSettings, FilesSource

    source = FilesSource(FilesSettings(paths=(str(file.resolve()),)), space.root)
    items = [item for item in source.items() if isinstance(item, SourceItem)]
    with ExtractorPool(built.corpus.limits, media=media_tools(built)) as pool:
        (found,) = read_documents(items, pool.map, built.corpus.clean, built.descriptions())
    if isinstance(found, Unsteady):
        raise DataError(found.reason, where=str(file), hint="try again when nothing writes to it")
    if found.problem is not None:
        raise found.problem
    if not found.document.text.strip():
        raise DataError("no text was found in it", where=str(file))
    return found.document, found.notes


def _pieces(chunks: Sequence[Chunk], counts: Sequence[int]) -> Iterator[Piece]:
    end = 0
    for chunk, tokens in zip(chunks, counts, strict=True):
        yield Piece(chunk, tokens, chunk.end - chunk.start, max(0, end - chunk.start))
        end = max(end, chunk.end)
