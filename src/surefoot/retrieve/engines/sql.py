"""Rows of a database as passages: one read-only query with bound parameters, a question's words among them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from surefoot.config.base import KeyName, Settings
from surefoot.core.errors import ConfigError, DataError
from surefoot.core.filters import FilterValue
from surefoot.core.lang import content_terms
from surefoot.core.roles import Call, Finds
from surefoot.core.types import Query
from surefoot.models.base import ModelEnv
from surefoot.models.http import refuse_offline
from surefoot.retrieve.engines.base import EngineSettings, OpenEncoder, seconds_left
from surefoot.retrieve.engines.filtering import conjuncts
from surefoot.retrieve.engines.results import Result, held, hits_of, number, words
from surefoot.store.readonly import ForeignDatabase, Row, SelectText, read_rows

KeyType = Literal["text", "int", "float", "bool", "date"]

_NAME = re.compile(r"(?<![:\w\\]):([a-z_]\w*)", re.IGNORECASE)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_OWN = ("query", "words", "terms", "limit", "lang", "user")
_BOUNDS = ("ne", "gt", "gte", "lt", "lte")
_WORDS = 32  # terms of a question at most


class Columns(Settings):
    """What the query calls the columns that are read."""

    text: str = "text"
    id: str = "id"
    title: str = "title"
    url: str = "url"
    score: str = Field(default="score", description="higher is better; the order is the query's")


class SqlSettings(EngineSettings):
    """Rows that a SELECT finds. Its parameters are bound, never pasted in.

    It may name :query (the question), :words (its terms for full text: "reset" OR "password"), :terms (as a JSON
    array), :limit, :lang, :user (who asks, or null), and each key of `filter`: :year, or :year_gte and the like;
    null where the question has no such filter.
    """

    kind: Literal["sql"] = "sql"
    url: KeyName = Field(
        default="",
        description='"env:VAR": the variable that holds a SQLAlchemy URL, password and all',
    )
    file: str = Field(default="", description="an SQLite file, below the workspace")
    query: SelectText = Field(min_length=1, description="one SELECT with parameters")
    columns: Columns = Columns()
    filter: Mapping[str, KeyType] = Field(
        default_factory=dict, description="type of each key that a question's filter may name"
    )

    @model_validator(mode="after")
    def _names_what_is_known(self) -> Self:
        if bool(self.url) == bool(self.file):
            raise ValueError("needs either url or file")
        known = {*_OWN, *_bounds(self.filter)}
        for name in sorted(_named(self.query)):
            if name not in known:
                raise ValueError(f":{name} is not known; there are :{', :'.join(sorted(known))}")
        for key in self.filter:
            if not _named(self.query) & set(_bounds((key,))):
                raise ValueError(f"filter has {key}, and the query does not name :{key}")
        return self


class Sql:
    """Runs the query in a transaction that cannot write, for each question anew."""

    Settings = SqlSettings

    def __init__(self, settings: SqlSettings, env: ModelEnv, encoder: OpenEncoder) -> None:
        del encoder
        self._settings = settings
        self.name = settings.called
        file = env.place(settings.file) if settings.file else None
        self._database = ForeignDatabase(self.name, settings.url, file)
        if env.offline and (address := self._database.address()):
            refuse_offline(address, self.name)
        self._names = _named(settings.query)

    def find(self, query: Query, limit: int, call: Call) -> Finds:
        """The rows in the query's order. Raises as `Engine.find`; MissingError without its driver or file."""
        settings = self._settings
        values = self._values(query, limit)
        within_s = seconds_left(call, settings)
        rows = read_rows(self._database, settings.query, values, batch=limit, timeout_s=within_s)
        results = [self._result(row) for row in islice(rows, limit)]
        return Finds(tuple(hits_of(results, self.name, query.asked, settings.max_chars)))

    def close(self) -> None:
        """Nothing stays open between questions."""

    def _values(self, query: Query, limit: int) -> dict[str, Any]:
        """A value for each parameter that the query names."""
        found = list(dict.fromkeys(content_terms(query.asked)))[:_WORDS]
        values: dict[str, Any] = dict.fromkeys(_bounds(self._settings.filter))
        values |= {
            "query": query.asked,
            "words": " OR ".join(f'"{term}"' for term in found),
            "terms": json.dumps(found, ensure_ascii=False),
            "limit": limit,
            "lang": query.lang,
            "user": query.asker.user,
        }
        values |= self._filtered(query)
        return {name: value for name, value in values.items() if name in self._names}

    def _filtered(self, query: Query) -> dict[str, Any]:
        """The filter's values.

        Raises:
            ConfigError: the query cannot apply it.
        """
        found: dict[str, Any] = {}
        for part in conjuncts(query.filter, self.name):
            name = part.key if part.type == "eq" else f"{part.key}_{part.type}"
            if part.key not in self._settings.filter or name not in self._names or name in found:
                raise ConfigError(
                    f"cannot filter by {part.key!r} ({part.type})",
                    where=self.name,
                    hint=f"let the query name :{name}, and filter say its type",
                )
            if isinstance(part.value, tuple):
                raise ConfigError(
                    f"cannot filter by several values of {part.key!r}", where=self.name
                )
            found[name] = _typed(part.value, self._settings.filter[part.key], part.key, self.name)
        return found

    def _result(self, raw: Row) -> Result:
        names, row = self._settings.columns, {name: _plain(value) for name, value in raw.items()}
        if names.text not in row:
            raise DataError(
                f"the query gives no column {names.text!r}",
                where=self.name,
                hint='name it with AS text, or say columns = { text = "..." }',
            )
        score = number(row.get(names.score))
        return Result(
            text=words(row[names.text]),
            id=words(row.get(names.id)),
            title=words(row.get(names.title)),
            url=words(row.get(names.url)),
            score=score,
            meta=held(row, {key: key for key in self._settings.filter}),
            signals={} if score is None else {"score": score},
        )


def _named(query: str) -> frozenset[str]:
    """The parameters that a query names."""
    return frozenset(_NAME.findall(_QUOTED.sub(" ", query)))


def _bounds(keys: Sequence[str] | Mapping[str, Any]) -> list[str]:
    return [name for key in keys for name in (key, *(f"{key}_{how}" for how in _BOUNDS))]


def _typed(value: FilterValue, kind: KeyType, key: str, where: str) -> Any:
    """The value as its column has it."""
    try:
        if kind == "date":
            return date.fromisoformat(str(value))
        if kind == "bool" and isinstance(value, bool):
            return value
        if kind == "text" and isinstance(value, str):
            return value
        if kind in ("int", "float") and not isinstance(value, bool | str):
            return int(value) if kind == "int" else float(value)
    except ValueError:
        pass
    raise ConfigError(f"cannot compare {key!r} with {value!r}: it holds {kind}", where=where)


def _plain(value: Any) -> Any:
    """Numbers, texts and dates as JSON would have them."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date | datetime) else value
