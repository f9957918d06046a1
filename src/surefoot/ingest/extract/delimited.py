"""Comma-, tab-, semicolon- or bar-separated values as one Markdown table."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import islice

from surefoot.core.roles import Extracted
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.plain import text_of
from surefoot.ingest.extract.tables import markdown_table

_PROBE_ROWS = 50


def read_csv(content: Content) -> Extracted:
    """The first row is the header. What is not a table after all is kept as plain text, with a note."""
    text = text_of(content)
    delimiter = _delimiter(text, content.suffix)
    if delimiter is None:
        return Extracted(text=text, markup="plain")
    try:
        rows = list(_rows(text, delimiter))
    except csv.Error as problem:
        return Extracted(text=text, markup="plain", notes=(f"read as plain text: {problem}",))
    width = max(map(len, rows), default=0)
    return Extracted(
        text=markdown_table(rows) + "\n", meta={"rows": max(0, len(rows) - 1), "columns": width}
    )


def _rows(text: str, delimiter: str) -> csv._reader:  # type: ignore[name-defined]
    # Line ends are `\n` by now: a bare `\r`, which the csv module refuses, is one of them.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)


def _delimiter(text: str, suffix: str) -> str | None:
    """The one that gives most rows the same number of cells; None where no row has two."""
    if suffix == ".tsv":
        return "\t"
    best, best_score = None, 0.0
    for delimiter in (",", "\t", ";", "|"):
        try:
            widths = Counter(len(row) for row in islice(_rows(text, delimiter), _PROBE_ROWS) if row)
        except csv.Error:
            continue
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        score = (width > 1) * (count / widths.total() + min(width, 50) / 1000)
        if score > best_score:
            best, best_score = delimiter, score
    return best
