"""Web search by Brave's API: `GET /web/search`, with a key, paid by the request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat

from surefoot.config.base import Incidental, KeyName
from surefoot.core.metering import may_spend, tokens_read
from surefoot.core.roles import Call, Finds
from surefoot.core.types import Query
from surefoot.models.base import ModelEnv
from surefoot.retrieve.engines.base import OpenEncoder, RemoteSettings, connect, seconds_left
from surefoot.retrieve.engines.filtering import parameters
from surefoot.retrieve.engines.results import (
    Result,
    dig,
    hits_of,
    listed,
    shaped,
    without_tags,
    words,
)

_MOST = 20
_QUERY_CHARS = 400
_LANGUAGES: Mapping[str, str] = {"en": "en", "zh": "zh-hans"}
_KEY_HEADER = "X-Subscription-Token"


class BraveSettings(RemoteSettings):
    """Web search by Brave. The question leaves this machine, and each one costs money."""

    kind: Literal["brave"] = "brave"
    base_url: str = Field(
        default="https://api.search.brave.com/res/v1", pattern=r"^https?://[^\s@?#]+$"
    )
    key: Annotated[KeyName, Incidental()] = Field(
        default="env:BRAVE_API_KEY", description='"env:VAR": the variable that holds the key'
    )
    country: str = Field(default="", pattern=r"^([A-Za-z]{2})?$", description="such as US or CN")
    language: str = Field(default="", description='such as "zh-hans"; empty = the question\'s')
    freshness: str = Field(
        default="",
        description="pd, pw, pm, py (a day, week, month, year) or 2026-01-01to2026-06-30",
    )
    filter: Mapping[str, Literal["search_lang", "country", "freshness"]] = Field(
        default_factory=dict, description="parameter of each key that a question's filter may name"
    )
    request_price: Annotated[NonNegativeFloat, Incidental()] = Field(
        default=5.0, description="US dollars per thousand requests"
    )


class Brave:
    """Its web results, each with its description and further snippets."""

    Settings = BraveSettings

    def __init__(self, settings: BraveSettings, env: ModelEnv, encoder: OpenEncoder) -> None:
        del encoder
        self._settings = settings
        self._client = connect(settings, env, _KEY_HEADER)
        self.name = settings.called

    def find(self, query: Query, limit: int, call: Call) -> Finds:
        """The best results. Raises as `Engine.find`."""
        settings = self._settings
        asked = {
            "q": query.asked[:_QUERY_CHARS],
            "count": min(limit, _MOST),
            "search_lang": settings.language or _LANGUAGES.get(query.lang, ""),
            "country": settings.country,
            "freshness": settings.freshness,
        }
        filtered = parameters(query.filter, settings.filter, self.name)
        if not query.asked.strip():
            return Finds()
        given = {name: str(value) for name, value in {**asked, **filtered}.items() if value != ""}
        may_spend(settings.request_price, where=self.name)
        reply = self._client.get("/web/search", given, within_s=seconds_left(call, settings))
        tokens_read(0, dollars=settings.request_price / 1000)
        results = [_result(row) for row in self._rows(reply) if isinstance(row, dict)]
        hits = hits_of(results, self.name, query.asked, settings.max_chars)
        cut = len(query.asked) > _QUERY_CHARS
        notes = (f"only {_QUERY_CHARS} characters of the question were asked",) if cut else ()
        return Finds(tuple(hits[:limit]), notes)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _rows(self, reply: object) -> list[Any]:
        """The results; a reply without `web` found nothing."""
        if isinstance(reply, dict) and "web" not in reply and ("query" in reply or "type" in reply):
            return []
        return listed(shaped(reply, self.name, "web", "results"), self.name, "web.results")


def _result(row: Mapping[str, Any]) -> Result:
    more = dig(row, "extra_snippets")
    parts = [row.get("description"), *(more if isinstance(more, list) else [])]
    texts = dict.fromkeys(without_tags(words(part)).strip() for part in parts)
    return Result(
        text="\n".join(filter(None, texts)),
        id=words(row.get("url")),
        title=without_tags(words(row.get("title"))),
        url=words(row.get("url")),
    )
