"""Lists of traces: the newest first, in pages, by question and by what came of it. Knows spans as they are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from surefoot.store.database import Database

FEEDBACK_TABLE: Final = """CREATE TABLE IF NOT EXISTS feedback (
    trace_id VARCHAR(32) NOT NULL,
    at_ns BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (trace_id, at_ns)
)"""
"""What people said of traces lies beside them."""
ROOTS_INDEX: Final = "CREATE INDEX IF NOT EXISTS ix_spans_roots ON spans (start_ns, trace_id) WHERE parent_id IS NULL"
"""The newest questions are found without their stages."""
_WILD: Final = re.compile("[%_/]")
_LEAST_READ: Final = 50
_JUDGED: Final = """EXISTS (SELECT 1 FROM feedback WHERE feedback.trace_id = spans.trace_id)"""


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One traced question in a list. `question` is empty where content is not kept.

    `refused` is None where nothing answered. `key` is who asked a server; `right` the newest verdict of a person.
    """

    trace_id: str
    name: str
    start_ns: int
    duration_ms: float
    question: str
    error: str
    refused: bool | None = None
    solution: str = ""
    key: str = ""
    cost: float = 0.0
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class WantedTraces:
    """Which traces, newest first: at most `limit`, those before the trace `before` (start and id of a line).

    `text` stands in the question, ASCII letters in either case; `key` asked; None leaves a filter out.
    """

    limit: int = 20
    before: tuple[int, str] | None = None
    text: str = ""
    key: str = ""
    solution: str = ""
    refused: bool | None = None
    judged: bool | None = None
    least_ms: float = 0.0


def find_traces(database: Database, wanted: WantedTraces) -> list[TraceLine]:
    """The lines, and one more than asked for where there are more."""
    found: list[TraceLine] = []
    before, size = wanted.before, wanted.limit + 1
    while True:
        query, values = _query(wanted, before)
        count = max(_LEAST_READ, size - len(found))
        rows = database.read(query, values | {"count": count})
        lines = [_line(row) for row in rows]
        # The database compares text; what it means is decided on the values.
        found += [line for line in lines if _is_wanted(line, wanted)]
        if len(rows) < count or len(found) >= size:
            return _with_verdicts(database, found[:size])
        before = lines[-1].start_ns, lines[-1].trace_id


def _query(wanted: WantedTraces, before: tuple[int, str] | None) -> tuple[str, dict[str, Any]]:
    conditions, values = ["parent_id IS NULL"], dict[str, Any]()
    if before is not None:
        conditions.append("start_ns <= :at AND (start_ns < :at OR trace_id < :id)")
        values |= {"at": before[0], "id": before[1]}
    for place, told in enumerate(_told(wanted)):
        conditions.append(f"LOWER(attributes) LIKE :told{place} ESCAPE '/'")
        values[f"told{place}"] = "%" + _WILD.sub(r"/\g<0>", told.lower()) + "%"
    if wanted.judged is not None:
        conditions.append(_JUDGED if wanted.judged else f"NOT {_JUDGED}")
    if wanted.least_ms:
        conditions.append("end_ns - start_ns >= :least")
        values["least"] = int(wanted.least_ms * 1e6)
    query = f"SELECT * FROM spans WHERE {' AND '.join(conditions)}"
    return f"{query} ORDER BY start_ns DESC, trace_id DESC LIMIT :count", values


def _told(wanted: WantedTraces) -> Iterator[str]:
    """What the attributes' JSON holds of a trace that is wanted."""
    if wanted.text:
        yield json.dumps(wanted.text)[1:-1]
    for name in ("key", "solution"):
        if value := getattr(wanted, name):
            yield f'"surefoot.{name}": {json.dumps(value)}'
    if wanted.refused is not None:
        yield f'"surefoot.refused": {json.dumps(wanted.refused)}'


def _is_wanted(line: TraceLine, wanted: WantedTraces) -> bool:
    return (
        wanted.text.casefold() in line.question.casefold()
        and wanted.key in ("", line.key)
        and wanted.solution in ("", line.solution)
        and wanted.refused in (None, line.refused)
    )


def _line(row: Mapping[str, Any]) -> TraceLine:
    kept = row["attributes"]
    said: Mapping[str, Any] = json.loads(kept) if isinstance(kept, str) else kept
    return TraceLine(
        trace_id=row["trace_id"],
        name=row["name"],
        start_ns=row["start_ns"],
        duration_ms=(row["end_ns"] - row["start_ns"]) / 1e6,
        question=str(said.get("input.value", "")),
        error=row["error"],
        refused=said.get("surefoot.refused"),
        solution=str(said.get("surefoot.solution", "")),
        key=str(said.get("surefoot.key", "")),
        cost=float(said.get("llm.cost.total", 0.0)),
    )


def _with_verdicts(database: Database, lines: Sequence[TraceLine]) -> list[TraceLine]:
    if not lines:
        return []
    names = {f"id{place}": line.trace_id for place, line in enumerate(lines)}
    listed = ", ".join(f":{name}" for name in names)
    query = f"SELECT trace_id, body FROM feedback WHERE trace_id IN ({listed}) ORDER BY at_ns"
    said = {
        row["trace_id"]: bool(json.loads(row["body"])["right"])
        for row in database.read(query, names)
    }
    return [replace(line, right=said.get(line.trace_id)) for line in lines]
