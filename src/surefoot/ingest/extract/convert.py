"""The one place that calls the document converter (kreuzberg), with its errors in our words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from surefoot.core.errors import DataError
from surefoot.core.types import MetaValue
from surefoot.ingest.extract.facts import authors, facts, iso_date, said
from surefoot.ingest.extract.markup import unescape

# Two characters of the private use area around the page number: no document's own text holds them.
_PAGE_MARK = "\n\n\ue0f0{page_num}\ue0f1\n\n"


@dataclass(frozen=True, slots=True)
class Converted:
    """Markdown of a document, of each of its pages where it has them, and its raw metadata."""

    text: str
    pages: tuple[str, ...]
    metadata: dict[str, Any]


def convert(data: bytes, mime: str) -> Converted:
    """Converts a document to Markdown without OCR, network, cache or threads of its own.

    Raises:
        DataError: when it is encrypted or damaged.
    """
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
    )
    try:
        result = kreuzberg.extract_bytes_sync(data, mime, config=config)
    except kreuzberg.KreuzbergError as problem:
        raise _explained(str(problem)) from None
    except RuntimeError as problem:
        # A panic of the converter's native code.
        raise _explained(str(problem)) from None
    pages = tuple(unescape(str(page["content"])) for page in result.pages or [])
    return Converted(unescape(result.content), pages, dict(result.metadata))


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
