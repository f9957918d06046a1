"""What was given to a workspace directly instead of lying in a source: originals by content, and a row for each.

The rows are in the database of the ledger, the originals in `files/<sha256>` beside it. A row is written after its
original and removed before it, so that a row always has its content.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from surefoot.core.errors import MissingError
from surefoot.core.types import Acl, Meta
from surefoot.store.database import open_database
from surefoot.store.ledger import ledger_url

FILES: Final = "files"
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS uploads (id VARCHAR(512) PRIMARY KEY, digest VARCHAR(64) NOT NULL, body TEXT NOT NULL)",
)
_PUT = """INSERT INTO uploads (id, digest, body) VALUES (:id, :digest, :body)
ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, body = excluded.body"""
_ONE = "SELECT body FROM uploads WHERE id = :id"
_ALL = "SELECT body FROM uploads ORDER BY id"
_DROP = "DELETE FROM uploads WHERE id = :id"
_HELD = "SELECT COUNT(*) AS held FROM uploads WHERE digest = :digest"


@dataclass(frozen=True, slots=True)
class Upload:
    """One original: `digest` is the sha256 of its bytes, `created_ns` unix time in nanoseconds.

    `listed` says whether it is a document of the corpus; what is not, such as rows to train on, is only kept.
    `stores` are the named collections that it belongs to, `owner` who uploaded it.
    """

    id: str
    name: str
    digest: str
    size: int
    created_ns: int
    purpose: str = "assistants"
    listed: bool = False
    stores: tuple[str, ...] = ()
    meta: Meta = field(default_factory=dict)
    acl: Acl = Acl()
    owner: str = ""


class UploadBook:
    """Keeps uploads of a workspace; `folder` is its `.surefoot`. Several processes may read and write at once."""

    def __init__(self, url: str, folder: Path) -> None:
        self._database = open_database(url, _SCHEMA)
        self._files = folder / FILES

    @classmethod
    def at(cls, folder: Path, ledger: str = "") -> UploadBook:
        """That of a workspace, in the database of its ledger."""
        return cls(ledger or ledger_url(folder), folder)

    def keep(self, data: bytes) -> str:
        """Puts bytes in place, whole or not at all, and gives their sha256."""
        digest = sha256(data).hexdigest()
        place = self._files / digest
        if place.exists():
            return digest
        self._files.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = place.with_name(f"{digest}.{os.getpid()}.new")
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(place)
        return digest

    def put(self, upload: Upload) -> None:
        """Keeps a row in the place of the former one with its id; an original that no row names any more is deleted."""
        former = self.find(upload.id)
        body = json.dumps(asdict(upload), ensure_ascii=False)
        row = {"id": upload.id, "digest": upload.digest, "body": body}
        self._database.change((_PUT, [row]))
        if former is not None and former.digest != upload.digest:
            self._let_go(former.digest)

    def find(self, id: str) -> Upload | None:
        """An upload by its id; None where there is none."""
        rows = self._database.read(_ONE, {"id": id})
        return _upload(rows[0]["body"]) if rows else None

    def get(self, id: str) -> Upload:
        """An upload by its id.

        Raises:
            MissingError: there is none.
        """
        found = self.find(id)
        if found is None:
            raise MissingError(f"there is no file {id!r}")
        return found

    def all(self) -> list[Upload]:
        """Every upload, by id."""
        return [_upload(row["body"]) for row in self._database.read(_ALL, {})]

    def content(self, upload: Upload) -> Path:
        """Where its bytes are."""
        return self._files / upload.digest

    def delete(self, ids: Sequence[str]) -> int:
        """Removes uploads, and the originals that no other one has; returns how many there were."""
        found = [one for id in ids if (one := self.find(id)) is not None]
        self._database.change((_DROP, [{"id": one.id} for one in found]))
        for digest in {one.digest for one in found}:
            self._let_go(digest)
        return len(found)

    def close(self) -> None:
        """Closes the connections."""
        self._database.close()

    def _let_go(self, digest: str) -> None:
        held = self._database.read(_HELD, {"digest": digest})
        if not held[0]["held"]:
            (self._files / digest).unlink(missing_ok=True)


def _upload(body: str) -> Upload:
    raw: Mapping[str, Any] = json.loads(body)
    known = {one.name for one in fields(Upload)}
    values = {name: value for name, value in raw.items() if name in known}
    acl = values["acl"]
    meta = {k: tuple(v) if isinstance(v, list) else v for k, v in values["meta"].items()}
    return Upload(
        **{
            **values,
            "stores": tuple(values["stores"]),
            "meta": meta,
            "acl": Acl(acl["public"], tuple(acl["users"]), tuple(acl["groups"])),
        }
    )
