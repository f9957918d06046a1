"""A loopback server in the published shapes of search servers and web searches, which misbehaves as it is told.

It answers as Elasticsearch and OpenSearch (`POST /INDEX/_search`), Solr (`/COLLECTION/select`), SearXNG (`/search`) and
Brave (`/web/search`), from the same few documents.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from surefoot.core.lang import content_terms, terms
from surefoot.testing.chat_server import Sent, whole
from surefoot.testing.loopback import Loopback

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its path, the values of its address or form, its JSON body and its headers."""

    path: str
    values: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """A document of the server; `fields` are searched by filters, `vector` by knn."""

    id: str
    text: str
    title: str = ""
    url: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    vector: tuple[float, ...] = ()


class EngineServer(Loopback):
    """Finds documents by the terms that they share with the question. `script` goes out first; `asked` is what came.

    `slow_s` is how long it waits before it answers. Use it with `with`: it listens on a free port of 127.0.0.1.
    """

    def __init__(self, documents: Sequence[Held]) -> None:
        self.documents = tuple(documents)
        self.script: list[Sent] = []
        self.asked: list[Asked] = []
        self.slow_s = 0.0
        self._ending = Event()
        super().__init__(_handler_class(self._answer))

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return f"http://{self.host}"

    def __exit__(self, *problem: object) -> None:
        self._ending.set()
        super().__exit__(*problem)

    def _answer(self, asked: Asked) -> Sent:
        self.asked.append(asked)
        if self.slow_s:
            self._ending.wait(self.slow_s)
        if self.script:
            return self.script.pop(0)
        last = asked.path.rsplit("/", 1)[-1]
        shape = {"_search": self._elastic, "select": self._solr}.get(last)
        if shape is None:
            shape = self._brave if asked.path.endswith("/web/search") else self._searxng
        return whole(shape(asked))

    def found(self, question: str, limit: int) -> list[tuple[float, Held]]:
        """The documents that share terms with the question, most of them first."""
        wanted = frozenset(content_terms(question))
        scored = [
            (float(len(wanted.intersection(terms(f"{one.title} {one.text}")))), one)
            for one in self.documents
        ]
        best = sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])
        return best[:limit]

    def _elastic(self, asked: Asked) -> dict[str, Any]:
        body = asked.body
        knn = body.get("knn") or body.get("query", {}).get("knn")
        if knn is not None:
            if "query_vector" not in knn:  # OpenSearch names the field and puts the rest below it
                [(_, knn)] = knn.items()
            vector = knn.get("query_vector", knn.get("vector"))
            scored = [(_dot(vector, one.vector), one) for one in self.documents if one.vector]
            pairs, kept = sorted(scored, key=lambda pair: -pair[0]), knn.get("filter")
        else:
            inner = body["query"]["bool"]
            pairs = self.found(_question(inner["must"][0]), len(self.documents))
            kept = {"bool": {"filter": inner.get("filter", [])}}
        rows = [
            {"_id": one.id, "_index": "i", "_score": score, "_source": _source(one)}
            for score, one in pairs
            if kept is None or lets_through(kept, one.fields)
        ][: body["size"]]
        best = rows[0]["_score"] if rows else None
        shards = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
        hits = {"total": {"value": len(rows), "relation": "eq"}, "max_score": best, "hits": rows}
        return {"took": 1, "timed_out": False, "_shards": shards, "hits": hits}

    def _solr(self, asked: Asked) -> dict[str, Any]:
        question, rows = asked.values.get("uq", ""), int(asked.values["rows"])
        docs = [
            {"id": one.id, "score": score, **{key: [value] for key, value in _source(one).items()}}
            for score, one in self.found(question, rows)
        ]
        response = {"numFound": len(docs), "start": 0, "docs": docs}
        return {"responseHeader": {"status": 0, "QTime": 1}, "response": response}

    def _searxng(self, asked: Asked) -> dict[str, Any]:
        question = asked.values["q"]
        results = [
            {
                "url": one.url,
                "title": one.title,
                "content": one.text,
                "engine": "fake",
                "score": score,
            }
            for score, one in self.found(question, 20)
        ]
        return {"query": question, "results": results, "answers": [], "suggestions": []}

    def _brave(self, asked: Asked) -> dict[str, Any]:
        results = [
            {"url": one.url, "title": one.title, "description": one.text}
            for _, one in self.found(asked.values["q"], int(asked.values["count"]))
        ]
        return {
            "type": "search",
            "query": {"original": asked.values["q"]},
            "web": {"results": results},
        }


def lets_through(filter: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    """Whether a filter in the query language of Elasticsearch lets a document with these fields through."""
    [(kind, inner)] = filter.items()
    if kind == "bool":
        either = inner.get("should", [])
        return (
            all(lets_through(part, fields) for part in inner.get("filter", []))
            and not any(lets_through(part, fields) for part in inner.get("must_not", []))
            and (not either or any(lets_through(part, fields) for part in either))
        )
    [(name, wanted)] = inner.items()
    held = fields.get(name)
    values = held if isinstance(held, list | tuple) else [held]
    if kind == "range":
        return held is not None and all(_ORDER[how](held, value) for how, value in wanted.items())
    return any(value in values for value in (wanted if kind == "terms" else [wanted]))


def _question(matched: Mapping[str, Any]) -> str:
    [(kind, inner)] = matched.items()
    return str(inner["query"] if kind == "multi_match" else next(iter(inner.values())))


def _source(one: Held) -> dict[str, Any]:
    return {"text": one.text, "title": one.title, "url": one.url, **one.fields}


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return float(sum(a * b for a, b in zip(left, right, strict=True)))


def _handler_class(answer: Callable[[Asked], Sent]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply({}, None)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.headers["Content-Type"] == "application/json":
                self._reply({}, json.loads(raw))
            else:
                self._reply(dict(parse_qsl(raw)), None)

        def _reply(self, form: Mapping[str, str], body: Any) -> None:
            parts = urlsplit(self.path)
            values = {**dict(parse_qsl(parts.query)), **form}
            sent = answer(Asked(parts.path, values, body, dict(self.headers)))
            try:
                self.send_response(sent.status)
                for name, value in sent.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(sent.body)))
                self.end_headers()
                self.wfile.write(sent.body)
            except OSError:
                self.close_connection = True  # the client went away first

        def log_message(self, *values: object) -> None:
            """Says nothing: requests are in `asked`."""

    return Handler
