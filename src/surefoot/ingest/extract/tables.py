"""Rows of cells as a Markdown table, header and rows kept together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def cell(text: str) -> str:
    """The text on one line, with `|` escaped."""
    return " ".join(text.split()).replace("|", "\\|")


def markdown_table(rows: Iterable[Sequence[str]]) -> str:
    """The first row becomes the header; short rows are filled up; rows without any text are left out."""
    kept = [[cell(value) for value in row] for row in rows]
    kept = [row for row in kept if any(row)]
    if not kept:
        return ""
    width = max(len(row) for row in kept)
    filled = [row + [""] * (width - len(row)) for row in kept]
    lines = ["| " + " | ".join(row) + " |" for row in filled]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)
