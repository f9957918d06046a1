"""PDF pages as Markdown: headings, paragraphs and lists by the converter's reading of fonts and places."""

from __future__ import annotations

import io
from collections.abc import Mapping
from time import process_time
from typing import Any

from surefoot.core.errors import DataError
from surefoot.core.lang import is_han
from surefoot.ingest.extract.convert import structure

# Telling headings takes up to half a second a page: in parts, so that time can run out between them.
_PART_PAGES = 10
_HEADING_CHARS = 200
_COMPLETE = 0.8
# The converter takes paragraphs with wide gaps for tables; such a page is better left as its text layer.
_GUESSED_TABLE = "\0"


def structured_pages(data: bytes, plain: list[str], budget_s: float) -> tuple[list[str], int]:
    """Each page as Markdown, and how many pages stayed plain text when the time was used up.

    `plain` is the text layer of each page: it stands in where the converter loses words.
    """
    end = process_time() + budget_s
    pages: list[str] = []
    for first in range(0, len(plain), _PART_PAGES):
        if process_time() > end:
            return pages + plain[first:], len(plain) - first
        part = plain[first : first + _PART_PAGES]
        try:
            found = _part(_cut(data, first, len(part), len(plain)), len(part))
        except DataError:
            found = [""] * len(part)
        pages += [
            page if _is_complete(page, raw) else raw for page, raw in zip(found, part, strict=True)
        ]
    return pages, 0


def _cut(data: bytes, first: int, count: int, total: int) -> bytes:
    """The document of these pages alone."""
    if count == total:
        return data
    import pypdfium2

    with pypdfium2.PdfDocument(data) as document, pypdfium2.PdfDocument.new() as part:
        part.import_pages(document, list(range(first, first + count)))
        file = io.BytesIO()
        part.save(file)
    return file.getvalue()


def _part(data: bytes, count: int) -> list[str]:
    blocks: list[list[str]] = [[] for _ in range(count)]
    for node in structure(data, "application/pdf"):
        page = node.get("page")
        if isinstance(page, int) and 1 <= page <= count:
            blocks[page - 1].append(_block(node["content"]))
    return ["" if _GUESSED_TABLE in page else "\n\n".join(filter(None, page)) for page in blocks]


def _block(content: Mapping[str, Any]) -> str:
    kind, text = content.get("node_type"), str(content.get("text") or "").strip()
    if kind == "table":
        return _GUESSED_TABLE
    if kind == "heading" and len(text) <= _HEADING_CHARS:
        return f"{'#' * int(content.get('level') or 1)} {_one_line(text)}"
    if kind == "list_item" and text:
        return f"- {text}"
    return text


def _one_line(text: str) -> str:
    line = ""
    for piece in text.split("\n"):
        gap = "" if not line or (is_han(line[-1]) and is_han(piece[:1] or " ")) else " "
        line += gap + piece.strip()
    return line


def _is_complete(page: str, raw: str) -> bool:
    return _size(page) >= _COMPLETE * _size(raw)


def _size(text: str) -> int:
    return sum(map(len, text.split()))
