"""Which key did what: a row a request to the server, never its content. In the database of the ledger."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from surefoot.store.database import open_database
from surefoot.store.ledger import ledger_url

_NS_PER_DAY = 86_400 * 10**9
_CHARS = 300
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS audit (
    at_ns BIGINT NOT NULL,
    who VARCHAR(64) NOT NULL,
    method VARCHAR(16) NOT NULL,
    path VARCHAR(300) NOT NULL,
    status INTEGER NOT NULL,
    ms DOUBLE PRECISION NOT NULL
)""",
    "CREATE INDEX IF NOT EXISTS ix_audit_at_ns ON audit (at_ns)",
)
_INSERT = """INSERT INTO audit (at_ns, who, method, path, status, ms)
VALUES (:at_ns, :who, :method, :path, :status, :ms)"""
_NEWEST = """SELECT at_ns, who, method, path, status, ms FROM audit
WHERE (:who = '' OR who = :who) ORDER BY at_ns DESC LIMIT :limit"""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A request: when (unix nanoseconds), the key's id (`owner` without keys, empty where it was refused), and what.

    `path` is without its query; `status` is 0 where whoever asked was gone before there was one.
    """

    at_ns: int
    who: str
    method: str
    path: str
    status: int
    ms: float


class AuditBook:
    """Keeps lines for some days. Several processes may write at once."""

    def __init__(self, url: str, *, keep_days: int = 90) -> None:
        self._database = open_database(url, _SCHEMA)
        self._keep_days = keep_days

    @classmethod
    def at(cls, folder: Path, *, keep_days: int = 90) -> AuditBook:
        """That of a workspace, in the file of its ledger."""
        return cls(ledger_url(folder), keep_days=keep_days)

    def write(self, line: AuditLine) -> None:
        """Adds a line; those that are too old go."""
        if self._keep_days:
            row = asdict(line) | {"path": line.path[:_CHARS], "method": line.method[:16]}
            oldest = line.at_ns - self._keep_days * _NS_PER_DAY
            self._database.change(
                (_INSERT, [row]), ("DELETE FROM audit WHERE at_ns < :oldest", [{"oldest": oldest}])
            )

    def lines(self, *, limit: int = 100, who: str = "") -> list[AuditLine]:
        """The newest first, of all or of one key."""
        return [
            AuditLine(**row) for row in self._database.read(_NEWEST, {"limit": limit, "who": who})
        ]

    def close(self) -> None:
        """Closes the connections."""
        self._database.close()
