"""Files to records: CSV and TSV, JSONL and JSON, LlamaIndex's two shapes. Knows files, not what a column means."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from surefoot.core.delimiter import delimiter_of
from surefoot.core.errors import ConfigError
from surefoot.ingest.extract.encoding import decode

Shape = Literal["table", "llama-index", "surefoot", "beir"]
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Records:
    """What a file holds: each record with its place, `file:line` or the like; bad ones with the reason."""

    shape: Shape
    good: Sequence[tuple[str, Record]]
    bad: Sequence[tuple[str, str]] = ()


def read_records(path: Path) -> Records:
    """The records of a file.

    Raises:
        ConfigError: the file is of no known kind, or cannot be read at all.
    """
    text = decode(path.read_bytes())
    if path.suffix.lower() in (".csv", ".tsv", ".tab", ".txt"):
        return _from_table(text, path)
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return _from_lines(text, path)
    if path.suffix.lower() == ".json":
        return _from_json(text, path)
    raise ConfigError(
        f"cannot import {path.suffix or 'a file without an ending'}",
        where=str(path),
        hint="save it as .csv, .tsv, .jsonl or .json",
    )


def _from_table(text: str, path: Path) -> Records:
    delimiter = "\t" if path.suffix.lower() in (".tsv", ".tab") else delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    good: list[tuple[str, Record]] = []
    bad: list[tuple[str, str]] = []
    header: list[str] | None = None
    try:
        for row in reader:
            where = f"{path}:{reader.line_num}"
            if not any(cell.strip() for cell in row):
                continue
            if header is None:
                header = [cell.strip() for cell in row]
            elif len(row) != len(header):
                bad.append((where, f"{len(row)} cells where the header has {len(header)}"))
            else:
                good.append((where, dict(zip(header, row, strict=True))))
    except csv.Error as problem:
        bad.append((f"{path}:{reader.line_num}", f"not a table from here on: {problem}"))
    return Records("table", good, bad)


def _from_lines(text: str, path: Path) -> Records:
    good: list[tuple[str, Record]] = []
    bad: list[tuple[str, str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            record = json.loads(line)
        except json.JSONDecodeError as problem:
            bad.append((where, f"not JSON: {problem.msg}"))
            continue
        if isinstance(record, dict):
            good.append((where, record))
        else:
            bad.append((where, "not an object"))
    first: Record = good[0][1] if good else {}
    house = "evalset" in first or ("id" in first and "question" in first and "gold" in first)
    return Records("surefoot" if house else "table", good, bad)


def _from_json(text: str, path: Path) -> Records:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as problem:
        raise ConfigError(f"not JSON: {problem.msg}", where=f"{path}:{problem.lineno}") from problem
    if isinstance(found, dict) and {"queries", "corpus", "relevant_docs"} <= found.keys():
        return _embedding_pairs(found, path)
    if isinstance(found, dict) and isinstance(found.get("examples"), list):
        return _listed(found["examples"], f"{path}: examples", "llama-index")
    if isinstance(found, list):
        return _listed(found, str(path), "table")
    if isinstance(found, dict) and found and all(isinstance(one, list) for one in found.values()):
        rows = [
            dict(zip(found, cells, strict=False)) for cells in zip(*found.values(), strict=False)
        ]
        return _listed(rows, str(path), "table")
    raise ConfigError(
        "no known shape of an eval set",
        where=str(path),
        hint="a list of objects, {queries, corpus, relevant_docs}, or {examples: [...]}",
    )


def _listed(rows: Sequence[object], where: str, shape: Shape) -> Records:
    good: list[tuple[str, Record]] = []
    bad: list[tuple[str, str]] = []
    for number, row in enumerate(rows):
        if isinstance(row, dict):
            good.append((f"{where}[{number}]", _by(row) if shape == "llama-index" else row))
        else:
            bad.append((f"{where}[{number}]", "not an object"))
    return Records(shape, good, bad)


def _by(row: Record) -> Record:
    """A LlamaIndex example; what a model asked is told by `query_by`."""
    asked = row.get("query_by")
    kind = asked.get("type") if isinstance(asked, dict) else None
    source = {"human": "human", "ai": "generated:llama-index"}.get(str(kind), "imported")
    return {key: value for key, value in row.items() if not key.endswith("_by")} | {
        "source_kind": source
    }


def _embedding_pairs(found: Mapping[str, Any], path: Path) -> Records:
    queries, corpus, relevant = (found[key] for key in ("queries", "corpus", "relevant_docs"))
    if not all(isinstance(part, dict) for part in (queries, corpus, relevant)):
        raise ConfigError("queries, corpus and relevant_docs must be objects", where=str(path))
    good: list[tuple[str, Record]] = []
    bad: list[tuple[str, str]] = []
    for key, question in queries.items():
        where = f"{path}: queries.{key}"
        nodes = list(_nodes(relevant.get(key, ()), corpus))
        if nodes:
            good.append((where, {"id": key, "question": question, "contexts": nodes}))
        else:
            bad.append((where, "none of its relevant_docs is in the corpus"))
    return Records("llama-index", good, bad)


def _nodes(names: object, corpus: Mapping[str, Any]) -> Iterator[str]:
    for name in names if isinstance(names, list | tuple) else ():
        node = corpus.get(name)
        text = node.get("text") if isinstance(node, dict) else node
        if isinstance(text, str) and text.strip():
            yield text
