"""Jupyter notebooks: Markdown cells, code cells and the text that they put out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from surefoot.core.errors import DataError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.facts import facts, said
from surefoot.ingest.extract.plain import text_of

_OUTPUT_CHARS = 20_000


def read_notebook(content: Content) -> Extracted:
    """Cells in their order; code and outputs fenced, images left out.

    Raises:
        DataError: when it is not a notebook.
    """
    try:
        book = json.loads(text_of(content).lstrip("\ufeff"))
    except (ValueError, RecursionError) as problem:
        raise DataError(
            f"is not a valid notebook: {problem}", hint="open it in Jupyter and save it again"
        ) from None
    if not isinstance(book, dict):
        raise DataError("is not a valid notebook", hint="open it in Jupyter and save it again")
    metadata = _table(book, "metadata")
    language = said(_table(metadata, "kernelspec").get("language")) or said(
        _table(metadata, "language_info").get("name")
    )
    sheets = [sheet for sheet in _list(book.get("worksheets")) if isinstance(sheet, dict)]
    cells = [
        cell
        for part in (book, *sheets)
        for cell in _list(part.get("cells"))
        if isinstance(cell, dict)
    ]
    text = "\n\n".join(block for cell in cells for block in _cell(cell, language))
    return Extracted(
        text=f"{text}\n",
        title=said(metadata.get("title")),
        meta=facts(code_language=language, cells=len(cells)),
    )


def _cell(cell: Mapping[str, Any], language: str) -> Iterator[str]:
    source = _joined(cell.get("source", cell.get("input"))).strip("\n")
    if cell.get("cell_type") == "code":
        if source:
            yield _fenced(source, language or "python")
        for output in _list(cell.get("outputs")):
            text = _output(output).strip("\n") if isinstance(output, dict) else ""
            if text:
                yield _fenced(text[:_OUTPUT_CHARS], "text")
    elif source:
        yield source


def _output(output: Mapping[str, Any]) -> str:
    if output.get("output_type") in ("error", "pyerr"):
        return f"{output.get('ename', '')}: {output.get('evalue', '')}"
    data = _table(output, "data")
    return _joined(output.get("text") or data.get("text/markdown") or data.get("text/plain"))


def _fenced(text: str, language: str) -> str:
    fence = "````" if "```" in text else "```"
    return f"{fence}{language}\n{text}\n{fence}"


def _joined(value: object) -> str:
    if isinstance(value, list):
        return "".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _table(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = values.get(key)
    return value if isinstance(value, dict) else {}
