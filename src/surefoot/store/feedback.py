"""What people said of answers they got, beside the traces; only ever added to. The newest word on a trace counts.

Holds what it takes to ask the question again, because traces are deleted after some days.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from surefoot.store.database import open_database
from surefoot.store.ledger import ledger_url
from surefoot.store.traces import FEEDBACK_TABLE

_SCHEMA = (FEEDBACK_TABLE,)
_INSERT = "INSERT INTO feedback (trace_id, at_ns, body) VALUES (:trace_id, :at_ns, :body)"
_ALL = "SELECT body FROM feedback ORDER BY at_ns, trace_id"


@dataclass(frozen=True, slots=True)
class Cited:
    """A place that an answer cited: `document.text[start:end]`, which read `quote`."""

    document_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """A person's verdict on an answer. `at_ns` is unix time in nanoseconds.

    `said` is the answer given, `correct` the right one where the person gave it, with the `source` that has it.
    `answerable` is False where the person says that the documents do not answer the question.
    """

    trace_id: str
    at_ns: int
    right: bool
    question: str
    said: str = ""
    refused: bool = False
    cited: tuple[Cited, ...] = ()
    correct: str = ""
    source: str = ""
    answerable: bool = True


class FeedbackBook:
    """Keeps feedback. Several processes may write at once; nothing is ever changed."""

    def __init__(self, url: str) -> None:
        self._database = open_database(url, _SCHEMA)

    @classmethod
    def at(cls, folder: Path) -> FeedbackBook:
        """That of a workspace, in the file of its ledger."""
        return cls(ledger_url(folder))

    def add(self, feedback: Feedback) -> None:
        """Adds a verdict; an earlier one on the same trace counts no more."""
        body = {name: getattr(feedback, name) for name in feedback.__slots__}
        body["cited"] = [
            {name: getattr(one, name) for name in one.__slots__} for one in feedback.cited
        ]
        text = json.dumps(body, ensure_ascii=False)
        row = {"trace_id": feedback.trace_id, "at_ns": feedback.at_ns, "body": text}
        self._database.change((_INSERT, [row]))

    def latest(self) -> Sequence[Feedback]:
        """The newest verdict on each trace, in the order that they were given."""
        found: dict[str, Feedback] = {}
        for row in self._database.read(_ALL, {}):
            feedback = _feedback(json.loads(row["body"]))
            found.pop(feedback.trace_id, None)
            found[feedback.trace_id] = feedback
        return list(found.values())

    def close(self) -> None:
        """Closes the connections."""
        self._database.close()


def _feedback(body: Mapping[str, Any]) -> Feedback:
    known = {field.name for field in fields(Feedback)}
    values = {name: value for name, value in body.items() if name in known}
    return Feedback(**{**values, "cited": tuple(Cited(**one) for one in values.get("cited", ()))})
