"""PDF: text with headings by the converter, ruled tables put in their place, scanned pages recognised."""

from __future__ import annotations

import re
from typing import Any

from surefoot.core.errors import DataError
from surefoot.core.lang import is_han
from surefoot.core.roles import Extracted
from surefoot.core.types import MetaValue
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.facts import authors, facts, iso_date, said
from surefoot.ingest.extract.hidden_pdf import without_hidden
from surefoot.ingest.extract.media.pages import READ_BY, Page, joined
from surefoot.ingest.extract.media.pages import notes as recognition_notes
from surefoot.ingest.extract.media.scans import recognised_pages, scanned_pages
from surefoot.ingest.extract.pages import join_pages
from surefoot.ingest.extract.pdf_layout import structured_pages
from surefoot.ingest.extract.pdf_tables import insert_tables, tables_of

# Shares of the processor time allowed for a file: a busy machine must not change what is read.
_LAYOUT_SHARE = 0.4
_TABLES_SHARE = 0.3
_ENDS = "。！？；：.!?;:…”』」）)"
_FILE_NAME = re.compile(r"\.(?:docx?|pdf|pptx?|xlsx?|tex|indd|qxd)$", re.IGNORECASE)
_BREAKS_BEFORE = re.compile(
    r"^(?:#|[-*+>|]\s|\||\d+[.、)）]|[（(]?[一二三四五六七八九十]+[、)）]|第.{1,4}[章节条])"
)
_HAN_GAP = re.compile(
    r"(?<=[\u3400-\u9fff，。、；：！？）》」』”])[ \t]+(?=[\u3400-\u9fff，。、；：！？（《「『“])"
)


def read_pdf(content: Content) -> Extracted:
    """Markdown, `pages` holding where each page starts; pages that are pictures are recognised, with their regions.

    Raises:
        DataError: when it is encrypted or damaged, or all pages are pictures that cannot be recognised here.
        NeedsMedia: another process is to read it.
    """
    about, plain = _open(content.data)
    seen = without_hidden(content.data)
    if seen.removed:
        _, plain = _open(seen.data)
    scans, notes = _recognised(content, seen.data, plain)
    notes += seen.notes
    pages = [""] * len(plain)
    if len(scans) < len(plain):
        pages, more = _text_pages(content, seen.data, plain)
        notes += more
    pages = [scans[n].text if n in scans else page for n, page in enumerate(pages)]
    text, starts = join_pages(pages)
    regions = joined(scans.values(), (starts[number] for number in scans))
    meta = _facts(about) | {"pages": len(pages)} | ({READ_BY: "ocr"} if regions else {})
    return Extracted(
        text=text,
        title=_title(about),
        pages=starts,
        meta=meta,
        notes=tuple(notes),
        regions=regions,
    )


def _recognised(
    content: Content, data: bytes, plain: list[str]
) -> tuple[dict[int, Page], list[str]]:
    """The pages that are pictures, by number (from 0), and what should be known of them."""
    reader = content.media
    numbers = scanned_pages(data, plain, reader.settings.ocr)
    if not numbers:
        if not any(page.strip() for page in plain):
            raise DataError("has no text layer: its pages are blank", hint="leave it out")
        return {}, []
    what = f"has no text layer on {len(numbers)} of {len(plain)} pages: they are pictures"
    if len(numbers) < len(plain) and (problem := reader.refusal("ocr", what)) is not None:
        return {}, [f"{problem.message} | {problem.hint}"]
    reader.require("ocr", what)
    found = recognised_pages(data, numbers, reader)
    return found, list(recognition_notes(list(found.values())))


def _text_pages(content: Content, data: bytes, plain: list[str]) -> tuple[list[str], list[str]]:
    """Each page by its text layer, and what should be known of them."""
    seconds, notes = content.limits.seconds, []
    pages, left_out = structured_pages(data, plain, seconds * _LAYOUT_SHARE)
    if left_out:
        notes.append(f"{left_out} pages have no headings: looking for them took too long")
    pages = [_joined_lines(page) for page in pages]
    tables, left_out = tables_of(data, seconds * _TABLES_SHARE)
    if left_out:
        notes.append(f"tables of {left_out} pages are plain text: looking for them took too long")
    return [insert_tables(page, tables.get(number, [])) for number, page in enumerate(pages)], notes


def _open(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """What the file says of itself, and the text layer of each page."""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(data) as document:
            return document.get_metadata_dict(), [_layer(document, n) for n in range(len(document))]
    except pypdfium2.PdfiumError as problem:
        message = str(problem).lower()
    if "password" in message or "security" in message:
        raise DataError("is encrypted", hint="save a copy without a password")
    raise DataError(
        f"is damaged: it cannot be opened as PDF ({message})",
        hint="open it in its own program and save it again",
    )


def _layer(document: Any, number: int) -> str:
    page = document[number]
    layer = page.get_textpage()
    text: str = layer.get_text_range()
    layer.close()
    page.close()
    # U+FFFE is what the library puts for a hyphen at a line's end.
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe", "-")


def _facts(about: dict[str, Any]) -> dict[str, MetaValue]:
    return facts(
        author=authors([about.get("Author")]),
        created=iso_date(about.get("CreationDate")),
        modified=iso_date(about.get("ModDate")),
        subject=said(about.get("Subject")),
        keywords=said(about.get("Keywords")),
    )


def _title(about: dict[str, Any]) -> str:
    """The title unless it is a file name or a number that a program put there."""
    title = said(about.get("Title")).removeprefix("Microsoft Word - ")
    named = any(char.isalpha() for char in title) and not _FILE_NAME.search(title)
    return title if named else ""


def _joined_lines(page: str) -> str:
    """Chinese lines that the layout broke become one paragraph again; gaps between ideographs close."""
    lines: list[str] = []
    for line in page.split("\n"):
        last = next((i for i in (-1, -2) if len(lines) >= -i and lines[i]), None)
        if last is not None and _runs_on(lines[last], line):
            before = lines[last]
            del lines[last:]
            close = is_han(before[-1]) or is_han(line.lstrip()[0]) or before[-1] in "，、"
            lines.append(before + ("" if close else " ") + line.strip())
        else:
            lines.append(line.rstrip())
    return _HAN_GAP.sub("", "\n".join(lines))


def _runs_on(before: str, after: str) -> bool:
    last, start = before[-200:], after.lstrip()
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
