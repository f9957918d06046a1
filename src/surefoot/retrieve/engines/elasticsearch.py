"""Elasticsearch (`POST /INDEX/_search`): keywords and vectors asked apart and fused here. OpenSearch builds on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from surefoot.config.base import Settings
from surefoot.core.roles import Call, Finds
from surefoot.core.types import Query
from surefoot.models.base import ModelEnv
from surefoot.models.http import Auth
from surefoot.retrieve.engines.base import OpenEncoder, RemoteSettings, connect, seconds_left
from surefoot.retrieve.engines.filtering import elastic
from surefoot.retrieve.engines.results import (
    Result,
    dig,
    held,
    hits_of,
    listed,
    number,
    shaped,
    words,
)
from surefoot.retrieve.engines.sides import Sides, joined

FIELD = r"^[\w.@-]*$"


class Fields(Settings):
    """What the engine's documents call what is read of them; dots lead into inner tables."""

    id: str = Field(default="", pattern=FIELD, description="empty = the engine's own id")
    text: str = Field(default="text", min_length=1, pattern=FIELD)
    title: str = Field(default="", pattern=FIELD, description="searched beside the text")
    url: str = Field(default="", pattern=FIELD)
    vector: str = Field(
        default="",
        pattern=FIELD,
        description="vectors of the texts, made by this solution's own encoder",
    )


class SearchServerSettings(RemoteSettings):
    """What search servers have in common."""

    fields: Fields = Fields()
    keyword: bool = Field(default=True, description="search the words of text and title")
    knn: bool = Field(default=False, description="search the vectors, by the solution's encoder")
    share: float = Field(
        default=0.6, ge=0, le=1, description="share of the vectors where both are searched"
    )
    filter: Mapping[str, str] = Field(
        default_factory=dict, description="field of each key that a question's filter may name"
    )

    @model_validator(mode="after")
    def _searches_something(self) -> Self:
        if not self.keyword and not self.knn:
            raise ValueError("keyword and knn cannot both be false")
        if self.knn and not self.fields.vector:
            raise ValueError('knn needs fields = { vector = "..." }')
        return self


class ElasticsearchSettings(SearchServerSettings):
    """An Elasticsearch index, searched by keyword, by vector or both."""

    kind: Literal["elasticsearch"] = "elasticsearch"
    index: str = Field(pattern=r"^[\w.,*-]+$", description="one index, several, or a pattern")
    auth: Auth = "apikey"
    candidates: PositiveInt = Field(
        default=100, description="vectors that each shard looks at (num_candidates)"
    )


Body = dict[str, Any]
Vector = list[float]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a search server."""

    question: str
    limit: int
    filter: Body | None


class Elasticsearch:
    """Asks by keyword and by vector at once; one that fails is left out with a note while the other answers."""

    Settings: ClassVar[type[SearchServerSettings]] = ElasticsearchSettings

    def __init__(
        self, settings: ElasticsearchSettings, env: ModelEnv, encoder: OpenEncoder
    ) -> None:
        self._settings = settings
        self._encoder = encoder
        self._client = connect(settings, env)
        self.name = settings.called

    def find(self, query: Query, limit: int, call: Call) -> Finds:
        """The best passages. Raises as `Engine.find`."""
        settings, asked = self._settings, query.filter
        wish = Wish(
            query.asked,
            limit,
            None if asked is None else elastic(asked, settings.filter, self.name),
        )
        sides: Sides = {}
        if settings.keyword:
            sides["keyword"] = lambda: self._ask(self.keyword_body(wish), "keyword", call)
        if settings.knn:
            vector = self._encoder().embed_queries([wish.question])[0].tolist()
            sides["vector"] = lambda: self._ask(self.vector_body(wish, vector), "vector", call)
        found = joined(sides, settings.share, limit)
        return Finds(
            tuple(hits_of(found.results, self.name, wish.question, settings.max_chars)),
            found.notes,
        )

    def keyword_body(self, wish: Wish) -> Body:
        """The request that searches words."""
        fields = [
            name for name in (self._settings.fields.text, self._settings.fields.title) if name
        ]
        matched = (
            {"multi_match": {"query": wish.question, "fields": fields}}
            if len(fields) > 1
            else {"match": {fields[0]: wish.question}}
        )
        inner: Body = {"must": [matched]}
        if wish.filter is not None:
            inner["filter"] = [wish.filter]
        return self._body(wish, query={"bool": inner})

    def vector_body(self, wish: Wish, vector: Vector) -> Body:
        """The request that searches vectors."""
        knn: Body = {
            "field": self._settings.fields.vector,
            "query_vector": vector,
            "k": wish.limit,
            "num_candidates": max(self._settings.candidates, wish.limit),
        }
        if wish.filter is not None:
            knn["filter"] = wish.filter
        return self._body(wish, knn=knn)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _body(self, wish: Wish, **asked: Body) -> Body:
        names = self._settings.fields
        wanted = {names.id, names.text, names.title, names.url, *self._settings.filter.values()}
        return {"size": wish.limit, "_source": sorted(wanted - {""}), **asked}

    def _ask(self, body: Body, side: str, call: Call) -> tuple[list[Result], list[str]]:
        within_s = seconds_left(call, self._settings)
        reply = self._client.post(f"/{self._settings.index}/_search", body, within_s=within_s)
        rows = listed(shaped(reply, self.name, "hits", "hits"), self.name, "hits.hits")
        results = [self._result(row, side) for row in rows if isinstance(row, dict)]
        return results, _missing(reply)

    def _result(self, row: Mapping[str, Any], side: str) -> Result:
        names, source = self._settings.fields, row.get("_source")
        score = number(row.get("_score"))
        return Result(
            text=words(dig(source, names.text)),
            id=words(dig(source, names.id) if names.id else row.get("_id")),
            title=words(dig(source, names.title)),
            url=words(dig(source, names.url)),
            score=score,
            meta=held(source, self._settings.filter),
            signals={} if score is None else {side: score},
        )


def _missing(reply: Mapping[str, Any]) -> list[str]:
    """What the server itself says that it left out."""
    notes = []
    if reply.get("timed_out") is True:
        notes.append("it ran out of time and sent what it had")
    failed, whole = (number(dig(reply, f"_shards.{name}")) for name in ("failed", "total"))
    if failed:
        notes.append(f"{failed:.0f} of {whole or 0:.0f} shards failed")
    return notes
