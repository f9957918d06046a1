"""Pictures are found by what they show, in both languages, by those who may see them, and gone with their document."""

from __future__ import annotations

import base64
import io
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

import surefoot
from surefoot.core.types import Acl, Asker
from surefoot.run.doctor import examine
from surefoot.run.uploads import delete_uploads, keep_upload, list_uploads
from surefoot.store.uploads import Upload

Image = pytest.importorskip("PIL.Image", reason="needs surefoot[media]")
Draw = pytest.importorskip("PIL.ImageDraw")

COLOURS = {"red": (230, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 230)}
WORDS = {
    "red": 0, "红": 0, "green": 1, "绿": 1, "blue": 2, "蓝": 2,
}  # fmt: skip
SOLUTION = """schema = 1
[corpus]
sources = [{{ kind = "folder", path = "docs" }}]
embed = {{ kind = "hash" }}
isolation = "{isolation}"
media = {{ ocr = "never" }}
[corpus.images]
shape = "{shape}"
base_url = "{url}"
model = "colours"
key = "env:PICTURE_KEY"
batch = 2
[[stages]]
kind = "search"
[[stages]]
kind = "images"
limit = 1
"""


class FakeImageText(ThreadingHTTPServer):
    """Speaks the three published shapes; a vector is the middle pixel's colour, a question's the colour it names."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict]] = []
        self.keys: list[str] = []
        self.broken = 0
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.pictures = 0

    def vector(self, item: str | bytes) -> list[float]:
        if isinstance(item, str):
            return [float(any(WORDS[w] == i for w in WORDS if w in item)) + 0.01 for i in range(3)]
        self.pictures += 1
        with Image.open(io.BytesIO(item)) as opened:
            assert opened.format == "JPEG"
            assert max(opened.size) <= 768
            return [float(v) for v in opened.getpixel((opened.width // 2, opened.height // 2))]


class Handler(BaseHTTPRequestHandler):
    server: FakeImageText

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body))
        self.server.keys.append(self.headers.get("Authorization", ""))
        if self.server.broken:
            self._reply(self.server.broken, {"error": {"message": "no"}})
        elif self.path == "/v2/embed":
            items = [_data(url) for url in body.get("images", [])] or body["texts"]
            assert body["input_type"] == ("image" if "images" in body else "search_query")
            assert len(items) == 1
            self._reply(200, {"embeddings": {"float": [self.server.vector(i) for i in items]}})
        else:
            rows = [self.server.vector(one) for one in _items(body)]
            data = [{"index": n, "embedding": row} for n, row in enumerate(rows)]
            self._reply(200, {"data": data[::-1]})

    def _reply(self, status: int, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args) -> None:
        pass


def _data(url: str) -> bytes:
    head, _, rest = url.partition(",")
    assert head == "data:image/jpeg;base64"
    return base64.b64decode(rest, validate=True)


def _items(body: dict) -> list[str | bytes]:
    if "input" in body:
        return [
            base64.b64decode(one["image"], validate=True) if "image" in one else one["text"]
            for one in body["input"]
        ]
    (message,) = body["messages"]
    first = message["content"][0]
    return [_data(first["image_url"]["url"]) if first["type"] == "image_url" else first["text"]]


@pytest.fixture
def server():
    with FakeImageText() as made:
        Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def circle(colour: str, side: int = 900) -> bytes:
    picture = Image.new("RGB", (side, side), "white")
    Draw.Draw(picture).ellipse((50, 50, side - 50, side - 50), fill=COLOURS[colour])
    made = io.BytesIO()
    picture.save(made, format="PNG")
    return made.getvalue()


@pytest.fixture
def opened(tmp_path, server, monkeypatch):
    """Opens a workspace with three pictures whose names say nothing of what they show."""
    monkeypatch.setenv("PICTURE_KEY", "secret-of-pictures")
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "tea.md").write_text("# Tea\n\nTea is served at four.\n")
    for place, colour in enumerate(COLOURS):
        (docs / f"img_{place}.png").write_bytes(circle(colour))
    spaces = []

    def open_it(shape="jina", isolation="shared"):
        text = SOLUTION.format(shape=shape, isolation=isolation, url=server.url)
        (tmp_path / "surefoot.toml").write_text(text)
        spaces.append(surefoot.open(tmp_path))
        return spaces[-1]

    yield open_it
    for space in spaces:
        space.close()


def found(space, question, **more):
    return [
        h.chunk.document_id for h in space.search(question, **more) if "images_rank" in h.signals
    ]


@pytest.mark.parametrize("shape", ["jina", "vllm", "cohere"])
def test_a_picture_is_found_by_what_it_shows(opened, server, shape):
    space = opened(shape)
    report = space.sync()
    assert not report.problems
    assert server.pictures == 3
    assert set(server.keys) == {"Bearer secret-of-pictures"}
    for question, name in (("a red circle", "docs/img_0.png"), ("蓝色的圆", "docs/img_2.png")):
        assert found(space, question) == [name]
    assert len([1 for _, body in server.asked if len(_inputs(body)) == 2]) == (shape == "jina")


def test_a_picture_has_its_place_and_a_filter_holds_for_it(opened):
    space = opened()
    space.sync()
    document = space.resources.index().document("docs/img_0.png")
    assert [region.page for region in document.regions] == [1]
    assert document.text == "docs/img_0.png"
    for lang, there in ((document.lang, True), ("zh", False)):
        wanted = {"type": "eq", "key": "lang", "value": lang}
        assert ("docs/img_0.png" in found(space, "red", filter=wanted)) is there


def _inputs(body: dict) -> list:
    return body.get("input", [0])


def test_only_what_is_new_or_changed_is_sent_and_what_is_gone_is_forgotten(
    opened, server, tmp_path
):
    space = opened()
    space.sync()
    space.sync()
    assert server.pictures == 3
    (tmp_path / "docs" / "img_0.png").write_bytes(circle("green", 700))
    (tmp_path / "docs" / "img_1.png").unlink()
    space.sync()
    assert server.pictures == 4
    assert found(space, "something green") == ["docs/img_0.png"]
    kept = b"".join(one.read_bytes() for one in (tmp_path / ".surefoot").glob("pictures.sqlite*"))
    assert b"img_2" in kept
    assert b"img_1" not in kept
    space.remove(["docs/img_2.png"])
    kept = b"".join(one.read_bytes() for one in (tmp_path / ".surefoot").glob("pictures.sqlite*"))
    assert b"img_2" not in kept


@pytest.mark.parametrize("status", [401, 422])
def test_an_endpoint_that_refuses_costs_only_the_pictures(opened, server, status):
    space = opened()
    server.broken = status
    report = space.sync()
    assert report.added == 4
    assert sum("not found as" in note and "secret" not in note for note in report.notes) >= 1
    assert space.search("When is tea served?")[0].chunk.document_id == "docs/tea.md"
    server.broken = 0
    space.sync()
    assert found(space, "red") == ["docs/img_0.png"]
    server.broken = status
    turn = space.run(space.query("When is tea served?")).turn
    assert turn.hits[0].chunk.document_id == "docs/tea.md"
    (note,) = [one for one in turn.notes if one.stage == "images"]
    assert "secret" not in note.message


def test_without_its_key_all_else_is_read_and_searched(opened, server, monkeypatch):
    space = opened()
    monkeypatch.delenv("PICTURE_KEY")
    report = space.sync()
    assert report.added == 4
    assert any("PICTURE_KEY" in note for note in report.notes)
    turn = space.run(space.query("When is tea served?")).turn
    assert turn.hits[0].chunk.document_id == "docs/tea.md"
    assert [one.stage for one in turn.notes] == ["images"]
    assert not server.asked


@pytest.mark.parametrize("isolation", ["shared", "strict"])
def test_nobody_finds_what_they_may_not_read(opened, isolation):
    space = opened("jina", isolation)
    space.sync()
    upload = keep_upload(
        space, circle("red", 500), Upload("", "x.png", "", 0, 5, acl=Acl(False, ("ann",)))
    )
    list_uploads([space], [upload])
    seen = {
        name: [h.chunk.document_id for h in space.search("red", limit=10, asker=Asker(name))]
        for name in ("ann", "bob")
    }
    assert f"uploads/{upload.id}" in seen["ann"]
    assert f"uploads/{upload.id}" not in seen["bob"]
    assert found(space, "red", asker=Asker("bob")) == ["docs/img_0.png"]
    delete_uploads([space], [upload.id])
    assert f"uploads/{upload.id}" not in found(space, "red", asker=Asker("ann"))


def test_the_index_is_another_only_with_an_endpoint_and_the_doctor_tells(opened, tmp_path):
    space = opened()
    with_endpoint = space.resources.recipe
    (said,) = [one for one in examine(space) if one.subject == "pictures"]
    assert said.level == "ok"
    file = tmp_path / "surefoot.toml"
    head, rest = file.read_text().split("[corpus.images]")
    file.write_text(head + "[[stages]]" + rest.partition("[[stages]]")[2])
    space.reload()
    assert space.resources.recipe != with_endpoint
    space.sync()
    hits = space.search("red")
    assert not any("images_rank" in hit.signals for hit in hits)
