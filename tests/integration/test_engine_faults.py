"""What engines send wrong never leaves as anything but an error that says who must act, in both languages."""

from __future__ import annotations

import gzip
import json
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surefoot.core.errors import ConfigError, DataError, MissingError, TransientError
from surefoot.core.filters import Comparison, Compound
from surefoot.core.metering import metered
from surefoot.core.roles import Call
from surefoot.core.roles.stages import Meter
from surefoot.core.types import Query
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.retrieve.engines.brave import Brave, BraveSettings
from surefoot.retrieve.engines.elasticsearch import Elasticsearch, ElasticsearchSettings
from surefoot.retrieve.engines.http import HttpEngine, HttpEngineSettings
from surefoot.retrieve.engines.searxng import Searxng, SearxngSettings
from surefoot.retrieve.engines.solr import Solr, SolrSettings
from surefoot.testing.chat_server import Sent, whole
from surefoot.testing.engine_server import EngineServer, Held

KEY = "s3cret-key"
DOCUMENTS = [
    Held("a", "The harbour opens at six.", "Harbour", "https://example.org/a", {"year": 2024}),
    Held("b", "港口六点开放。", "港口", "https://example.org/b", {"year": 2023}),
]
QUESTIONS = {"en": "When does the harbour open?", "zh": "港口几点开放？"}
KINDS = {
    "elasticsearch": (Elasticsearch, ElasticsearchSettings, {"index": "i"}),
    "solr": (Solr, SolrSettings, {"collection": "c"}),
    "searxng": (Searxng, SearxngSettings, {}),
    "brave": (Brave, BraveSettings, {}),
    "http": (
        HttpEngine,
        HttpEngineSettings,
        {"path": "/search", "params": {"q": "{{query}}"}, "fields": {"text": "/content"}},
    ),
}


@pytest.fixture(params=["en", "zh"])
def query(request):
    return Query(QUESTIONS[request.param], request.param)


@pytest.fixture
def server():
    with EngineServer(DOCUMENTS) as server:
        yield server


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def opened(server, tmp_path, monkeypatch):
    monkeypatch.setenv("ENGINE_KEY", KEY)
    made = []

    def make(kind, **more):
        part, shape, options = KINDS[kind]
        options = {"base_url": server.url, "key": "env:ENGINE_KEY", **options, **more}
        made.append(part(shape(**options), ModelEnv(tmp_path), lambda: HashEncoder(HashSettings())))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


def deep(levels):
    return b"[" * levels + b"]" * levels


MALFORMED = {
    "html": Sent(b"<html><body>Welcome</body></html>", headers={"Content-Type": "text/html"}),
    "empty": Sent(b""),
    "torn": Sent(b'{"hits": {"hits": [{"_id": '),
    "no-list": whole({"hits": {"hits": {}}, "results": 3, "web": [], "response": {"docs": None}}),
    "a-list": whole([1, 2, 3]),
    "a-number": whole(7),
    "deep": Sent(deep(200_000)),
    "refused": whole({"error": {"message": "no such field"}}, 400),
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_what_is_malformed_is_a_data_error(opened, server, kind, fault, query):
    server.script = [MALFORMED[fault]]
    with pytest.raises(DataError) as caught:
        opened(kind).find(query, 3, Call())
    assert kind in str(caught.value)


def test_a_reply_that_is_too_large_is_not_read_to_its_end(opened, server, kind, query):
    server.script = [Sent(b" " * 1_500_000)]
    with pytest.raises(DataError, match="larger than 1048576 bytes"):
        opened(kind, max_mb=1).find(query, 3, Call())


def test_what_is_packed_is_counted_unpacked(opened, server, query):
    packed = gzip.compress(b" " * 40_000_000)
    server.script = [Sent(packed, headers={"Content-Encoding": "gzip"})]
    with pytest.raises(DataError, match="larger than"):
        opened("elasticsearch", max_mb=1).find(query, 3, Call())


def test_a_busy_engine_is_tried_once_more_and_waited_for(opened, server, kind, query):
    server.script = [whole({"error": "slow down"}, 429, Retry_After="0.01")]
    assert opened(kind).find(query, 3, Call()).hits
    assert len(server.asked) == 2
    server.script = [whole({}, 500, Retry_After="0.01"), whole({}, 503)]
    with pytest.raises(TransientError, match="status 503"):
        opened(kind).find(query, 3, Call())


def test_a_wait_that_is_longer_than_the_limit_is_not_begun(opened, server, kind, query):
    server.script = [whole({}, 429, Retry_After="60")]
    with pytest.raises(TransientError, match="status 429"):
        opened(kind, timeout_s=0.3).find(query, 3, Call())
    assert len(server.asked) == 1


def test_a_slow_engine_is_left_in_time(opened, server, kind, query):
    server.slow_s = 5.0
    call = Call()
    began = call.clock()
    with pytest.raises(TransientError):
        opened(kind, timeout_s=0.05).find(query, 3, call)
    assert call.clock() - began < 2


def test_the_deadline_of_the_question_goes_before_its_own_limit(opened, server, kind, query):
    server.slow_s = 5.0
    call = Call()
    with pytest.raises(TransientError):
        opened(kind).find(query, 3, Call(deadline_s=call.clock() + 0.05))


def test_nobody_listening_is_transient(opened, kind, query):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(TransientError, match="no reply"):
            opened(kind, base_url=url, timeout_s=0.2).find(query, 3, Call())


def test_a_refused_key_is_named_and_never_shown(opened, server, kind, query):
    server.script = [whole({"error": {"message": f"bad key {KEY}"}}, 401)]
    with pytest.raises(ConfigError) as caught:
        opened(kind).find(query, 3, Call())
    assert "ENGINE_KEY" in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_redirect_is_not_followed(opened, server, kind, query):
    server.script = [Sent(b"", 302, {"Location": "http://169.254.169.254/latest"})]
    with pytest.raises(ConfigError, match="nothing answers") as caught:
        opened(kind).find(query, 3, Call())
    assert query.text not in str(caught.value)


def test_nothing_found_is_no_error(opened, kind):
    assert opened(kind).find(Query("zzzz"), 3, Call()).hits == ()


def test_another_machine_is_not_asked_while_the_network_is_off(kind, tmp_path):
    part, shape, options = KINDS[kind]
    settings = shape(**{"base_url": "https://search.example.org", **options})
    with pytest.raises(MissingError, match="network is off"):
        part(settings, ModelEnv(tmp_path, offline=True), lambda: None)


NAMES = [
    "hits", "_id", "_source", "text", "results", "content", "url", "title", "web", "response",
    "docs", "id", "score", "_score", "description", "_shards", "failed",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
ROWS = st.lists(JSON, max_size=3)


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, raw=JSON)
def test_any_json_gives_hits_or_a_data_error(opened_once, kind, rows, raw):
    engine, server = opened_once(kind)
    shaped = {
        "hits": {"hits": rows}, "results": rows, "web": {"results": rows}, "response": {"docs": rows}
    }  # fmt: skip
    for reply in (shaped, raw):
        server.script = [Sent(json.dumps(reply).encode())]
        try:
            for hit in engine.find(Query("harbour 港口"), 5, Call()).hits:
                assert hit.chunk.text.strip()
        except (DataError, TransientError):
            pass


@pytest.fixture(scope="module")
def opened_once(tmp_path_factory):
    made = {}
    with EngineServer([]) as server:

        def make(kind):
            if kind not in made:
                part, shape, options = KINDS[kind]
                given = {"key": "", **options, "base_url": server.url}
                if kind == "brave":
                    given["key"] = ""
                made[kind] = part(
                    shape(**given), ModelEnv(tmp_path_factory.mktemp("m")), HashEncoder
                )
            return made[kind], server

        yield make


def test_a_side_that_fails_is_left_out_with_a_note(opened, server, query):
    fields = {"text": "text", "vector": "vec"}
    engine = opened("elasticsearch", knn=True, fields=fields)
    server.script = [whole({"error": "x"}, 400)]
    found = engine.find(query, 3, Call())
    assert any("search was left out" in note for note in found.notes)
    server.script = [whole({"error": "x"}, 400), whole({"error": "x"}, 400)]
    with pytest.raises(DataError):
        engine.find(query, 3, Call())


def test_shards_that_failed_are_told(opened, server, query):
    row = {"_id": "a", "_score": 1.0, "_source": {"text": "x"}}
    server.script = [
        whole({"timed_out": True, "_shards": {"total": 5, "failed": 2}, "hits": {"hits": [row]}})
    ]
    notes = opened("elasticsearch").find(query, 3, Call()).notes
    assert "2 of 5 shards failed" in notes
    assert any("ran out of time" in note for note in notes)


def test_engines_of_a_web_search_that_did_not_answer_are_told(opened, server, query):
    silent = [["google", "timeout"], ["bing", "CAPTCHA"]]
    row = {"url": "https://example.org/a", "title": "A", "content": "The harbour opens."}
    server.script = [whole({"results": [row], "unresponsive_engines": silent})]
    assert opened("searxng").find(query, 3, Call()).notes == (
        "not answered by google: timeout, bing: CAPTCHA",
    )
    server.script = [whole({"results": [], "unresponsive_engines": silent})] * 1
    with pytest.raises(TransientError, match="google: timeout"):
        opened("searxng").find(query, 3, Call())


def test_each_paid_request_is_charged(opened, query):
    meter = Meter()
    with metered(meter):
        opened("brave", request_price=5.0).find(query, 3, Call())
    assert meter.usage.cost == pytest.approx(0.005)


def test_how_a_key_is_sent(opened, server, query):
    opened("elasticsearch").find(query, 3, Call())
    opened("elasticsearch", auth="bearer").find(query, 3, Call())
    opened("brave").find(query, 3, Call())
    opened("http", key_header="X-Key").find(query, 3, Call())
    opened("solr").find(query, 3, Call())
    sent = [asked.headers for asked in server.asked]
    assert sent[0]["Authorization"] == f"ApiKey {KEY}"
    assert sent[1]["Authorization"] == f"Bearer {KEY}"
    lower = [{name.lower(): value for name, value in headers.items()} for headers in sent]
    assert lower[2]["x-subscription-token"] == KEY
    assert lower[3]["x-key"] == KEY
    assert lower[4]["authorization"].startswith("Basic ")
    server.script = [whole({"error": lower[4]["authorization"]}, 401)]
    with pytest.raises(ConfigError) as caught:
        opened("solr").find(query, 3, Call())
    assert lower[4]["authorization"].split()[1] not in str(caught.value)


YEAR = Comparison("gte", "year", 2024)
BOTH = Compound("and", (YEAR, Comparison("nin", "tag", ("a", 'b"'))))
EITHER = Compound("or", (Comparison("eq", "tag", "x"), Comparison("ne", "open", value=True)))
FIELDS = {"year": "year_i", "tag": "tags", "open": "open_b"}


def test_filters_go_out_in_the_language_of_solr(opened, server, query):
    engine = opened("solr", filter=FIELDS)
    engine.find(Query(query.text, filter=BOTH), 3, Call())
    engine.find(Query(query.text, filter=EITHER), 3, Call())
    sent = [asked.values["fq"] for asked in server.asked]
    assert sent[0] == '(year_i:["2024" TO *] AND (*:* -tags:("a" OR "b\\"")))'
    assert sent[1] == '(tags:("x") OR (*:* -open_b:("true")))'


def test_a_filter_stands_in_each_search_of_elasticsearch(opened, server, query):
    fields = {"text": "text", "vector": "vec"}
    engine = opened("elasticsearch", filter=FIELDS, knn=True, fields=fields)
    engine.find(Query(query.text, filter=EITHER), 3, Call())
    wanted = {
        "bool": {
            "should": [
                {"term": {"tags": "x"}},
                {"bool": {"must_not": [{"term": {"open_b": True}}]}},
            ],
            "minimum_should_match": 1,
        }
    }
    bodies = [asked.body for asked in server.asked]
    assert [b["knn"]["filter"] for b in bodies if "knn" in b] == [wanted]
    assert [b["query"]["bool"]["filter"] for b in bodies if "query" in b] == [[wanted]]


def test_a_web_search_only_filters_by_values(opened, server):
    lang = Comparison("eq", "lang", "zh")
    engine = opened("searxng", filter={"lang": "language"})
    engine.find(Query("港口", filter=lang), 3, Call())
    assert server.asked[0].values["language"] == "zh"
    for refused in (
        Compound("or", (lang, lang)),
        Compound("and", (lang, lang)),
        Comparison("ne", "lang", "zh"),
        Comparison("in", "lang", ("zh",)),
    ):
        with pytest.raises(ConfigError):
            engine.find(Query("港口", filter=refused), 3, Call())


def test_a_question_in_the_syntax_of_solr_stays_words(opened, server):
    opened("solr").find(Query('a:b AND (c OR "d") -e NOT f/g'), 3, Call())
    assert server.asked[0].values["uq"] == r"a\:b and \(c or \"d\"\) \-e not f\/g"
