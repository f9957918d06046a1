"""Remote encoders and rerankers against a server on this machine that answers with hashed words."""

import base64
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest

from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError, DataError, MissingError, TransientError
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.models.embed_http import HttpEncoder, HttpSettings
from surefoot.models.http import Address, JsonClient
from surefoot.models.rerank_http import HttpReranker, HttpRerankerSettings
from surefoot.testing.contracts_models import EncoderContract, RerankerContract

HASH = HashEncoder(HashSettings(dimensions=64))


class Loopback:
    """Answers embeddings and both rerank shapes; what is in `script` (status, headers, body) goes out first."""

    def __init__(self):
        self.script, self.asked = [], []
        outer = self

        class Asked(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append((self.path, dict(self.headers), body))
                status, headers, reply = (
                    outer.script.pop(0)
                    if outer.script
                    else (200, {}, outer.answer(self.path, body))
                )
                raw = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(raw))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *values):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
        self.thread = Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"

    def answer(self, path, body):
        if path.endswith("/embeddings"):
            vectors = HASH.embed_passages(body["input"])[:, : body.get("dimensions", 64)] * 3
            rows = [
                {"index": i, "object": "embedding", "embedding": coded(v, body["encoding_format"])}
                for i, v in enumerate(vectors)
            ]
            return {"object": "list", "data": rows[::-1], "usage": {"prompt_tokens": 1}}
        texts = body.get("documents", body.get("texts"))
        scores = HASH.embed_passages(texts) @ HASH.embed_queries([body["query"]])[0]
        order = np.argsort(-scores)
        name = "score" if "texts" in body else "relevance_score"
        rows = [{"index": int(i), name: float(scores[i])} for i in order]
        return rows if "texts" in body else {"id": "r", "results": rows, "meta": {}}

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def coded(vector, form):
    if form == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode()
    return [float(value) for value in vector]


@pytest.fixture
def server():
    with Loopback() as running:
        yield running


@pytest.fixture
def waits():
    return []


def make_encoder(server, waits, env, **settings):
    said = HttpSettings(base_url=server.url, model="words", **settings)
    address = Address(said.base_url, said.base_url, said.key, said.timeout_s)
    return HttpEncoder(said, env, JsonClient(address, waits.append))


@pytest.fixture(params=["base64", "float"])
def encoder(request, server, tmp_path, waits):
    settings = {"encoding": request.param, "batch": 3}
    found = make_encoder(server, waits, ModelEnv(tmp_path, offline=True), **settings)
    yield found
    found.close()


class TestHttpEncoder(EncoderContract):
    pass


@pytest.fixture(params=["cohere", "tei"])
def reranker(request, server, tmp_path):
    settings = HttpRerankerSettings(base_url=server.url, dialect=request.param, batch=2)
    found = HttpReranker(settings, ModelEnv(tmp_path))
    yield found
    found.close()


class TestHttpReranker(RerankerContract):
    pass


def test_texts_go_out_in_batches_with_prefixes_and_key(server, tmp_path, waits, monkeypatch):
    monkeypatch.setenv("WORDS_KEY", "sk-words")
    settings = {"batch": 2, "passage_prefix": "p: ", "query_prefix": "q: ", "key": "env:WORDS_KEY"}
    encoder = make_encoder(server, waits, ModelEnv(tmp_path), dimensions=32, **settings)
    assert encoder.embed_passages(["a", "b", "密码"]).shape == (3, 32)
    encoder.embed_queries(["c"])
    encoder.close()
    bodies = [body for _, _, body in server.asked]
    assert [body["input"] for body in bodies] == [["p: a", "p: b"], ["p: 密码"], ["q: c"]]
    assert all(body["dimensions"] == 32 and body["model"] == "words" for body in bodies)
    assert {headers["Authorization"] for _, headers, _ in server.asked} == {"Bearer sk-words"}


def test_busy_endpoints_are_asked_again_after_the_time_they_say(encoder, server, waits):
    server.script = [(429, {"Retry-After": "7"}, {}), (503, {}, {})]
    assert encoder.embed_queries(["again"]).shape == (1, 64)
    assert len(waits) == 2
    assert waits[0] == 7


def test_an_endpoint_that_stays_down_is_given_up(encoder, server, waits):
    server.script = [(500, {}, {"error": {"message": "out of memory"}})] * 4
    with pytest.raises(TransientError, match="out of memory"):
        encoder.embed_queries(["again"])
    assert len(server.asked) == 4


def row(index, embedding):
    return {"index": index, "embedding": embedding}


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ({"results": []}, "holds no vectors"),
        (b"<html>", "not JSON"),
        ({"data": [row(0, [1.0, 0.0])]}, "2 vectors were asked"),
        ({"data": [row(0, [1.0, 0.0]), row(0, [0.0, 1.0])]}, "2 vectors were asked"),
        ({"data": [row(0, [1.0, 0.0]), row(1, [1.0])]}, "holds no vectors"),
        ({"data": [row(0, [0.0, 0.0]), row(1, [1.0, 0.0])]}, "zero or not finite"),
        ({"data": [row(0, "%%"), row(1, "%%")]}, "holds no vectors"),
    ],
)
def test_replies_that_are_not_the_vectors_are_refused(encoder, server, reply, words):
    server.script = [(200, {}, reply)]
    with pytest.raises(DataError, match=words):
        encoder.embed_passages(["a", "b"])


def test_a_model_that_does_not_shorten_vectors_is_told(server, tmp_path, waits):
    encoder = make_encoder(server, waits, ModelEnv(tmp_path), dimensions=8)
    server.script = [(200, {}, {"data": [row(0, [1.0] * 64)]})]
    with pytest.raises(DataError, match="64 dimensions came, not 8"):
        encoder.embed_queries(["a"])
    encoder.close()


def test_refused_keys_and_wrong_addresses_are_for_the_user(encoder, server):
    for status in (401, 404):
        server.script = [(status, {}, {"error": {"message": "no"}})]
        with pytest.raises(ConfigError):
            encoder.embed_queries(["a"])


def test_offline_only_this_machine_is_asked(tmp_path):
    away = ModelEnv(tmp_path, offline=True)
    with pytest.raises(MissingError, match=r"models\.example is on the network"):
        HttpEncoder(HttpSettings(base_url="https://models.example/v1", model="m"), away)
    with pytest.raises(MissingError):
        HttpReranker(HttpRerankerSettings(base_url="https://models.example/v1"), away)


def test_the_digest_is_of_what_changes_vectors(server, tmp_path, waits):
    def digest(**settings):
        encoder = make_encoder(server, waits, ModelEnv(tmp_path), **settings)
        encoder.close()
        return encoder.digest

    assert digest(batch=1, timeout_s=1, encoding="float") == digest()
    assert len({digest(), digest(query_prefix="q"), digest(dimensions=8)}) == 3


@pytest.mark.parametrize(
    "reply",
    [{"results": [{"index": 0, "score": 1.0}]}, {"error": 1}, [{"index": 0}, {"index": 1}], 3],
)
def test_replies_without_all_scores_are_refused(reranker, server, reply):
    server.script = [(200, {}, reply)]
    with pytest.raises(DataError):
        reranker.score("a", ["b", "c"])


def test_requests_have_the_shape_of_their_dialect(reranker, server):
    reranker.score("a", ["b"])
    path, _, body = server.asked[0]
    assert path == "/v1/rerank"
    assert ("texts" in body) != ("documents" in body)


def test_they_are_registered():
    assert Registry().part_class("embedder", "http") is HttpEncoder
    assert Registry().part_class("reranker", "http") is HttpReranker


def test_tokens_and_their_price_count_for_the_running_question(tmp_path):
    from surefoot.core.metering import metered
    from surefoot.core.roles import Meter

    with Loopback() as server:
        settings = HttpSettings(base_url=server.url, model="m", dimensions=64, price=2.0)
        encoder, said, estimated = HttpEncoder(settings, ModelEnv(tmp_path)), Meter(), Meter()
        with metered(said):
            encoder.embed_queries(["退款多久支付？"])
        body = {"input": ["退款多久支付？"], "dimensions": 64, "encoding_format": "base64"}
        server.script.append((200, {}, {"data": server.answer("/embeddings", body)["data"]}))
        with metered(estimated):
            encoder.embed_queries(["退款多久支付？"])
        encoder.close()
    assert (said.usage.encoder_tokens, said.usage.cost) == (1, pytest.approx(2e-6))
    assert estimated.usage.encoder_tokens == 7


def test_requests_of_a_reranker_have_their_price(tmp_path):
    from surefoot.core.metering import metered
    from surefoot.core.roles import Meter

    with Loopback() as server:
        settings = HttpRerankerSettings(base_url=server.url, batch=2, request_price=3.0)
        reranker, meter = HttpReranker(settings, ModelEnv(tmp_path)), Meter()
        with metered(meter):
            reranker.score("refund", ["a refund", "a card", "退款"])
        reranker.close()
    assert meter.usage.cost == pytest.approx(2 * 3.0 / 1000)
