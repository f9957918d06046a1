"""Apache Solr (`/COLLECTION/select`): keywords by edismax and vectors by knn, asked apart and fused here."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field

from surefoot.core.roles import Call, Finds
from surefoot.core.types import Query
from surefoot.models.base import ModelEnv
from surefoot.models.http import Auth
from surefoot.retrieve.engines.base import OpenEncoder, connect, seconds_left
from surefoot.retrieve.engines.elasticsearch import SearchServerSettings
from surefoot.retrieve.engines.filtering import solr
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
from surefoot.retrieve.engines.sides import Said, Sides, joined

_SYNTAX = re.compile(r'([+\-&|!(){}\[\]^"~*?:\\/])')
_OPERATORS = re.compile(r"\b(AND|OR|NOT)\b")


class SolrSettings(SearchServerSettings):
    """A Solr collection, searched by keyword, by vector or both. `base_url` ends in /solr."""

    kind: Literal["solr"] = "solr"
    collection: str = Field(pattern=r"^[\w.-]+$")
    auth: Auth = "basic"


class Solr:
    """Sends forms, so that vectors and questions stand in no address and no log of addresses."""

    Settings = SolrSettings

    def __init__(self, settings: SolrSettings, env: ModelEnv, encoder: OpenEncoder) -> None:
        self._settings = settings
        self._encoder = encoder
        self._client = connect(settings, env)
        self.name = settings.called
        self._id = settings.fields.id or "id"

    def find(self, query: Query, limit: int, call: Call) -> Finds:
        """The best passages. Raises as `Engine.find`."""
        settings, question = self._settings, query.asked
        form = self._form(limit)
        if query.filter is not None:
            form["fq"] = solr(query.filter, settings.filter, self.name)
        sides: Sides = {}
        if settings.keyword:
            sides["keyword"] = lambda: self._ask(
                {**form, **self._keywords(question)}, "keyword", call
            )
        if settings.knn:
            vector = self._encoder().embed_queries([question])[0].tolist()
            asked = f"{{!knn f={settings.fields.vector} topK={limit}}}{vector}"
            sides["vector"] = lambda: self._ask({**form, "q": asked}, "vector", call)
        found = joined(sides, settings.share, limit)
        hits = hits_of(found.results, self.name, question, settings.max_chars)
        return Finds(tuple(hits), found.notes)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _form(self, limit: int) -> dict[str, str]:
        names = self._settings.fields
        wanted = {self._id, names.text, names.title, names.url, *self._settings.filter.values()}
        listed_names = ",".join([*sorted(wanted - {""}), "score"])
        return {"rows": str(limit), "wt": "json", "fl": listed_names}

    def _keywords(self, question: str) -> dict[str, str]:
        names = self._settings.fields
        plain = _OPERATORS.sub(lambda match: match.group().lower(), question)
        return {
            "q": "{!edismax qf=$qf q.op=OR v=$uq}",
            "qf": " ".join(filter(None, (names.text, names.title))),
            "uq": _SYNTAX.sub(r"\\\1", plain),
        }

    def _ask(self, form: dict[str, str], side: str, call: Call) -> Said:
        path = f"/{self._settings.collection}/select"
        reply = self._client.form(path, form, within_s=seconds_left(call, self._settings))
        rows = listed(shaped(reply, self.name, "response", "docs"), self.name, "response.docs")
        partial = dig(reply, "responseHeader.partialResults") is True
        notes = ["it ran out of time and sent what it had"] if partial else []
        return [self._result(row, side) for row in rows if isinstance(row, dict)], notes

    def _result(self, row: dict[str, Any], side: str) -> Result:
        names, score = self._settings.fields, number(row.get("score"))
        return Result(
            text=words(dig(row, names.text)),
            id=words(dig(row, self._id)),
            title=words(dig(row, names.title)),
            url=words(dig(row, names.url)),
            score=score,
            meta=held(row, self._settings.filter),
            signals={} if score is None else {side: score},
        )
