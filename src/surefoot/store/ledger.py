"""The ledger: traces of every question, in SQLite or PostgreSQL. Knows spans as plain values, nothing of stages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

from surefoot.core.errors import MissingError
from surefoot.core.lang.private import masked
from surefoot.core.trace import SpanRecord
from surefoot.store.database import open_database
from surefoot.store.traces import (
    FEEDBACK_TABLE,
    ROOTS_INDEX,
    TraceLine,
    WantedTraces,
    find_traces,
)

_NS_PER_DAY = 86_400 * 1_000_000_000
_CONTENT = (
    "input.value",
    "output.value",
    "llm.input_messages",
    "llm.output_messages",
    "surefoot.note",
    "surefoot.chat",
    "surefoot.history",
    "surefoot.filter",
)
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS spans (
    span_id VARCHAR(16) NOT NULL PRIMARY KEY,
    trace_id VARCHAR(32) NOT NULL,
    parent_id VARCHAR(16),
    name TEXT NOT NULL,
    start_ns BIGINT NOT NULL,
    end_ns BIGINT NOT NULL,
    attributes TEXT NOT NULL,
    error TEXT NOT NULL
)""",
    "CREATE INDEX IF NOT EXISTS ix_spans_trace_id ON spans (trace_id)",
    "CREATE INDEX IF NOT EXISTS ix_spans_start_ns ON spans (start_ns)",
    ROOTS_INDEX,
    FEEDBACK_TABLE,
)
_INSERT = """INSERT INTO spans
(span_id, trace_id, parent_id, name, start_ns, end_ns, attributes, error) VALUES
(:span_id, :trace_id, :parent_id, :name, :start_ns, :end_ns, :attributes, :error)"""
_NAMES = (".document.source", ".document")
"""How the attributes end that name a document."""
_WILD = re.compile("[%_/]")


class Ledger:
    """Keeps spans; a trace is written in one transaction when its root span ends."""

    def __init__(
        self, url: str, *, keep_days: int = 30, content: bool = True, mask: bool = False
    ) -> None:
        self._database = open_database(url, _SCHEMA)
        self._keep_days = keep_days
        self._content = content
        self._mask = mask
        self._open_traces: dict[str, list[SpanRecord]] = {}
        self._lock = Lock()

    @classmethod
    def at(
        cls, folder: Path, *, keep_days: int = 30, content: bool = True, mask: bool = False
    ) -> Ledger:
        """The SQLite ledger of a workspace, readable by its owner alone."""
        return cls(ledger_url(folder), keep_days=keep_days, content=content, mask=mask)

    def sink(self, span: SpanRecord) -> None:
        """Takes a finished span; what a trace holds is written when its root arrives."""
        if not self._keep_days:
            return
        with self._lock:
            spans = self._open_traces.setdefault(span.trace_id, [])
            span = span if self._content else _without_content(span)
            spans.append(_without_personal(span) if self._mask else span)
            if span.parent_id is not None:
                return
            del self._open_traces[span.trace_id]
        self._write(spans)

    def traces(self, *, limit: int = 20) -> list[TraceLine]:
        """The newest traces first."""
        return self.find(WantedTraces(limit=limit))[:limit]

    def find(self, wanted: WantedTraces) -> list[TraceLine]:
        """The newest of the wanted traces first, and one more than asked for where there are more."""
        return find_traces(self._database, wanted)

    def trace(self, trace_id: str) -> list[SpanRecord]:
        """The spans of a trace in order of start; the beginning of an id is enough where it is unique.

        Raises:
            MissingError: no trace, or several, begin with it.
        """
        prefix = _WILD.sub(r"/\g<0>", trace_id) + "%"
        query = "SELECT DISTINCT trace_id FROM spans WHERE trace_id LIKE :prefix ESCAPE '/' LIMIT 2"
        ids = [row["trace_id"] for row in self._database.read(query, {"prefix": prefix})]
        if len(ids) != 1:
            found = "several traces begin with it" if ids else "there is no such trace"
            raise MissingError(found, where=trace_id, hint="surefoot trace list shows them")
        query = "SELECT * FROM spans WHERE trace_id = :trace_id ORDER BY start_ns"
        return [_record(row) for row in self._database.read(query, {"trace_id": ids[0]})]

    def documents(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Every trace that names documents, with their ids: found, dropped or cited."""
        named: dict[str, set[str]] = {}
        query = "SELECT trace_id, attributes FROM spans WHERE attributes LIKE :names"
        for row in self._database.read(query, {"names": "%.document%"}):
            held = row["attributes"]
            said = json.loads(held) if isinstance(held, str) else held
            ids = (str(value) for key, value in said.items() if key.endswith(_NAMES))
            named.setdefault(row["trace_id"], set()).update(ids)
        return ((trace, frozenset(ids)) for trace, ids in named.items() if ids)

    def delete(self, trace_ids: Sequence[str]) -> None:
        """Deletes traces with what people said of them; nothing of them stays in the file."""
        gone = [{"trace_id": name} for name in trace_ids]
        self._database.change(
            ("DELETE FROM spans WHERE trace_id = :trace_id", gone),
            ("DELETE FROM feedback WHERE trace_id = :trace_id", gone),
        )
        self._database.compact()

    def close(self) -> None:
        """Closes the connections."""
        self._database.close()

    def _write(self, records: Sequence[SpanRecord]) -> None:
        oldest = max(record.end_ns for record in records) - self._keep_days * _NS_PER_DAY
        self._database.change(
            (_INSERT, [_row(record) for record in records]),
            ("DELETE FROM spans WHERE start_ns < :oldest", [{"oldest": oldest}]),
        )


def ledger_url(folder: Path) -> str:
    """The address of the SQLite ledger in this folder, whose file is made for its owner alone."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "ledger.sqlite"
    file.touch(mode=0o600)
    return f"sqlite:///{file}"


def _row(record: SpanRecord) -> dict[str, Any]:
    row = {name: getattr(record, name) for name in record.__slots__}
    return row | {"attributes": json.dumps(dict(record.attributes))}


def _record(row: Mapping[str, Any]) -> SpanRecord:
    kept = row["attributes"]
    attributes = json.loads(kept) if isinstance(kept, str) else kept
    return SpanRecord(**{**row, "attributes": attributes})


def _without_personal(span: SpanRecord) -> SpanRecord:
    told = {key: _masked(value) for key, value in span.attributes.items()}
    return replace(span, attributes=told, error=masked(span.error))


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    return [_masked(part) for part in value] if isinstance(value, list | tuple) else value


def _without_content(span: SpanRecord) -> SpanRecord:
    return replace(
        span, attributes=dict(_safe(span.attributes)), error="error" if span.error else ""
    )


def _safe(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in attributes.items():
        if not key.startswith(_CONTENT) and not key.endswith((".content", ".metadata")):
            yield key, value
