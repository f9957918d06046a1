"""Finds ruled tables in PDF pages and puts them in place of the same words in the page's text."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from time import process_time
from typing import Any

from surefoot.ingest.extract.tables import markdown_table

# A table of two rows and two columns takes at least this many lines or boxes to draw.
_FEWEST_PATHS = 4
_SAME_WORDS = 0.85
_OTHER_WORDS = 0.1
_SIGNS_BEFORE = frozenset(("$", "€", "£", "¥", "￥"))
_SIGNS_AFTER = frozenset((")", "%", ")%"))
_LONE_MARK = re.compile(r"(?:^|\n)#+$")
_WORD = re.compile(r"[\u3400-\u9fff]|[^\u3400-\u9fff\s|$€£¥￥()%\\]+")


def tables_of(data: bytes, budget_s: float) -> tuple[dict[int, list[str]], int]:
    """Markdown tables by page number (from 0), and how many pages were left out when the time was used up."""
    import pdfplumber
    from pdfminer.pdfexceptions import PDFException

    ruled = _ruled_pages(data)
    found: dict[int, list[str]] = {}
    if not ruled:
        return found, 0
    end = process_time() + budget_s
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            for place, number in enumerate(ruled):
                if process_time() > end:
                    return found, len(ruled) - place
                page = document.pages[number]
                found[number] = [text for text in map(_table, page.extract_tables()) if text]
                page.close()
    except (
        PDFException,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        RecursionError,
    ):
        # This parser is stricter than the one that read the text; its tables are an addition.
        return found, 0
    return found, 0


def insert_tables(page: str, tables: Sequence[str]) -> str:
    """Each table takes the place of the run of the page's words that it holds, or stands at the page's end."""
    for table in tables:
        span = _span(page, table)
        if span is None:
            page = f"{page.rstrip()}\n\n{table}\n"
        else:
            before = _LONE_MARK.sub("", page[: span[0]].rstrip()).rstrip()
            after = page[span[1] :].lstrip()
            page = f"{before}\n\n{table}\n\n{after}".lstrip("\n")
    return page


def _ruled_pages(data: bytes) -> list[int]:
    import pypdfium2
    import pypdfium2.raw

    with pypdfium2.PdfDocument(data) as document:
        return [
            number
            for number in range(len(document))
            if _enough(document[number], pypdfium2.raw.FPDF_PAGEOBJ_PATH)
        ]


def _enough(page: Any, path: int) -> bool:
    return len(list(islice(page.get_objects(filter=[path]), _FEWEST_PATHS))) == _FEWEST_PATHS


def _table(rows: list[list[str | None]]) -> str:
    """Signs in cells of their own joined to their numbers, empty columns dropped; empty when it is no table."""
    cells = [_signs_joined([(value or "").strip() for value in row]) for row in rows]
    cells = [row for row in cells if any(row)]
    columns = [column for column in zip(*cells, strict=True) if any(column)]
    if len(cells) < 2 or len(columns) < 2:
        return ""
    return markdown_table(list(zip(*columns, strict=True)))


def _signs_joined(row: list[str]) -> list[str]:
    for place, value in enumerate(row):
        if value in _SIGNS_BEFORE and place + 1 < len(row):
            row[place], row[place + 1] = value + row[place + 1], ""
        elif value in _SIGNS_AFTER and place:
            last = next((i for i in range(place - 1, -1, -1) if row[i]), place)
            row[place] = ""
            row[last] += value
    return row


def _span(page: str, table: str) -> tuple[int, int] | None:
    """Where in the page a run of as many words holds nearly the same words, and hardly any other."""
    wanted = Counter(_WORD.findall(table.replace(" --- |", "")))
    words = list(_WORD.finditer(page))
    size = wanted.total()
    if not size or size > len(words):
        return None
    window = Counter(word.group() for word in words[:size])
    shared = sum((window & wanted).values())
    best, first = shared, 0
    for start in range(1, len(words) - size + 1):
        gone, come = words[start - 1].group(), words[start + size - 1].group()
        shared -= window[gone] <= wanted[gone]
        window[gone] -= 1
        window[come] += 1
        shared += window[come] <= wanted[come]
        if shared > best:
            best, first = shared, start
    run = _trimmed([word.group() for word in words[first : first + size]], wanted)
    if best < _SAME_WORDS * size or len(run) - best > _OTHER_WORDS * size:
        return None
    return _with_signs(page, words[first + run.start].start(), words[first + run.stop - 1].end())


def _trimmed(run: list[str], wanted: Counter[str]) -> range:
    """The run without words at its ends that the table has no use for."""
    window, start, stop = Counter(run), 0, len(run)
    while start < stop and window[run[start]] > wanted[run[start]]:
        window[run[start]] -= 1
        start += 1
    while stop > start and window[run[stop - 1]] > wanted[run[stop - 1]]:
        window[run[stop - 1]] -= 1
        stop -= 1
    return range(start, stop)


def _with_signs(page: str, start: int, end: int) -> tuple[int, int]:
    while start and page[start - 1] in "($€£¥￥":
        start -= 1
    while end < len(page) and page[end] in ")%":
        end += 1
    return start, end
