"""Finished runs with everything that is needed to read and repeat them, beside the traces; never changed.

Scores and outcomes of questions come as plain values; this module knows neither questions nor metrics.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any
from zlib import compress, decompress

from surefoot.core.digest import digest_json
from surefoot.core.errors import MissingError
from surefoot.store.database import open_database
from surefoot.store.ledger import ledger_url

Plain = Mapping[str, Any]

_ID_CHARS = 12
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS runs (
    id VARCHAR(64) NOT NULL PRIMARY KEY,
    at_ns BIGINT NOT NULL,
    kind VARCHAR(64) NOT NULL,
    solution VARCHAR(512) NOT NULL,
    solution_digest VARCHAR(64) NOT NULL,
    evalset VARCHAR(512) NOT NULL,
    evalset_digest VARCHAR(64) NOT NULL,
    corpus VARCHAR(64) NOT NULL,
    seed BIGINT NOT NULL,
    details TEXT NOT NULL
)""",
    "CREATE INDEX IF NOT EXISTS ix_runs_at_ns ON runs (at_ns)",
    "CREATE INDEX IF NOT EXISTS ix_runs_of_set ON runs (evalset_digest, solution_digest, at_ns)",
    """CREATE TABLE IF NOT EXISTS run_rows (
    run VARCHAR(64) NOT NULL,
    place INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run, place)
)""",
    """CREATE TABLE IF NOT EXISTS indexings (
    recipe VARCHAR(64) NOT NULL,
    at_ns BIGINT NOT NULL,
    took TEXT NOT NULL,
    PRIMARY KEY (recipe, at_ns)
)""",
    """CREATE TABLE IF NOT EXISTS corpora (
    version VARCHAR(64) NOT NULL PRIMARY KEY,
    marks TEXT NOT NULL
)""",
)
_INSERT = """INSERT INTO runs
(id, at_ns, kind, solution, solution_digest, evalset, evalset_digest, corpus, seed, details) VALUES
(:id, :at_ns, :kind, :solution, :solution_digest, :evalset, :evalset_digest, :corpus, :seed, :details)
ON CONFLICT DO NOTHING"""
_INSERT_ROW = """INSERT INTO run_rows (run, place, body) VALUES (:run, :place, :body)
ON CONFLICT DO NOTHING"""
_NEWEST = """SELECT * FROM runs WHERE at_ns <= :at AND (at_ns < :at OR id > :id) AND kind LIKE :kind
AND evalset LIKE :evalset ESCAPE '/' ORDER BY at_ns DESC, id LIMIT :limit"""
_OF_SET = """SELECT * FROM runs WHERE evalset_digest = :digest AND kind = :kind AND at_ns = (
SELECT MAX(at_ns) FROM runs AS later WHERE later.evalset_digest = runs.evalset_digest
AND later.solution_digest = runs.solution_digest AND later.kind = runs.kind)
ORDER BY at_ns DESC, id LIMIT :limit"""
_LATEST_NS = 2**63 - 1
_INSERT_INDEXING = """INSERT INTO indexings (recipe, at_ns, took) VALUES (:recipe, :at_ns, :took)
ON CONFLICT DO NOTHING"""
_INSERT_CORPUS = """INSERT INTO corpora (version, marks) VALUES (:version, :marks)
ON CONFLICT DO NOTHING"""
_DELETE = "DELETE FROM runs WHERE id = :run"
_DELETE_ROWS = "DELETE FROM run_rows WHERE run = :run"
_WILD = re.compile("[%_/]")


@dataclass(frozen=True)
class Run:
    """One finished run. `at_ns` is unix time in nanoseconds, `corpus` the corpus version.

    `details` are plain values: settings, scores, expense, the command that repeats it, versions.
    """

    kind: str
    at_ns: int
    solution: str
    solution_digest: str
    evalset: str
    evalset_digest: str
    corpus: str = ""
    seed: int = 0
    details: Plain = field(default_factory=dict)

    @cached_property
    def id(self) -> str:
        """Names the run by its content and time."""
        return digest_json(json.loads(json.dumps(asdict(self))))[:_ID_CHARS]


class Runs:
    """Keeps runs. Several processes may write at once; nothing is ever changed."""

    def __init__(self, url: str) -> None:
        self._database = open_database(url, _SCHEMA)

    @classmethod
    def at(cls, folder: Path) -> Runs:
        """Those of a workspace, in the file of its ledger."""
        return cls(ledger_url(folder))

    def record(self, run: Run, rows: Sequence[Plain] = ()) -> str:
        """Adds a run with the outcomes of its questions, in one transaction; returns its id."""
        line = asdict(run) | {"id": run.id, "details": _json(run.details)}
        bodies = [
            {"run": run.id, "place": place, "body": _json(row)} for place, row in enumerate(rows)
        ]
        changes = [(_INSERT, [line]), (_INSERT_ROW, bodies)]
        self._database.change(*changes[: 2 if bodies else 1])
        return run.id

    def runs(
        self,
        *,
        limit: int = 20,
        kind: str | None = None,
        evalset: str | None = None,
        before: tuple[int, str] | None = None,
    ) -> list[Run]:
        """The newest first; those of a kind, of eval sets of a name, and before a run (time and id), where given."""
        at, id = before or (_LATEST_NS, "")
        name = "%" if evalset is None else _WILD.sub(r"/\g<0>", evalset)
        values = {"limit": limit, "kind": kind or "%", "evalset": name, "at": at, "id": id}
        return [_run(row) for row in self._database.read(_NEWEST, values)]

    def newest_of(self, evalset_digest: str, *, kind: str, limit: int = 100) -> list[Run]:
        """The newest run of each solution on these questions, the newest first."""
        values = {"digest": evalset_digest, "kind": kind, "limit": limit}
        return [_run(row) for row in self._database.read(_OF_SET, values)]

    def versions_of(self, evalset: str, *, kind: str) -> int:
        """On how many versions of the eval sets of one name there are runs."""
        query = """SELECT COUNT(DISTINCT evalset_digest) AS found FROM runs
WHERE evalset = :evalset AND kind = :kind"""
        found: int = self._database.read(query, {"evalset": evalset, "kind": kind})[0]["found"]
        return found

    def run(self, run_id: str) -> Run:
        """The run with this id; its beginning is enough where it is unique, and `last` is the newest.

        Raises:
            MissingError: no run, or several, begin with it.
        """
        if run_id == "last":
            found = self.runs(limit=1)
        else:
            prefix = _WILD.sub(r"/\g<0>", run_id) + "%"
            query = "SELECT * FROM runs WHERE id LIKE :prefix ESCAPE '/' ORDER BY id LIMIT 2"
            found = [_run(row) for row in self._database.read(query, {"prefix": prefix})]
        if len(found) != 1:
            problem = "several runs begin with it" if found else "there is no such run"
            raise MissingError(problem, where=run_id, hint="surefoot runs list shows them")
        return found[0]

    def delete(self, run_id: str) -> None:
        """Removes a run with its questions; `run_id` is the whole id."""
        gone = [{"run": run_id}]
        self._database.change((_DELETE_ROWS, gone), (_DELETE, gone))

    def rows(self, run_id: str) -> list[Plain]:
        """The outcomes of a run's questions in their order; `run_id` is the whole id."""
        query = "SELECT body FROM run_rows WHERE run = :run ORDER BY place"
        return [json.loads(row["body"]) for row in self._database.read(query, {"run": run_id})]

    def keep_corpus(self, version: str, marks: Mapping[str, str]) -> None:
        """Adds what a corpus version holds: the mark of each document by its id."""
        known = self._database.read(
            "SELECT version FROM corpora WHERE version = :version", {"version": version}
        )
        if not known:
            packed = b64encode(compress(_json(marks).encode())).decode()
            row = {"version": version, "marks": packed}
            self._database.change((_INSERT_CORPUS, [row]))

    def corpus(self, version: str) -> dict[str, str] | None:
        """What a corpus version held; None where nobody kept it."""
        query = "SELECT marks FROM corpora WHERE version = :version"
        found = self._database.read(query, {"version": version})
        if not found:
            return None
        marks: dict[str, str] = json.loads(decompress(b64decode(found[0]["marks"])))
        return marks

    def record_indexing(self, recipe: str, at_ns: int, took: Mapping[str, float]) -> None:
        """Adds what a change of an index took: documents, chunks, seconds, tokens and so on, by name."""
        row = {"recipe": recipe, "at_ns": at_ns, "took": _json(took)}
        self._database.change((_INSERT_INDEXING, [row]))

    def indexing(self, recipe: str) -> dict[str, float]:
        """What an index took over all of its changes, added up by name; empty where nothing was recorded."""
        query = "SELECT took FROM indexings WHERE recipe = :recipe ORDER BY at_ns"
        total: dict[str, float] = {}
        for row in self._database.read(query, {"recipe": recipe}):
            for name, amount in json.loads(row["took"]).items():
                total[name] = total.get(name, 0) + amount
        return total

    def last_indexing(self, recipe: str) -> tuple[int, dict[str, float]] | None:
        """When an index was changed last, in unix nanoseconds, and what that took; None where nothing was recorded."""
        query = (
            "SELECT at_ns, took FROM indexings WHERE recipe = :recipe ORDER BY at_ns DESC LIMIT 1"
        )
        found = self._database.read(query, {"recipe": recipe})
        return (found[0]["at_ns"], json.loads(found[0]["took"])) if found else None

    def close(self) -> None:
        """Closes the connections."""
        self._database.close()


def _json(value: Plain) -> str:
    return json.dumps(dict(value), ensure_ascii=False)


def _run(row: Mapping[str, Any]) -> Run:
    own = {name: row[name] for name in (f.name for f in fields(Run))}
    run = Run(**{**own, "details": json.loads(own["details"])})
    run.__dict__["id"] = row["id"]  # it is known: a list of runs need not work each one out again
    return run
