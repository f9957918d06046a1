"""Scans and pictures are read, found and opened at their place; bad ones are reported and the rest goes on."""

from dataclasses import replace
from pathlib import Path

import pytest

import surefoot
from surefoot.core.errors import MissingError
from surefoot.run.showing import show_citation

pytest.importorskip("rapidocr", reason='needs pip install "surefoot[media]"')
pytestmark = pytest.mark.slow

SOLUTION = """
[corpus]
sources = [{ kind = "folder", path = "docs" }]
embed = { kind = "hash" }

[[stages]]
kind = "search"

[[stages]]
kind = "quote"
refuse = { threshold = 0.0 }
"""
CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
LINES = {
    "en": (
        "The greenhouse opens at nine in the morning.",
        "Visitors leave their bags at the gate.",
        "The orchids bloom in February and March.",
    ),
    "zh": (
        "温室每天上午九点开门。",
        "参观的人把包放在门口。",
        "兰花在二月和三月开放。",
    ),
}
ASKED = {"en": "When do the orchids bloom?", "zh": "兰花什么时候开放？"}


def drawn(lang, lines, top=100, size=(1000, 1400)):
    from PIL import Image, ImageDraw, ImageFont

    if lang == "zh":
        if not Path(CJK).is_file():
            pytest.skip("needs a Chinese font (fonts-noto-cjk)")
        font = ImageFont.truetype(CJK, 36)
    else:
        font = ImageFont.load_default(size=36)
    page = Image.new("RGB", size, "white")
    for number, line in enumerate(lines):
        ImageDraw.Draw(page).text((90, top + 150 * number), line, fill="black", font=font)
    return page


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    return tmp_path


def letters(text):
    return "".join(char for char in text.lower() if char.isalnum())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_citation_of_a_scan_opens_on_its_box(folder, lang):
    first = drawn(lang, LINES[lang][:2])
    second = drawn(lang, LINES[lang][2:], top=700)
    first.save(folder / "docs" / "scan.pdf", save_all=True, append_images=[second])
    with surefoot.open(folder) as space:
        assert space.sync().failed == 0
        answer = space.ask(ASKED[lang])
        citation = next(c for c in answer.citations if letters(LINES[lang][2]) in letters(c.quote))
        region = citation.region
        assert region.page == 2
        left, top, right, bottom = region.box
        assert left < 0.12
        assert top == pytest.approx(0.5, abs=0.03)
        assert 0.01 < bottom - top < 0.06
        assert right > left + 0.2
        assert "page 2" in str(answer)
        shown = show_citation(space, citation)
        assert shown.file == folder / "docs" / "scan.pdf"
        assert shown.picture.startswith(b"\x89PNG")
        assert framed(shown.picture) == pytest.approx(region.box, abs=0.012)
        gone = replace(citation, chunk=replace(citation.chunk, document_id="docs/none.pdf"))
        with pytest.raises(MissingError):
            show_citation(space, gone)


def framed(png):
    """The box that the frame's colour encloses, as shares of the page."""
    import io

    import numpy as np
    from PIL import Image

    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    hit = (abs(pixels - np.array([214, 64, 16])).sum(axis=2) < 30).nonzero()
    height, width = pixels.shape[:2]
    return (
        hit[1].min() / width,
        hit[0].min() / height,
        hit[1].max() / width,
        hit[0].max() / height,
    )


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_page_is_read_and_boxed_as_it_lies(folder, angle):
    page = drawn("en", LINES["en"])
    page.rotate(angle, expand=True).save(folder / "docs" / "page.png")
    with surefoot.open(folder) as space:
        space.sync()
        (document,) = space.documents()
    assert letters(document.text) == letters("".join(LINES["en"]))
    boxes = [region.box for region in document.regions]
    if angle != 180:
        assert all(bottom - top > right - left for left, top, right, bottom in boxes)
    else:
        assert boxes[0][1] > boxes[-1][1]


def test_mixed_and_bad_files_are_told_and_the_rest_goes_on(folder):
    docs = folder / "docs"
    (docs / "notes.txt").write_text("A note in plain text.", encoding="utf-8")
    (docs / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    (docs / "torn.mp3").write_bytes(b"ID3\x04" + b"\0" * 500)
    drawn("en", ()).save(docs / "blank.png")
    drawn("en", LINES["en"]).save(docs / "good.png")
    with surefoot.open(folder) as space:
        report = space.sync()
        states = {state.id.rpartition("/")[2]: state for state in space.status()}
    assert {name: state.status for name, state in states.items()} == {
        "notes.txt": "ok",
        "torn.png": "failed",
        "torn.mp3": "failed",
        "blank.png": "empty",
        "good.png": "ok",
    }
    assert report.failed == 2
    assert all(problem.hint for problem in report.problems)


@pytest.mark.parametrize("ocr", ["auto", "never"])
def test_a_pdf_is_recognised_page_by_page(folder, ocr):
    import pypdfium2

    text = folder / "text.pdf"
    text.write_bytes(TEXT_PDF)
    scan = folder / "scan.pdf"
    drawn("en", LINES["en"]).save(scan)
    with pypdfium2.PdfDocument.new() as made:
        for part in (text, scan):
            with pypdfium2.PdfDocument(part) as opened:
                made.import_pages(opened)
        made.save(folder / "docs" / "mixed.pdf")
    with surefoot.open(folder, overrides={"corpus.media.ocr": ocr}) as space:
        report = space.sync()
        (document,) = space.documents()
    assert "The text layer of the first page" in document.text
    if ocr == "never":
        assert document.regions == ()
        assert any("1 of 2 pages" in note and "switched off" in note for note in report.notes)
        return
    assert letters(LINES["en"][2]) in letters(document.text)
    assert {region.page for region in document.regions} == {2}
    assert document.regions[0].start >= document.pages[1]


def _text_pdf():
    stream = b"BT /F 12 Tf 72 700 Td (The text layer of the first page says enough to be kept as it is here.) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        data
        + b"xref\n0 5\n0000000000 65535 f \n"
        + table
        + b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(data)
    )


TEXT_PDF = _text_pdf()
