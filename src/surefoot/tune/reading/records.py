"""Text to records with the line of each: JSONL, JSON, CSV and TSV. Knows no format of training data."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surefoot.core.delimiter import delimiter_of
from surefoot.core.errors import DataError
from surefoot.tune.left_out import LeftOut

Record = Mapping[str, Any]
_TABLES = (".csv", ".tsv", ".tab")
_HINT = "one JSON object a line, a JSON list of objects, or a table with a header line"


@dataclass(frozen=True, slots=True)
class Records:
    """Each record with its place, `file:line`; and the lines that hold none."""

    good: Sequence[tuple[str, Record]]
    bad: Sequence[LeftOut] = ()


def read_records(text: str, name: str) -> Records:
    """The records of a file's text; its form follows from the text, of a table from the ending of its name.

    Raises:
        DataError: it is of no known form, or a JSON list breaks off.
    """
    begins = text.lstrip()[:1]
    if name.lower().endswith(_TABLES) or begins not in ("[", "{", ""):
        return _table(text, name)
    if begins == "[":
        return _placed(_listed(text, text.index("[") + 1, name), name)
    whole = _whole(text)
    return _inside(whole, name) if whole is not None else _lines(text, name)


def _lines(text: str, name: str) -> Records:
    good: list[tuple[str, Record]] = []
    bad: list[LeftOut] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{name}:{number}"
        try:
            found = json.loads(line)
        except json.JSONDecodeError as problem:
            bad.append(LeftOut(where, "not JSON", f"{problem.msg}, character {problem.pos + 1}"))
            continue
        if isinstance(found, dict):
            good.append((where, found))
        else:
            bad.append(LeftOut(where, "not a JSON object"))
    return Records(good, bad)


def _whole(text: str) -> dict[str, Any] | None:
    """The one JSON object that the text is, over several lines; None where each line is a record of its own."""
    first, _, rest = text.strip().partition("\n")
    if not rest:
        return None
    try:
        json.loads(first)
    except json.JSONDecodeError:
        try:
            found = json.loads(text)
        except json.JSONDecodeError:
            return None
        return found if isinstance(found, dict) else None
    return None


def _inside(found: Mapping[str, Any], name: str) -> Records:
    """The records of the one list of objects that an object holds; else the object is a record."""
    lists = {
        key: value
        for key, value in found.items()
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
    }
    if len(lists) == 1 and not found.keys() & {"messages", "conversations"}:
        ((key, rows),) = lists.items()
        return Records([(f"{name}:{key}[{place}]", row) for place, row in enumerate(rows)])
    return Records([(f"{name}:1", found)])


def _listed(text: str, at: int, name: str) -> Iterator[tuple[int, Any]]:
    """The line and value of each item of a JSON list that begins before `at`."""
    decoder = json.JSONDecoder()
    line, told = text.count("\n", 0, at) + 1, at
    while True:
        while at < len(text) and (text[at].isspace() or text[at] == ","):
            at += 1
        line, told = line + text.count("\n", told, at), at
        if text[at : at + 1] == "]":
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as problem:
            raise DataError(
                f"the JSON list breaks off here: {problem.msg}", where=f"{name}:{line}", hint=_HINT
            ) from None
        yield line, value


def _placed(items: Iterator[tuple[int, Any]], name: str) -> Records:
    good: list[tuple[str, Record]] = []
    bad: list[LeftOut] = []
    for line, value in items:
        if isinstance(value, dict):
            good.append((f"{name}:{line}", value))
        else:
            bad.append(LeftOut(f"{name}:{line}", "not a JSON object"))
    return Records(good, bad)


def _table(text: str, name: str) -> Records:
    delimiter = "\t" if name.lower().endswith((".tsv", ".tab")) else delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    good: list[tuple[str, Record]] = []
    bad: list[LeftOut] = []
    header: list[str] = []
    begins = 1
    try:
        for row in reader:
            where, begins = f"{name}:{begins}", reader.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            if not header:
                header = _header(row, name)
            elif len(row) != len(header):
                said = f"{len(row)} cells where the header has {len(header)}"
                bad.append(LeftOut(where, "another number of cells than the header", said))
            else:
                good.append((where, dict(zip(header, row, strict=True))))
    except csv.Error as problem:
        raise DataError(f"is no table from here on: {problem}", where=f"{name}:{begins}") from None
    return Records(good, bad)


def _header(row: Sequence[str], name: str) -> list[str]:
    header = [cell.strip() for cell in row]
    if len(header) < 2:
        raise DataError("is of no known form", where=f"{name}:1", hint=_HINT)
    for cell in header:
        if header.count(cell) > 1:
            raise DataError(f"two columns are named {cell!r}", where=f"{name}:1")
    return header
