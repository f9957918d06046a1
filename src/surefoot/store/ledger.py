"""The ledger: traces of every question, in SQLite or PostgreSQL. Knows spans as plain values, nothing of stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import MissingError
from surefoot.core.trace import SpanRecord

if TYPE_CHECKING:
    from sqlalchemy import Engine

_NS_PER_DAY = 86_400 * 1_000_000_000
_CONTENT = (
    "input.value",
    "output.value",
    "llm.input_messages",
    "llm.output_messages",
    "surefoot.note",
)


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One traced question in a list. `question` is empty where content is not kept."""

    trace_id: str
    name: str
    start_ns: int
    duration_ms: float
    question: str
    error: str


class Ledger:
    """Keeps spans; a trace is written in one transaction when its root span ends."""

    def __init__(self, url: str, *, keep_days: int = 30, content: bool = True) -> None:
        self._url = url
        self._keep_days = keep_days
        self._content = content
        self._open_traces: dict[str, list[SpanRecord]] = {}
        self._lock = Lock()
        self._engine: Engine | None = None

    @classmethod
    def at(cls, folder: Path, *, keep_days: int = 30, content: bool = True) -> Ledger:
        """The SQLite ledger of a workspace, readable by its owner alone."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "ledger.sqlite"
        file.touch(mode=0o600)
        return cls(f"sqlite:///{file}", keep_days=keep_days, content=content)

    def sink(self, span: SpanRecord) -> None:
        """Takes a finished span; what a trace holds is written when its root arrives."""
        if not self._keep_days:
            return
        with self._lock:
            spans = self._open_traces.setdefault(span.trace_id, [])
            spans.append(span if self._content else _without_content(span))
            if span.parent_id is not None:
                return
            del self._open_traces[span.trace_id]
        self._write(spans)

    def traces(self, *, limit: int = 20) -> list[TraceLine]:
        """The newest traces first."""
        from sqlalchemy import select

        spans = _table()
        query = (
            select(spans)
            .where(spans.c.parent_id.is_(None))
            .order_by(spans.c.start_ns.desc())
            .limit(limit)
        )
        with self._connect().connect() as connection:
            return [_line(dict(row)) for row in connection.execute(query).mappings()]

    def trace(self, trace_id: str) -> list[SpanRecord]:
        """The spans of a trace in order of start; the beginning of an id is enough where it is unique.

        Raises:
            MissingError: no trace, or several, begin with it.
        """
        from sqlalchemy import select

        spans = _table()
        prefix = spans.c.trace_id.startswith(trace_id, autoescape=True)
        with self._connect().connect() as connection:
            ids = list(
                connection.scalars(select(spans.c.trace_id).where(prefix).distinct().limit(2))
            )
            if len(ids) != 1:
                found = "several traces begin with it" if ids else "there is no such trace"
                raise MissingError(found, where=trace_id, hint="surefoot trace list shows them")
            query = select(spans).where(spans.c.trace_id == ids[0]).order_by(spans.c.start_ns)
            return [SpanRecord(**row) for row in connection.execute(query).mappings()]

    def close(self) -> None:
        """Closes the connections."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _write(self, records: Sequence[SpanRecord]) -> None:
        from sqlalchemy import delete, insert

        spans = _table()
        oldest = max(record.end_ns for record in records) - self._keep_days * _NS_PER_DAY
        with self._connect().begin() as connection:
            connection.execute(insert(spans), [_row(record) for record in records])
            connection.execute(delete(spans).where(spans.c.start_ns < oldest))

    def _connect(self) -> Engine:
        with self._lock:
            if self._engine is None:
                from sqlalchemy import create_engine

                self._engine = create_engine(self._url)
                _table().metadata.create_all(self._engine)
            return self._engine


def _table() -> Any:
    from sqlalchemy import JSON, BigInteger, Column, MetaData, String, Table, Text

    return Table(
        "spans",
        MetaData(),
        Column("span_id", String(16), primary_key=True),
        Column("trace_id", String(32), index=True, nullable=False),
        Column("parent_id", String(16)),
        Column("name", Text, nullable=False),
        Column("start_ns", BigInteger, index=True, nullable=False),
        Column("end_ns", BigInteger, nullable=False),
        Column("attributes", JSON, nullable=False),
        Column("error", Text, nullable=False),
    )


def _row(record: SpanRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _line(row: Mapping[str, Any]) -> TraceLine:
    return TraceLine(
        trace_id=row["trace_id"],
        name=row["name"],
        start_ns=row["start_ns"],
        duration_ms=(row["end_ns"] - row["start_ns"]) / 1e6,
        question=str(row["attributes"].get("input.value", "")),
        error=row["error"],
    )


def _without_content(span: SpanRecord) -> SpanRecord:
    return replace(
        span, attributes=dict(_safe(span.attributes)), error="error" if span.error else ""
    )


def _safe(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in attributes.items():
        if not key.startswith(_CONTENT) and not key.endswith((".content", ".metadata")):
            yield key, value
