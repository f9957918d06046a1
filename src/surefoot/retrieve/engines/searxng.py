"""Web search by a SearXNG (or searx) of one's own: `GET /search?format=json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from surefoot.core.errors import TransientError
from surefoot.core.roles import Call, Finds
from surefoot.core.types import Query
from surefoot.models.base import ModelEnv
from surefoot.retrieve.engines.base import OpenEncoder, RemoteSettings, connect, seconds_left
from surefoot.retrieve.engines.filtering import parameters
from surefoot.retrieve.engines.results import (
    Result,
    hits_of,
    listed,
    number,
    shaped,
    without_tags,
    words,
)

_LANGUAGES: Mapping[str, str] = {"en": "en", "zh": "zh-CN"}
_NAMED = 5  # engines that a note names


class SearxngSettings(RemoteSettings):
    """Web search by a SearXNG that allows `json` among its formats. The question leaves this machine."""

    kind: Literal["searxng"] = "searxng"
    categories: str = Field(default="", description="such as general,news; empty = as set there")
    engines: str = Field(default="", description="its engines, by comma; empty = as set there")
    language: str = Field(default="", description='such as "zh-CN"; empty = the question\'s')
    time_range: Literal["", "day", "month", "year"] = ""
    filter: Mapping[str, Literal["language", "time_range", "categories", "engines"]] = Field(
        default_factory=dict, description="parameter of each key that a question's filter may name"
    )


class Searxng:
    """The first page of results, in its order."""

    Settings = SearxngSettings

    def __init__(self, settings: SearxngSettings, env: ModelEnv, encoder: OpenEncoder) -> None:
        del encoder
        self._settings = settings
        self._client = connect(settings, env)
        self.name = settings.called

    def find(self, query: Query, limit: int, call: Call) -> Finds:
        """The best results; notes name those of its own engines that are silent. Raises as `Engine.find`."""
        settings = self._settings
        language = settings.language or _LANGUAGES.get(query.lang, "all")
        asked = {
            "q": query.asked,
            "format": "json",
            "pageno": "1",
            "language": language,
            "categories": settings.categories,
            "engines": settings.engines,
            "time_range": settings.time_range,
        }
        filtered = parameters(query.filter, settings.filter, self.name)
        if not query.asked.strip():
            return Finds()
        given = {name: str(value) for name, value in {**asked, **filtered}.items() if value != ""}
        reply = self._client.get("/search", given, within_s=seconds_left(call, settings))
        rows = listed(shaped(reply, self.name, "results"), self.name, "results")
        silent = _silent(reply)
        if silent and not rows:
            raise TransientError(f"none of its engines answered: {silent}", where=self.name)
        results = [_result(row) for row in rows if isinstance(row, dict)]
        hits = hits_of(results, self.name, query.asked, settings.max_chars)
        return Finds(tuple(hits[:limit]), (f"not answered by {silent}",) if silent else ())

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()


def _result(row: Mapping[str, Any]) -> Result:
    score = number(row.get("score"))
    return Result(
        text=without_tags(words(row.get("content"))),
        id=words(row.get("url")),
        title=without_tags(words(row.get("title"))),
        url=words(row.get("url")),
        signals={} if score is None else {"score": score},
    )


def _silent(reply: Mapping[str, Any]) -> str:
    """Which of its engines did not answer, and why."""
    told = reply.get("unresponsive_engines")
    pairs = [pair for pair in told if isinstance(pair, list)] if isinstance(told, list) else []
    said = [": ".join(filter(None, map(words, pair[:2]))) for pair in pairs[:_NAMED]]
    more = len(pairs) - len(said)
    return ", ".join([*said, *([f"{more} more"] if more else [])])
