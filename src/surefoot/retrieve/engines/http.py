"""Any address that answers in JSON, by a small mapping: what is sent, and where the results stand in the reply."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from surefoot.config.base import Incidental, Settings
from surefoot.core.errors import DataError
from surefoot.core.roles import Call, Finds
from surefoot.core.types import Query
from surefoot.models.base import ModelEnv
from surefoot.retrieve.engines.base import OpenEncoder, RemoteSettings, connect, seconds_left
from surefoot.retrieve.engines.filtering import parameters
from surefoot.retrieve.engines.results import Result, hits_of, listed, number, without_tags, words

_PLACEHOLDER = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
_KNOWN = ("query", "limit", "lang")
_POINTER = r"^(/[^/]*)*$"


class Pointers(Settings):
    """Where things stand in one result, as JSON pointers such as /document/title; empty = nowhere."""

    text: str = Field(default="/text", min_length=1, pattern=_POINTER)
    id: str = Field(default="", pattern=_POINTER)
    title: str = Field(default="", pattern=_POINTER)
    url: str = Field(default="", pattern=_POINTER)
    score: str = Field(default="", pattern=_POINTER, description="higher is better")


class HttpEngineSettings(RemoteSettings):
    """A JSON endpoint. {{query}}, {{limit}} and {{lang}} in `params` and `body` take the question's values."""

    kind: Literal["http"] = "http"
    method: Literal["GET", "POST"] = "GET"
    path: str = Field(default="/", pattern=r"^/[^\s?#]*$")
    params: Mapping[str, str] = Field(default_factory=dict, description="of a GET")
    body: Mapping[str, Any] = Field(
        default_factory=dict,
        description='of a POST; a value that is only "{{limit}}" becomes a number',
    )
    results: str = Field(
        default="/results", pattern=_POINTER, description="JSON pointer to the list of results"
    )
    fields: Pointers = Pointers()
    html: bool = Field(default=False, description="texts are HTML: take the tags out")
    key_header: Annotated[str, Incidental()] = Field(
        default="", pattern=r"^[\w-]*$", description="header that holds the key by itself"
    )
    filter: Mapping[str, str] = Field(
        default_factory=dict,
        description="parameter (GET) or key of the body (POST) of each key that a question's filter may name",
    )

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.method == "GET" and self.body:
            raise ValueError("body is for method = POST; use params")
        if self.method == "POST" and self.params:
            raise ValueError("params is for method = GET; use body")
        named = set(_placeholders([self.params, self.body]))
        if unknown := sorted(named - set(_KNOWN)):
            raise ValueError(f"{{{{{unknown[0]}}}}} is not known; there are {', '.join(_KNOWN)}")
        if "query" not in named:
            raise ValueError("{{query}} must stand in params or body")
        return self


class HttpEngine:
    """Fills the template, asks once, and follows the pointers."""

    Settings = HttpEngineSettings

    def __init__(self, settings: HttpEngineSettings, env: ModelEnv, encoder: OpenEncoder) -> None:
        del encoder
        self._settings = settings
        self._client = connect(settings, env, settings.key_header)
        self.name = settings.called

    def find(self, query: Query, limit: int, call: Call) -> Finds:
        """The best results. Raises as `Engine.find`."""
        settings = self._settings
        filtered = parameters(query.filter, settings.filter, self.name)
        if not query.asked.strip():
            return Finds()
        values = {"query": query.asked, "limit": limit, "lang": query.lang}
        within_s = seconds_left(call, settings)
        if settings.method == "GET":
            sent = {**_filled(settings.params, values), **filtered}
            given = {name: _said(value) for name, value in sent.items()}
            reply = self._client.get(settings.path, given, within_s=within_s)
        else:
            body = {**_filled(settings.body, values), **filtered}
            reply = self._client.post(settings.path, body, within_s=within_s)
        rows = listed(self._rows(reply), self.name, settings.results or "the top")
        results = [self._result(row) for row in rows if isinstance(row, dict)]
        if rows and not any(result.text.strip() for result in results):
            raise DataError(
                f"no result has a text at {settings.fields.text}",
                where=self.name,
                hint="check fields.text",
            )
        hits = hits_of(results, self.name, query.asked, settings.max_chars)
        return Finds(tuple(hits[:limit]))

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _rows(self, reply: object) -> object:
        return at(reply, self._settings.results)

    def _result(self, row: Mapping[str, Any]) -> Result:
        names = self._settings.fields
        score = number(at(row, names.score)) if names.score else None
        clean = without_tags if self._settings.html else str
        return Result(
            text=clean(words(at(row, names.text))),
            id=words(at(row, names.id)) if names.id else "",
            title=clean(words(at(row, names.title))) if names.title else "",
            url=words(at(row, names.url)) if names.url else "",
            score=score,
            signals={} if score is None else {"score": score},
        )


def at(value: object, pointer: str) -> Any:
    """What stands at a JSON pointer (RFC 6901); None where there is nothing."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isascii() and key.isdigit() and len(key) < 10:
            value = value[int(key)] if int(key) < len(value) else None
        else:
            return None
    return value


def _placeholders(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, Mapping):
        yield from _placeholders(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _placeholders(item)


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    """The template with its placeholders filled in one pass, so that braces in a question stay text."""
    if isinstance(value, str):
        whole = _PLACEHOLDER.fullmatch(value)
        if whole:
            return values[whole[1]]
        return _PLACEHOLDER.sub(lambda match: str(values[match[1]]), value)
    if isinstance(value, Mapping):
        return {key: _filled(item, values) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(item, values) for item in value]
    return value


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
