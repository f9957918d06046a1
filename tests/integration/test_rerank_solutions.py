"""Rerankers named in a solution file, from the file to the hits: nested settings, building, digests, closing."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

import surefoot
from surefoot.core.errors import ConfigError
from surefoot.testing.tiny_bert import HIDDEN, make_tiny_bert

pytestmark = pytest.mark.slow

DOCUMENTS = {"a.md": "abc reset 密码", "b.md": "xyz 重置 open", "c.md": "lunch 请"}
HEAD = (("bert.pooler.dense", HIDDEN, HIDDEN), ("classifier", 1, HIDDEN))


class LongestFirst(BaseHTTPRequestHandler):
    """Likes the longest text."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rows = [{"index": i, "relevance_score": len(t)} for i, t in enumerate(asked["documents"])]
        said = json.dumps({"results": rows}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args):
        pass


@pytest.fixture
def address():
    server = ThreadingHTTPServer(("127.0.0.1", 0), LongestFirst)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@pytest.fixture
def opened(tmp_path):
    make_tiny_bert(tmp_path / "tiny")
    make_tiny_bert(tmp_path / "pairs", "bert", "bert.", HEAD)
    for name, text in DOCUMENTS.items():
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / "docs" / name).write_text(text, encoding="utf-8")

    def open_space(by, embed=f'{{ kind = "local", model = "{tmp_path}/tiny", pooling = "mean" }}'):
        (tmp_path / "surefoot.toml").write_text(
            f'schema = 1\n[corpus]\nembed = {embed}\nsources = [{{ kind = "folder", path = "docs" }}]\n'
            f'[[stages]]\nkind = "search"\n[[stages]]\nkind = "rerank"\nby = {by}\n',
            encoding="utf-8",
        )
        space = surefoot.open(tmp_path)
        space.sync()
        return space

    return open_space


@pytest.mark.parametrize("question", ["reset abc", "重置密码"])
@pytest.mark.parametrize("kind", ["late-interaction", "cross-encoder", "features", "http"])
def test_each_kind_orders_the_hits(opened, tmp_path, address, kind, question):
    more = {"cross-encoder": f', model = "{tmp_path}/pairs"', "http": f', base_url = "{address}"'}
    with opened(f'{{ kind = "{kind}"{more.get(kind, "")} }}') as space:
        first = space.search(question)
        assert len(first) == len(DOCUMENTS)
        assert all("rerank" in hit.signals and hit.by == "rerank" for hit in first)
        assert [hit.chunk.id for hit in space.search(question)] == [hit.chunk.id for hit in first]
        if kind == "http":
            assert len(first[0].chunk.text) == max(map(len, DOCUMENTS.values()))


def test_an_encoder_without_token_vectors_is_told_in_the_solution(opened):
    with (
        opened('{ kind = "late-interaction" }', embed='{ kind = "hash" }') as space,
        pytest.raises(ConfigError, match="HashEncoder"),
    ):
        space.search("reset")


def test_the_reranker_counts_for_the_solution_and_not_for_the_index(opened, tmp_path):
    digests, recipes = set(), set()
    for by in (
        '{ kind = "features" }',
        f'{{ kind = "cross-encoder", model = "{tmp_path}/pairs" }}',
    ):
        with opened(by) as space:
            digests.add(space.resources.digest)
            recipes.add(space.resources.recipe)
    assert len(digests) == 2
    assert len(recipes) == 1
