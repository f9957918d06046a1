"""A document in a browser: the cited words, cells, places of scans and seconds of recordings; its original."""

import io
import math
import struct
import wave
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from serving import make_space, running

from surefoot.core.types import Region

CITED = {
    "en": ("docs/en/leave.md", "30 days"),
    "zh": ("docs/zh/员工休假.md", "天"),
}
TABLE = {
    "en": ("docs/en/it-equipment.xlsx", "7 years"),
    "zh": ("docs/zh/设备更换.csv", "每7年更换一次"),
}

SPOKEN = [Region(0, 19, seconds=(0.0, 0.8)), Region(19, 38, seconds=(1.0, 1.9))]
BOXES = [
    Region(0, 13, page=1, box=(0.1, 0.1, 0.6, 0.2)),
    Region(13, 29, page=1, box=(0.1, 0.5, 0.7, 0.6)),
]
HOSTILE = """# <script>alert(2)</script>

<svg onload=alert(3)>

## B

| <b>x</b> | y |
| --- | --- |
| <i>1</i> | [a](javascript:alert(4)) |
"""


def address(served, document, words=None):
    """The address of a document, the first of these words cited."""
    text = httpx.get(f"{served.url}/api/documents/{quote(document)}").json()["text"]
    start = text.index(words) if words else 0
    end = start + len(words) if words else 0
    return f"{served.url}/documents/{quote(document, safe='')}?start={start}&end={end}"


def until(page, expression):
    """Waits until it is true; the page's policy lets no text be evaluated again and again there."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def first_words(served, document):
    text = httpx.get(f"{served.url}/api/documents/{quote(document)}").json()["text"]
    return next(line for line in text.splitlines() if len(line) > 10 and line[0] not in "#|")[:12]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_cited_words_are_marked_and_in_view(
    open_page, handbook, accessible, lang, theme
) -> None:
    document = CITED[lang][0]
    words = first_words(handbook, document)
    page = open_page(address(handbook, document, words), lang=lang, theme=theme)
    assert page.locator("#cited").inner_text() == words
    assert page.locator("#cited[data-seen]").count() == 1
    assert page.locator(".contents a").count() >= 2
    accessible(page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_cited_cell_of_a_table_is_marked(open_page, handbook, accessible, lang) -> None:
    document, words = TABLE[lang]
    page = open_page(address(handbook, document, words), lang=lang)
    assert page.locator("td.cited").inner_text() == words
    assert page.locator("th").count() >= 3
    accessible(page)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_phone_shows_text_and_contents(open_page, handbook, accessible, lang) -> None:
    words = first_words(handbook, CITED[lang][0])
    page = open_page(address(handbook, CITED[lang][0], words), lang=lang, width=375)
    accessible(page)


def test_a_document_that_is_not_there_says_so(open_page, handbook, accessible) -> None:
    page = open_page(f"{handbook.url}/documents/none.md?start=0&end=1", quiet=False)
    assert page.locator("h1").inner_text() == "There is nothing here"
    accessible(page)


def test_a_page_of_a_pdf_is_shown_and_the_file_can_be_saved(open_page, handbook) -> None:
    pytest.importorskip("PIL", reason='needs pip install "surefoot[media]"')
    page = open_page(address(handbook, "docs/en/security.pdf", "Passwords"))
    shown = page.locator(".page img")
    shown.wait_for()
    until(page, "document.querySelector('.page img')?.naturalWidth > 100")
    page.click(".original [rel=prev]")
    until(page, "document.querySelector('.page img')?.naturalWidth > 100")
    reply = httpx.get(f"{handbook.url}/api/documents/docs/en/security.pdf/original")
    assert reply.headers["content-disposition"].startswith("attachment")
    assert reply.content.startswith(b"%PDF")


@pytest.fixture(scope="module")
def pictured(tmp_path_factory):
    """A workspace whose documents stand in a picture and a recording, as OCR and speech recognition leave them."""
    root = make_space(tmp_path_factory.mktemp("media") / "house")
    (root / "docs" / "talk.wav").write_bytes(sound())
    with_picture = drawing()
    (root / "docs" / "scan.png").write_bytes(with_picture)
    (root / "docs" / "evil.png").write_bytes(b"<svg onload=alert(1)>")
    with running(root) as served:
        with served.tenant.using() as space:
            put(space, "talk.wav", "The pump is green. Send it to Hamburg.", SPOKEN)
            put(space, "scan.png", "Invoice 4711\nTotal: 90 euros\n", BOXES)
            put(space, "evil.png", "Nothing\n", [Region(0, 8, page=1, box=(0, 0, 1, 1))])
        yield served


def put(space, name, text, regions):
    from hashlib import sha256

    from surefoot.core.roles import DocumentState, IndexedDocument
    from surefoot.core.types import Document

    digest = sha256((space.root / "docs" / name).read_bytes()).hexdigest()
    uri = f"docs/{name}"
    document = Document(
        uri, uri, digest, text, name, "en", "plain", regions=tuple(regions), meta={"read_by": "ocr"}
    )
    state = DocumentState(uri, uri, digest, "ok", source="docs", title=name)
    space.resources.index().replace([IndexedDocument(document, state)])


def sound():
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        tone = (int(8000 * math.sin(n / 6)) for n in range(16000))
        file.writeframes(b"".join(struct.pack("<h", one) for one in tone))
    return made.getvalue()


def drawing():
    image = pytest.importorskip("PIL.Image", reason='needs pip install "surefoot[media]"')
    from PIL import ImageDraw

    made, page = io.BytesIO(), image.new("RGB", (600, 800), "white")
    pen = ImageDraw.Draw(page)
    pen.text((70, 100), "Invoice 4711", fill="black", font_size=40)
    pen.text((70, 415), "Total: 90 euros", fill="black", font_size=40)
    page.save(made, format="PNG")
    return made.getvalue()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_cited_place_of_a_scan_is_framed(
    open_page, pictured, accessible, picture, lang
) -> None:
    page = open_page(address(pictured, "docs/scan.png", "90 euros"), lang=lang)
    until(page, "document.querySelector('.page img')?.naturalWidth === 600")
    assert page.locator(".page rect").get_attribute("y") == "500.0"
    assert page.locator("#cited").inner_text() == "90 euros"
    accessible(page)
    picture(page, f"document-scan-{lang}-light")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_recording_plays_from_the_cited_second(open_page, pictured, accessible, lang) -> None:
    page = open_page(address(pictured, "docs/talk.wav", "Hamburg"), lang=lang)
    until(page, "document.querySelector('audio').readyState >= 1")
    assert page.evaluate("document.querySelector('audio').currentTime") == pytest.approx(1, abs=0.1)
    page.locator(".spoken [data-seek]").first.click()
    until(page, "document.querySelector('audio').currentTime < 0.9")
    assert page.locator(".spoken").count() == 2
    accessible(page)


def test_only_harmless_originals_are_given_out(pictured) -> None:
    def get(path):
        return httpx.get(f"{pictured.url}/api/documents/{path}")

    reply = get("docs/talk.wav/original")
    assert reply.headers["content-type"] == "audio/wav"
    assert "sandbox" in reply.headers["content-security-policy"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    part = httpx.get(
        f"{pictured.url}/api/documents/docs/talk.wav/original", headers={"Range": "bytes=0-3"}
    )
    assert (part.status_code, part.content) == (206, b"RIFF")
    assert get("docs/evil.png/original").status_code == 415
    assert get("docs/evil.png/pages/1.png").status_code == 422
    assert get("docs/refunds.md/original").status_code == 415
    assert get("docs/none.png/original").status_code == 404
    assert get("docs/scan.png/pages/2.png").status_code == 422
    assert get("docs/scan.png/pages/1.png").content.startswith(b"\x89PNG")


def test_an_original_that_was_changed_or_lies_elsewhere_is_none(tmp_path) -> None:
    root = make_space(tmp_path / "house")
    (tmp_path / "secret.wav").write_bytes(sound())
    (root / "docs" / "talk.wav").write_bytes(sound())
    with running(root) as served:
        with served.tenant.using() as space:
            put(space, "talk.wav", "Hello", [])
            put(space, "../../secret.wav", "Hello", [])
        place = f"{served.url}/api/documents/docs%2Ftalk.wav/original"
        assert httpx.get(place).status_code == 200
        out = quote("docs/../../secret.wav", safe="")
        assert httpx.get(f"{served.url}/api/documents/{out}").status_code == 200
        assert httpx.get(f"{served.url}/api/documents/{out}/original").status_code == 404
        (root / "docs" / "talk.wav").write_bytes(sound() + b"more")
        assert httpx.get(place).status_code == 404
        Path(root / "docs" / "talk.wav").unlink()
        (root / "docs" / "talk.wav").symlink_to(tmp_path / "secret.wav")
        assert httpx.get(place).status_code == 404


def test_hostile_documents_stay_text(open_page, tmp_path) -> None:
    root = make_space(tmp_path / "house")
    name = "<img src=x onerror=alert(1)>.md"
    (root / "docs" / name).write_text(HOSTILE, encoding="utf-8")
    with running(root) as served:
        with served.tenant.using() as space:
            space.sync()
        page = open_page(address(served, f"docs/{name}", "<svg onload=alert(3)>"))
        assert page.locator("#cited").inner_text() == "<svg onload=alert(3)>"
        assert page.locator("main img, main script, main b, main i, main .reading a").count() == 0
        assert "<script>alert(2)</script>" in page.locator(".reading h2").first.inner_text()
