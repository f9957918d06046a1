"""API keys and what they used, in the database of the ledger. The key itself is never kept, only its hash.

A key is `sf_ID_SECRET`: the id finds it, the secret (256 random bits) proves it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any, Final, Literal

from surefoot.core.errors import MissingError
from surefoot.store.database import open_database
from surefoot.store.ledger import ledger_url

Scope = Literal["ask", "search", "write", "tune", "admin"]
SCOPES: Final[tuple[Scope, ...]] = ("ask", "search", "write", "tune", "admin")
"""What a key may do: ask (answers), search (hits, documents), write (uploads, feedback), tune, admin (all of it)."""

_PREFIX: Final = "sf"
_DAY_NS: Final = 86_400 * 10**9
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS api_keys (id VARCHAR(32) PRIMARY KEY, body TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS api_key_use (
    id VARCHAR(32) NOT NULL,
    day BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    dollars DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (id, day)
)""",
)
_ADD = "INSERT INTO api_keys (id, body) VALUES (:id, :body)"
_CHANGE = "UPDATE api_keys SET body = :body WHERE id = :id"
_ONE = "SELECT body FROM api_keys WHERE id = :id"
_ALL = "SELECT body FROM api_keys ORDER BY id"
_COUNT = """INSERT INTO api_key_use (id, day, requests, tokens, dollars) VALUES (:id, :day, 1, :tokens, :dollars)
ON CONFLICT (id, day) DO UPDATE SET requests = api_key_use.requests + 1,
tokens = api_key_use.tokens + excluded.tokens, dollars = api_key_use.dollars + excluded.dollars"""
_USED = "SELECT requests, tokens, dollars FROM api_key_use WHERE id = :id AND day = :day"


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What a key may use; None is no limit. `requests` a minute, `concurrent` at once, the others a day (UTC)."""

    requests: int | None = None
    concurrent: int | None = None
    tokens: int | None = None
    dollars: float | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret; times are unix time in nanoseconds.

    `user` and `groups` are who asks with it: what they may not read is not found. Without them the key reads what is
    public only, unless it has the scope `admin`. `solution` answers where a request names no model.
    """

    id: str
    name: str
    hashed: str
    scopes: tuple[Scope, ...]
    created_ns: int
    user: str = ""
    groups: tuple[str, ...] = ()
    solution: str = ""
    limits: KeyLimits = KeyLimits()
    expires_ns: int | None = None
    revoked_ns: int | None = None

    def is_valid(self, now_ns: int) -> bool:
        """Whether it opens anything now."""
        expired = self.expires_ns is not None and now_ns >= self.expires_ns
        return not expired and self.revoked_ns is None

    def may(self, scope: Scope) -> bool:
        """Whether it is for this."""
        return scope in self.scopes or "admin" in self.scopes


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What a key used on one day."""

    requests: int = 0
    tokens: int = 0
    dollars: float = 0.0


class KeyBook:
    """Keeps keys. Several processes may read and write at once."""

    def __init__(self, url: str) -> None:
        self._database = open_database(url, _SCHEMA)

    @classmethod
    def at(cls, folder: Path) -> KeyBook:
        """That of a workspace, in the file of its ledger."""
        return cls(ledger_url(folder))

    def create(self, name: str, scopes: Sequence[Scope], at_ns: int) -> tuple[ApiKey, str]:
        """A new key and the token that is shown once."""
        made = ApiKey(token_hex(6), name, "", tuple(scopes), at_ns)
        made, token = _with_secret(made)
        self._database.change((_ADD, [_row(made)]))
        return made, token

    def all(self) -> list[ApiKey]:
        """Every key, revoked ones too, oldest first."""
        found = [_key(row["body"]) for row in self._database.read(_ALL, {})]
        return sorted(found, key=lambda key: (key.created_ns, key.id))

    def get(self, id: str) -> ApiKey:
        """A key by its id.

        Raises:
            MissingError: there is none.
        """
        rows = self._database.read(_ONE, {"id": id})
        if not rows:
            raise MissingError(f"there is no key {id!r}", hint="surefoot keys list shows them")
        return _key(rows[0]["body"])

    def find(self, token: str, now_ns: int) -> ApiKey | None:
        """The valid key of a token; None where there is none. Compared in constant time."""
        prefix, _, rest = token.partition("_")
        id, _, secret = rest.partition("_")
        if prefix != _PREFIX or not id or not secret:
            return None
        rows = self._database.read(_ONE, {"id": id})
        if not rows:
            return None
        key = _key(rows[0]["body"])
        proven = compare_digest(key.hashed, _hashed(secret))
        return key if proven and key.is_valid(now_ns) else None

    def change(self, key: ApiKey) -> None:
        """Keeps a key as it is now."""
        self._database.change((_CHANGE, [_row(key)]))

    def revoke(self, id: str, at_ns: int) -> ApiKey:
        """Ends a key for good.

        Raises:
            MissingError: there is none.
        """
        key = replace(self.get(id), revoked_ns=at_ns)
        self.change(key)
        return key

    def rotate(self, id: str) -> tuple[ApiKey, str]:
        """A new secret for a key; the former one opens nothing from now on.

        Raises:
            MissingError: there is none.
        """
        key, token = _with_secret(self.get(id))
        self.change(key)
        return key, token

    def count(self, id: str, now_ns: int, *, tokens: int, dollars: float) -> None:
        """Adds one request to what a key used today."""
        row = {"id": id, "day": now_ns // _DAY_NS, "tokens": tokens, "dollars": dollars}
        self._database.change((_COUNT, [row]))

    def used(self, id: str, now_ns: int) -> KeyUse:
        """What a key used today."""
        rows = self._database.read(_USED, {"id": id, "day": now_ns // _DAY_NS})
        return KeyUse(**rows[0]) if rows else KeyUse()

    def close(self) -> None:
        """Closes the connections."""
        self._database.close()


def _with_secret(key: ApiKey) -> tuple[ApiKey, str]:
    secret = token_urlsafe(32)
    return replace(key, hashed=_hashed(secret)), f"{_PREFIX}_{key.id}_{secret}"


def _hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _row(key: ApiKey) -> Mapping[str, str]:
    return {"id": key.id, "body": json.dumps(asdict(key), ensure_ascii=False)}


def _key(body: str) -> ApiKey:
    raw: dict[str, Any] = json.loads(body)
    known = {field.name for field in fields(ApiKey)}
    values = {name: value for name, value in raw.items() if name in known}
    limits = {f.name: values["limits"].get(f.name) for f in fields(KeyLimits)}
    return ApiKey(
        **{
            **values,
            "scopes": tuple(values["scopes"]),
            "groups": tuple(values["groups"]),
            "limits": KeyLimits(**limits),
        }
    )
