"""Named collections of uploads, and other small records of a server, in the database of the ledger.

Each row says who made it; who may see it is decided where it is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from surefoot.core.errors import MissingError
from surefoot.core.types import Acl
from surefoot.store.database import open_database
from surefoot.store.ledger import ledger_url

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS served_records (
    id VARCHAR(512) PRIMARY KEY,
    kind VARCHAR(32) NOT NULL,
    holder VARCHAR(512) NOT NULL,
    created_ns BIGINT NOT NULL,
    body TEXT NOT NULL
)""",
    "CREATE INDEX IF NOT EXISTS ix_served_records ON served_records (kind, holder)",
    "CREATE INDEX IF NOT EXISTS ix_served_records_age ON served_records (kind, created_ns)",
)
_PUT = """INSERT INTO served_records (id, kind, holder, created_ns, body)
VALUES (:id, :kind, :holder, :created_ns, :body) ON CONFLICT (id) DO UPDATE SET body = excluded.body"""
_ONE = "SELECT * FROM served_records WHERE id = :id AND kind = :kind"
_ALL = (
    "SELECT * FROM served_records WHERE kind = :kind AND holder = :holder ORDER BY created_ns, id"
)
_DROP = "DELETE FROM served_records WHERE id = :id"
RESPONSE = "response"
"""The kind of a kept response; its body names the `documents` whose text it holds."""
_EXPIRE = "DELETE FROM served_records WHERE kind = :kind AND created_ns < :before"
_DROP_HELD = "DELETE FROM served_records WHERE holder = :holder"


@dataclass(frozen=True, slots=True)
class Record:
    """A row: its `kind` (store, store_file, batch, response), what holds it, when it was made, what it says.

    `owner` made it; `acl` says who else may see it.
    """

    id: str
    kind: str
    created_ns: int
    body: Mapping[str, Any]
    holder: str = ""
    owner: str = ""
    acl: Acl = field(default_factory=Acl)


class RecordBook:
    """Keeps records of a workspace. Several processes may read and write at once."""

    def __init__(self, url: str) -> None:
        self._database = open_database(url, _SCHEMA)

    @classmethod
    def at(cls, folder: Path, ledger: str = "") -> RecordBook:
        """That of a workspace, in the database of its ledger; `folder` is its `.surefoot`."""
        return cls(ledger or ledger_url(folder))

    def put(self, record: Record) -> None:
        """Keeps a record in the place of the former one with its id."""
        said = {"body": dict(record.body), "owner": record.owner, "acl": asdict(record.acl)}
        row = {
            "id": record.id,
            "kind": record.kind,
            "holder": record.holder,
            "created_ns": record.created_ns,
            "body": json.dumps(said, ensure_ascii=False),
        }
        self._database.change((_PUT, [row]))

    def find(self, id: str, kind: str) -> Record | None:
        """A record by its id; None where there is none of this kind."""
        rows = self._database.read(_ONE, {"id": id, "kind": kind})
        return _record(rows[0]) if rows else None

    def get(self, id: str, kind: str, what: str) -> Record:
        """A record by its id; `what` is what people call it.

        Raises:
            MissingError: there is none.
        """
        found = self.find(id, kind)
        if found is None:
            raise MissingError(f"there is no {what} {id!r}")
        return found

    def all(self, kind: str, holder: str = "") -> list[Record]:
        """Every record of a kind that this one holds, oldest first."""
        return [_record(row) for row in self._database.read(_ALL, {"kind": kind, "holder": holder})]

    def delete(self, id: str) -> None:
        """Removes a record with all that it holds."""
        self._database.change((_DROP_HELD, [{"holder": id}]), (_DROP, [{"id": id}]))

    def expire(self, kind: str, before_ns: int) -> None:
        """Removes those of a kind that were made before (unix time in nanoseconds)."""
        self._database.change((_EXPIRE, [{"kind": kind, "before": before_ns}]))

    def close(self) -> None:
        """Closes the connections."""
        self._database.close()


def _record(row: Mapping[str, Any]) -> Record:
    said: Mapping[str, Any] = json.loads(row["body"])
    acl = {name.name: said["acl"][name.name] for name in fields(Acl)}
    return Record(
        id=row["id"],
        kind=row["kind"],
        created_ns=row["created_ns"],
        body=said["body"],
        holder=row["holder"],
        owner=said["owner"],
        acl=Acl(acl["public"], tuple(acl["users"]), tuple(acl["groups"])),
    )
