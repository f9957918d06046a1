"""Every kind of search engine keeps the contract, in English and Chinese, against servers of the published shapes."""

from __future__ import annotations

import sqlite3

import pytest

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.core.filters import Comparison
from surefoot.core.roles import Call
from surefoot.core.types import Query
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.contracts_engine import QUESTIONS, EngineContract
from surefoot.testing.engine_server import EngineServer, Held

ENCODER = HashEncoder(HashSettings())
TEXTS = {
    "reset": "To reset the password, open the settings and choose a new one.",
    "重置": "要重置密码，请打开设置并选择一个新密码。",
    "pump": "The pump starts at six. Its password is printed below.",
    "banana": "Bananas ripen faster in a paper bag. 香蕉在纸袋里熟得更快。",
}
VECTORS = ENCODER.embed_passages(list(TEXTS.values())).tolist()
DOCUMENTS = [
    Held(
        name, text, f"Page {name}", f"https://example.org/{place}", {"year": 2020 + place}, tuple(v)
    )
    for place, ((name, text), v) in enumerate(zip(TEXTS.items(), VECTORS, strict=True))
]
FIELDS = {"text": "text", "title": "title", "url": "url", "vector": "vec"}
SQL = """
SELECT id, text, title, url,
       (SELECT count(*) FROM json_each(:terms) AS t WHERE instr(lower(text), t.value)) AS score
FROM pages WHERE score > 0 AND (:year IS NULL OR year = :year)
ORDER BY score DESC, id LIMIT :limit
"""
ENGINES = {
    "elasticsearch": {"kind": "elasticsearch", "index": "i", "fields": FIELDS},
    "elasticsearch-knn": {
        "kind": "elasticsearch", "name": "near", "index": "i", "fields": FIELDS, "knn": True, "keyword": False,
    },
    "elasticsearch-both": {
        "kind": "elasticsearch", "name": "both", "index": "i", "fields": FIELDS, "knn": True,
        "filter": {"year": "year"},
    },
    "opensearch": {"kind": "opensearch", "index": "i", "fields": FIELDS},
    "opensearch-both": {
        "kind": "opensearch", "name": "开放", "index": "i", "fields": FIELDS, "knn": True,
        "filter": {"year": "year"},
    },
    "solr": {"kind": "solr", "collection": "c", "fields": FIELDS, "filter": {"year": "year_i"}},
    "searxng": {"kind": "searxng", "filter": {"lang": "language"}},
    "brave": {"kind": "brave", "key": "env:BRAVE_TEST_KEY"},
    "http": {
        "kind": "http", "path": "/search", "params": {"q": "{{query}}", "n": "{{limit}}"},
        "fields": {"text": "/content", "title": "/title", "url": "/url", "score": "/score"},
    },
    "http-post": {
        "kind": "http", "name": "posted", "method": "POST", "path": "/i/_search",
        "body": {"size": "{{limit}}", "query": {"bool": {"must": [{"match": {"text": "{{query}}"}}]}}},
        "results": "/hits/hits", "fields": {"text": "/_source/text", "id": "/_id"},
    },
    "sql": {"kind": "sql", "file": "pages.sqlite", "query": SQL, "filter": {"year": "int"}},
}  # fmt: skip


@pytest.fixture(scope="module")
def server():
    with EngineServer(DOCUMENTS) as server:
        yield server


@pytest.fixture(scope="module")
def opened(server, tmp_path_factory):
    root = tmp_path_factory.mktemp("engines")
    connection = sqlite3.connect(root / "pages.sqlite")
    connection.execute("CREATE TABLE pages (id, text, title, url, year)")
    rows = [(one.id, one.text, one.title, one.url, one.fields["year"]) for one in DOCUMENTS]
    connection.executemany("INSERT INTO pages VALUES (?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    made = {}

    def make(name):
        options = {**ENGINES[name]}
        if options["kind"] != "sql":
            options.setdefault("base_url", server.url)
        part = Registry().part_class("engine", options["kind"])
        settings = parse(part.Settings, options, Registry(), where="test")
        return part(settings, ModelEnv(root, root=root), lambda: ENCODER)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRAVE_TEST_KEY", "k-123")
        yield lambda name: made.get(name) or made.setdefault(name, make(name))
    for engine in made.values():
        engine.close()


@pytest.mark.parametrize("name", ENGINES)
class TestEngines(EngineContract):
    @pytest.fixture
    def engine(self, opened, name):
        return opened(name)

    def test_the_best_passage_is_the_one_that_answers(self, engine):
        for question, best in zip(QUESTIONS, ("reset", "重置"), strict=False):
            chunk = engine.find(Query(question), 3, Call()).hits[0].chunk
            assert chunk.text == TEXTS[best]
            assert chunk.lang == ("zh" if best == "重置" else "en")


FILTERED = ["elasticsearch-both", "opensearch-both", "sql"]


@pytest.mark.parametrize("name", FILTERED)
def test_a_filter_is_applied_by_the_engine(opened, name):
    engine = opened(name)
    found = engine.find(Query(QUESTIONS[0], filter=Comparison("eq", "year", 2022)), 3, Call())
    assert [hit.chunk.text for hit in found.hits] == [TEXTS["pump"]]
    assert found.hits[0].chunk.meta == ({} if name == "sql" else {"year": 2022})


def test_every_address_is_cited(opened):
    for name in ENGINES:
        for hit in opened(name).find(Query(QUESTIONS[0]), 3, Call()).hits:
            assert hit.chunk.uri.startswith("https://example.org/") or name == "http-post"
