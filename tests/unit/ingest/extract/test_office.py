from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from surefoot.config.solution import Limits
from surefoot.core.errors import DataError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract import archive, extract

ReadAs = Callable[..., Extracted]
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    "{}</Relationships>"
)
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
REL = f'<Relationship Id="{{}}" Type="{KIND}/{{}}" Target="{{}}"/>'


def packed(entries: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as box:
        for name, content in entries.items():
            box.writestr(name, content)
    return file.getvalue()


def docx(body: str) -> bytes:
    return packed(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": RELS.format(REL.format("r1", "officeDocument", "word/document.xml")),
            "word/document.xml": f'<?xml version="1.0"?><w:document {W}><w:body>{body}</w:body></w:document>',
        }
    )


def paragraph(text: str, style: str = "") -> str:
    looks = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{looks}<w:r><w:t>{text}</w:t></w:r></w:p>"


def table(rows: list[list[str]]) -> str:
    cells = ["".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows]
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


@pytest.mark.parametrize(
    ("heading", "text", "rows"),
    [
        ("Leave", "Ask the manager. Store #12!", [["Days", "Who"], ["25", "all"]]),
        ("请假制度", "须经经理批准。", [["天数", "对象"], ["25", "全体"]]),
    ],
)
def test_word_files_keep_headings_and_tables(
    read_as: ReadAs, heading: str, text: str, rows: list[list[str]]
) -> None:
    found = read_as("a.docx", docx(paragraph(heading, "Heading1") + paragraph(text) + table(rows)))
    assert f"# {heading}" in found.text
    assert text in found.text
    assert f"| {rows[0][0]} | {rows[0][1]} |" in found.text
    assert f"| {rows[1][0]} | {rows[1][1]} |" in found.text


def test_a_truncated_word_file_is_damaged(read_as: ReadAs) -> None:
    whole = docx(paragraph("text " * 1000))
    with pytest.raises(DataError, match="is damaged") as problem:
        read_as("a.docx", whole[: len(whole) // 2])
    assert "save it again" in problem.value.hint


def test_a_word_file_with_broken_content_is_damaged(read_as: ReadAs) -> None:
    whole = bytearray(docx(paragraph("text " * 1000)))
    place = whole.find(b"word/document.xml") + 30
    whole[place : place + 20] = b"\xff" * 20
    with pytest.raises(DataError, match="is damaged"):
        read_as("a.docx", bytes(whole))


P = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)


def shape(kind: str, text: str) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"/><p:cNvSpPr/><p:nvPr>'
        f'<p:ph type="{kind}"/></p:nvPr></p:nvSpPr><p:spPr/>'
        f"<p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def slide(tag: str, *shapes: str) -> str:
    return f'<?xml version="1.0"?><p:{tag} {P}><p:cSld><p:spTree>{"".join(shapes)}</p:spTree></p:cSld></p:{tag}>'


def test_slides_are_pages_with_their_notes(read_as: ReadAs) -> None:
    content = packed(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": RELS.format(REL.format("r1", "officeDocument", "ppt/presentation.xml")),
            "ppt/presentation.xml": f'<?xml version="1.0"?><p:presentation {P}><p:sldIdLst>'
            '<p:sldId id="256" r:id="r1"/><p:sldId id="257" r:id="r2"/></p:sldIdLst></p:presentation>',
            "ppt/_rels/presentation.xml.rels": RELS.format(
                REL.format("r1", "slide", "slides/slide1.xml")
                + REL.format("r2", "slide", "slides/slide2.xml")
            ),
            "ppt/slides/slide1.xml": slide(
                "sld", shape("title", "First slide"), shape("body", "Body text")
            ),
            "ppt/slides/slide2.xml": slide(
                "sld", shape("title", "第二页"), shape("body", "正文内容")
            ),
            "ppt/slides/_rels/slide2.xml.rels": RELS.format(
                REL.format("r1", "notesSlide", "../notesSlides/notesSlide1.xml")
            ),
            "ppt/notesSlides/notesSlide1.xml": slide(
                "notes", shape("body", "演讲者备注"), shape("sldNum", "2")
            ),
        }
    )
    found = read_as("a.pptx", content)
    assert len(found.pages) == 2
    first, second = found.text[: found.pages[1]], found.text[found.pages[1] :]
    assert "First slide" in first
    assert "演讲者备注" not in first
    assert "第二页" in second
    assert "演讲者备注" in second
    assert found.meta["pages"] == 2


def test_sheets_become_tables(read_as: ReadAs) -> None:
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rows = [["编号", "Name"], ["1", "北京"]]
    cells = [
        "".join(
            f'<c r="{"AB"[i]}{n}" t="inlineStr"><is><t>{v}</t></is></c>' for i, v in enumerate(row)
        )
        for n, row in enumerate(rows, 1)
    ]
    data = "".join(f'<row r="{n}">{row}</row>' for n, row in enumerate(cells, 1))
    content = packed(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": RELS.format(REL.format("r1", "officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<?xml version="1.0"?><workbook {main} '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            '<sheets><sheet name="数据" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": RELS.format(
                REL.format("r1", "worksheet", "worksheets/sheet1.xml")
            ),
            "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?><worksheet {main}><sheetData>{data}'
            "</sheetData></worksheet>",
        }
    )
    found = read_as("a.xlsx", content)
    assert "数据" in found.text
    assert "| 编号 | Name |" in found.text
    assert "| 1 | 北京 |" in found.text


def test_open_document_text_is_read(read_as: ReadAs) -> None:
    content = packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": '<?xml version="1.0"?><office:document-content '
            'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
            'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>'
            '<text:h text:outline-level="1">标题 Heading</text:h><text:p>正文 body</text:p>'
            "</office:text></office:body></office:document-content>",
            "META-INF/manifest.xml": "<manifest/>",
        }
    )
    found = read_as("a.odt", content)
    assert "# 标题 Heading" in found.text
    assert "正文 body" in found.text


def test_rich_text_in_two_languages_is_read(read_as: ReadAs) -> None:
    content = r"{\rtf1\ansi\ansicpg936 Hello world.\par \u20013?\u25991? end.\par}"
    assert "中文 end." in read_as("a.rtf", content).text


def test_a_zip_bomb_is_refused_before_it_is_unpacked(read_as: ReadAs) -> None:
    bomb = docx(paragraph("a" * (100 * 1024 * 1024)))
    assert len(bomb) < 1024 * 1024
    with pytest.raises(DataError, match=r"times its size .* zip bomb"):
        read_as("a.docx", bomb)


def test_a_container_over_the_total_names_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(docx(paragraph("a" * (5 * 1024 * 1024))))
    with pytest.raises(DataError, match="over the limit of 4 MB") as problem:
        extract(path, Limits(max_file_mb=1))
    assert "corpus.limits.max_file_mb to 2" in problem.value.hint
    monkeypatch.setattr(archive, "MAX_ENTRIES", 2)
    with pytest.raises(DataError, match="3 entries"):
        extract(path, Limits())


def test_an_encrypted_container_says_so(read_as: ReadAs) -> None:
    content = bytearray(docx(paragraph("x")))
    for place in range(len(content) - 8):
        if content[place : place + 4] == b"PK\x01\x02":
            content[place + 8] |= 1
    with pytest.raises(DataError, match="is encrypted"):
        read_as("a.docx", bytes(content))
