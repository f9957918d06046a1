"""Long commands that a server runs for people, in the database of the ledger: one row each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal

from surefoot.core.errors import MissingError
from surefoot.store.database import open_database
from surefoot.store.ledger import ledger_url

State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
GOING: Final[frozenset[State]] = frozenset({"queued", "running"})
"""The states of a job that has not ended."""

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS jobs (
    id VARCHAR(64) PRIMARY KEY,
    created_ns BIGINT NOT NULL,
    body TEXT NOT NULL
)""",
)
_PUT = """INSERT INTO jobs (id, created_ns, body) VALUES (:id, :created_ns, :body)
ON CONFLICT (id) DO UPDATE SET body = excluded.body"""
_ONE = "SELECT body FROM jobs WHERE id = :id"
_ALL = "SELECT body FROM jobs ORDER BY created_ns, id"
_DROP = "DELETE FROM jobs WHERE id = :id"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `done` of `total` (0 is unknown), what it does, seconds left at the pace so far."""

    title: str = ""
    done: int = 0
    total: int = 0
    detail: str = ""
    seconds_left: float | None = None
    loss: float | None = None
    dev_loss: float | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A command of surefoot: its `words` after `surefoot`, what was asked for, how it stands.

    Times are unix time in nanoseconds. `exit_code` 5 of a job that is done says that something was left out or a limit
    was reached. `pid` is that of its last process, `owner` who began it.
    """

    id: str
    kind: str
    words: tuple[str, ...]
    created_ns: int
    state: State = "queued"
    asked: Mapping[str, Any] = field(default_factory=dict)
    owner: str = ""
    started_ns: int | None = None
    ended_ns: int | None = None
    exit_code: int | None = None
    error: str = ""
    pid: int | None = None
    progress: Progress | None = None

    @property
    def is_going(self) -> bool:
        """Whether it runs or waits."""
        return self.state in GOING


class JobBook:
    """Keeps the jobs of a workspace. Several processes may read and write at once."""

    def __init__(self, url: str) -> None:
        self._database = open_database(url, _SCHEMA)

    @classmethod
    def at(cls, folder: Path, ledger: str = "") -> JobBook:
        """That of a workspace, in the database of its ledger; `folder` is its `.surefoot`."""
        return cls(ledger or ledger_url(folder))

    def put(self, job: Job) -> None:
        """Keeps a job in the place of the former one with its id."""
        body = json.dumps(asdict(job), ensure_ascii=False)
        self._database.change((_PUT, [{"id": job.id, "created_ns": job.created_ns, "body": body}]))

    def get(self, id: str) -> Job:
        """A job by its id.

        Raises:
            MissingError: there is none.
        """
        rows = self._database.read(_ONE, {"id": id})
        if not rows:
            raise MissingError(f"there is no job {id!r}")
        return _job(rows[0]["body"])

    def all(self) -> list[Job]:
        """Every job, oldest first."""
        return [_job(row["body"]) for row in self._database.read(_ALL, {})]

    def drop(self, ids: Sequence[str]) -> None:
        """Forgets jobs."""
        self._database.change((_DROP, [{"id": id} for id in ids]))

    def close(self) -> None:
        """Closes the connections."""
        self._database.close()


def _job(body: str) -> Job:
    raw: dict[str, Any] = json.loads(body)
    known = {one.name for one in fields(Job)}
    values = {name: value for name, value in raw.items() if name in known}
    told = values["progress"]
    progress = None if told is None else progress_of(told)
    return Job(**{**values, "words": tuple(values["words"]), "progress": progress})


def progress_of(told: Mapping[str, Any]) -> Progress:
    """How far a job is, of plain values; what is not known of them is left out."""
    known = {one.name for one in fields(Progress)}
    return Progress(**{name: value for name, value in told.items() if name in known})
