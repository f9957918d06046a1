"""PDF: text with headings by the converter, page by page, ruled tables put in their place."""

from __future__ import annotations

import re
from typing import Any

from surefoot.core.errors import DataError
from surefoot.core.lang import is_han
from surefoot.core.roles import Extracted
from surefoot.core.types import MetaValue
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.convert import convert, document_facts
from surefoot.ingest.extract.facts import authors, facts, iso_date, said
from surefoot.ingest.extract.pages import join_pages
from surefoot.ingest.extract.pdf_tables import insert_tables, tables_of

MEDIA_HINT = (
    'planned for a later version as pip install "surefoot[media]"; until then add a text version'
)
_ENDS = "。！？；：.!?;:…”』」）)"
_BREAKS_BEFORE = re.compile(
    r"^(?:#|[-*+>|]\s|\||\d+[.、)）]|[（(]?[一二三四五六七八九十]+[、)）]|第.{1,4}[章节条])"
)
_HAN_GAP = re.compile(
    r"(?<=[\u3400-\u9fff，。、；：！？）》」』”])[ \t]+(?=[\u3400-\u9fff，。、；：！？（《「『“])"
)


def read_pdf(content: Content) -> Extracted:
    """Markdown, `pages` holding where each page starts.

    Raises:
        DataError: when it is encrypted, damaged, or has no text layer.
    """
    count, about = _open(content.data)
    notes: list[str] = []
    try:
        converted = convert(content.data, "application/pdf")
        pages, meta = list(converted.pages), document_facts(converted.metadata)
        title = said(converted.metadata.get("title"))
    except DataError as problem:
        pages, meta, title = [], {}, ""
        notes.append(f"read as plain text without headings: the file {problem.message}")
    if len(pages) != count or not any(page.strip() for page in pages):
        pages = _plain_pages(content.data)
    pages = [_joined_lines(page) for page in pages]
    if not any(page.strip() for page in pages):
        raise DataError(
            "has no text layer: its pages are images, and text in images is not read yet (it needs OCR)",
            hint=MEDIA_HINT,
        )
    budget_s = content.limits.seconds / 4
    tables, left_out = tables_of(content.data, budget_s)
    if left_out:
        notes.append(
            f"tables of {left_out} pages are plain text: looking for them took over {budget_s:.0f} s"
        )
    pages = [insert_tables(page, tables.get(number, [])) for number, page in enumerate(pages)]
    text, starts = join_pages(pages)
    meta = meta | _facts(about) | {"pages": count}
    return Extracted(
        text=text,
        title=title or said(about.get("Title")),
        pages=starts,
        meta=meta,
        notes=tuple(notes),
    )


def _open(data: bytes) -> tuple[int, dict[str, Any]]:
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(data) as document:
            return len(document), document.get_metadata_dict()
    except pypdfium2.PdfiumError as problem:
        message = str(problem).lower()
    if "password" in message or "security" in message:
        raise DataError("is encrypted", hint="save a copy without a password")
    raise DataError(
        f"is damaged: it cannot be opened as PDF ({message})",
        hint="open it in its own program and save it again",
    )


def _plain_pages(data: bytes) -> list[str]:
    import pypdfium2

    pages = []
    with pypdfium2.PdfDocument(data) as document:
        for number in range(len(document)):
            page = document[number]
            layer = page.get_textpage()
            pages.append(
                layer.get_text_range()
                .replace("\r\n", "\n")
                .replace("\r", "\n")
                .replace("\ufffe", "")
            )
            layer.close()
            page.close()
    return pages


def _facts(about: dict[str, Any]) -> dict[str, MetaValue]:
    return facts(
        author=authors([about.get("Author")]),
        created=iso_date(about.get("CreationDate")),
        modified=iso_date(about.get("ModDate")),
        subject=said(about.get("Subject")),
        keywords=said(about.get("Keywords")),
    )


def _joined_lines(page: str) -> str:
    """Chinese lines that the layout broke become one paragraph again; gaps between ideographs close."""
    blocks: list[str] = []
    for block in page.split("\n\n"):
        if blocks and _runs_on(blocks[-1], block):
            gap = (
                ""
                if is_han(blocks[-1][-1]) or is_han(block.lstrip()[0]) or blocks[-1][-1] in "，、"
                else " "
            )
            blocks[-1] += gap + block.lstrip()
        else:
            blocks.append(block.rstrip())
    return _HAN_GAP.sub("", "\n\n".join(blocks))


def _runs_on(before: str, after: str) -> bool:
    last = before.rsplit("\n", 1)[-1]
    start = after.lstrip()
    if (
        not start
        or not last
        or last[-1] in _ENDS
        or _BREAKS_BEFORE.match(last)
        or _BREAKS_BEFORE.match(start)
    ):
        return False
    han = sum(map(is_han, last))
    # A short line without an end mark is a heading or a label, not a broken line.
    return han >= 12 and (is_han(start[0]) or is_han(last[-1]) or last[-1] in "，、")
