"""Finds ruled tables in PDF pages and puts them in place of the same words in the page's text."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from time import monotonic
from typing import Any

from surefoot.ingest.extract.tables import markdown_table

# A table of two rows and two columns takes at least this many lines or boxes to draw.
_FEWEST_PATHS = 4
_SAME_WORDS = 0.85


def tables_of(data: bytes, budget_s: float) -> tuple[dict[int, list[str]], int]:
    """Markdown tables by page number (from 0), and how many pages were left out when the time was used up."""
    import pdfplumber
    from pdfminer.pdfexceptions import PDFException

    ruled = _ruled_pages(data)
    found: dict[int, list[str]] = {}
    if not ruled:
        return found, 0
    end = monotonic() + budget_s
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            for place, number in enumerate(ruled):
                if monotonic() > end:
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
        span = _span(page, _words(table))
        if span is None:
            page = f"{page.rstrip()}\n\n{table}\n"
        else:
            before, after = page[: span[0]].rstrip(), page[span[1] :].lstrip()
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
    """Empty columns dropped, a column of currency signs joined to the next; empty when it is no table."""
    cells = [[value or "" for value in row] for row in rows]
    cells = [row for row in cells if any(value.strip() for value in row)]
    columns = [list(column) for column in zip(*cells, strict=True)]
    kept: list[list[str]] = []
    for column in columns:
        values = {value.strip() for value in column} - {""}
        if not values:
            continue
        if kept and {value.strip() for value in kept[-1]} <= {"", "$", "€", "£", "¥", "￥"}:
            kept[-1] = [
                f"{sign.strip()}{value.strip()}"
                for sign, value in zip(kept[-1], column, strict=True)
            ]
        elif kept and values <= {")", "%", ")%"}:
            kept[-1] = [
                f"{value.strip()}{sign.strip()}"
                for value, sign in zip(kept[-1], column, strict=True)
            ]
        else:
            kept.append(column)
    if len(cells) < 2 or len(kept) < 2:
        return ""
    return markdown_table(list(zip(*kept, strict=True)))


def _words(table: str) -> Counter[str]:
    text = table.replace("\\|", "\x00").replace("|", " ").replace("\x00", "|")
    return Counter(char for char in text.replace("---", "") if not char.isspace())


def _span(page: str, wanted: Counter[str]) -> tuple[int, int] | None:
    """Where in the page a run of as many characters holds nearly the same characters."""
    places = [place for place, char in enumerate(page) if not char.isspace()]
    size = wanted.total()
    if not size or size > len(places):
        return None
    window = Counter(page[place] for place in places[:size])
    shared = sum((window & wanted).values())
    best, best_start = shared, 0
    for start in range(1, len(places) - size + 1):
        gone, come = page[places[start - 1]], page[places[start + size - 1]]
        shared -= window[gone] <= wanted[gone]
        window[gone] -= 1
        window[come] += 1
        shared += window[come] <= wanted[come]
        if shared > best:
            best, best_start = shared, start
    if best < _SAME_WORDS * size:
        return None
    return places[best_start], places[best_start + size - 1] + 1
