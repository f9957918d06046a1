"""The one place that calls the document converter (kreuzberg), with its errors in our words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from surefoot.core.errors import DataError
from surefoot.core.types import MetaValue
from surefoot.ingest.extract.facts import authors, facts, iso_date, said
from surefoot.ingest.extract.markup import unescape

# Two characters of the private use area around the page number: no document's own text holds them.
_PAGE_MARK = "\n\n\ue0f0{page_num}\ue0f1\n\n"

_MAX_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Converted:
    """Markdown of a document, its raw metadata, and what lies in it: names with their Markdown."""

    text: str
    metadata: dict[str, Any]
    inner: tuple[tuple[str, str], ...] = ()


def convert(data: bytes, mime: str) -> Converted:
    """Converts a document to Markdown without OCR, network, cache or threads of its own.

    Raises:
        DataError: when it is encrypted or damaged.
    """
    result = _extract(data, mime, {})
    inner = tuple(_inner(result.children or (), _MAX_DEPTH))
    return Converted(_tidy(result.content), dict(result.metadata), inner)


def _inner(children: Iterable[dict[str, Any]], depth: int) -> Iterator[tuple[str, str]]:
    """What was read of the files inside, those inside of them after them."""
    for child in children:
        yield str(child["path"]), _tidy(child["result"].content)
        if depth > 1:
            yield from _inner(child["result"].children or (), depth - 1)


def structure(data: bytes, mime: str) -> list[dict[str, Any]]:
    """The document's blocks in reading order, each with `content` and, where known, `page` from 1.

    Raises:
        DataError: when it is encrypted or damaged.
    """
    document = _extract(data, mime, {"include_document_structure": True}).document
    return list(document["nodes"]) if document else []


def _extract(data: bytes, mime: str, wanted: dict[str, Any]) -> Any:
    import kreuzberg

    config = kreuzberg.ExtractionConfig(
        output_format="markdown",
        use_cache=False,
        pages=kreuzberg.PageConfig(
            extract_pages=True,
            insert_page_markers=mime.endswith("presentation"),
            marker_format=_PAGE_MARK,
        ),
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=1),
        **wanted,
    )
    try:
        return kreuzberg.extract_bytes_sync(data, mime, config=config)
    except (kreuzberg.KreuzbergError, RuntimeError) as problem:
        # A RuntimeError is a panic of the converter's native code.
        raise _explained(str(problem)) from None


def _tidy(markdown: str) -> str:
    return unescape(markdown.replace("\r\n", "\n").replace("\r", "\n"))


def document_facts(metadata: dict[str, Any]) -> dict[str, MetaValue]:
    """Author, dates, subject, keywords and counts from the converter's metadata."""
    keywords = metadata.get("keywords")
    return facts(
        author=authors(metadata.get("authors") or ()),
        created=iso_date(metadata.get("created_at")),
        modified=iso_date(metadata.get("modified_at")),
        subject=said(metadata.get("subject")),
        keywords=", ".join(map(str, keywords)) if isinstance(keywords, list) else said(keywords),
        sheets=metadata.get("sheet_count"),
        language=said(metadata.get("language")),
    )


def _explained(message: str) -> DataError:
    lowered = message.lower()
    if "password" in lowered or "encrypt" in lowered:
        return DataError("is encrypted", hint="save a copy without a password")
    first = message.strip().splitlines()[0] if message.strip() else "unknown cause"
    return DataError(
        f"is damaged or not what its name says ({first[:160]})",
        hint="open it in its own program and save it again",
    )
