from __future__ import annotations

from collections.abc import Callable

import pytest

from surefoot.core.errors import DataError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract import pdf_tables
from surefoot.ingest.extract.pdf_tables import insert_tables

ReadAs = Callable[..., Extracted]


def pdf(*pages: str, info: str = "") -> bytes:
    """A PDF with one content stream a page, in Helvetica (F1) and an unembedded Chinese font (F2, UCS-2)."""
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{6 + 2 * i} 0 R' for i in range(len(pages)))}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
        "/DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> "
        "/FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 -200 1000 900] "
        "/ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >> >>] >>",
        f"<< {info} >>",
    ]
    for number, content in enumerate(pages):
        bodies.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> "
            f"/Contents {7 + 2 * number} 0 R >>"
        )
        bodies.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n" + "".join(
        f"{p:010d} 00000 n \n" for p in places
    )
    out += f"trailer << /Size {len(bodies) + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return out.encode("latin-1")


def line(text: str, x: int, y: int, size: int = 11) -> str:
    if text.isascii():
        return f"BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET\n"
    return f"BT /F2 {size} Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET\n"


def grid(columns: list[int], rows: list[int]) -> str:
    lines = [f"{columns[0]} {y} m {columns[-1]} {y} l S\n" for y in rows]
    return "".join(lines + [f"{x} {rows[0]} m {x} {rows[-1]} l S\n" for x in columns])


def test_pages_dates_and_title_are_kept(read_as: ReadAs) -> None:
    content = pdf(
        line("The first page tells about leave.", 72, 700),
        line("The second page tells about travel.", 72, 700),
        info="/Title (Handbook) /Author (Ann Lee) /CreationDate (D:20240501080000+02'00')",
    )
    found = read_as("a.pdf", content)
    assert len(found.pages) == 2
    assert "first page" in found.text[: found.pages[1]]
    assert "second page" in found.text[found.pages[1] :]
    assert (found.title, found.meta["author"], found.meta["pages"]) == ("Handbook", "Ann Lee", 2)
    assert found.meta["created"] == "2024-05-01T08:00:00+02:00"


@pytest.mark.parametrize(
    "title", ["untitled", "0000320193-22-000070", "Microsoft Word - draft.doc", "report.pdf"]
)
def test_a_title_that_a_program_wrote_is_none(read_as: ReadAs, title: str) -> None:
    assert (
        read_as("a.pdf", pdf(line("Some text of a page.", 72, 700), info=f"/Title ({title})")).title
        == ""
    )


def test_chinese_lines_become_one_paragraph(read_as: ReadAs) -> None:
    first, second = "所有员工出差前须填写申请单并由部门经理签字批", "准后方可预订机票和酒店。"
    found = read_as("a.pdf", pdf(line(first, 72, 700) + line(second, 72, 684)))
    assert first + second in found.text


@pytest.mark.parametrize(
    "words", [("Item", "Price", "Lamp", "Chair"), ("名称", "价格", "台灯", "椅子")]
)
def test_a_ruled_table_takes_the_place_of_its_words(
    read_as: ReadAs, words: tuple[str, ...]
) -> None:
    head, price, lamp, chair = words
    content = line("Text above the table, which goes on for a while.", 72, 760) + grid(
        [72, 200, 330], [720, 700, 680, 660]
    )
    for row, (left, right) in enumerate([(head, price), (lamp, "12.50"), (chair, "80.00")]):
        content += line(left, 76, 705 - 20 * row) + line(right, 204, 705 - 20 * row)
    content += line("Text below the table, which goes on for a while.", 72, 600)
    text = read_as("a.pdf", pdf(content)).text
    assert f"| {head} | {price} |\n| --- | --- |\n| {lamp} | 12.50 |\n| {chair} | 80.00 |" in text
    assert text.index("Text above") < text.index(f"| {head}") < text.index("Text below")
    assert text.count("12.50") == 1


def test_a_pdf_without_text_says_that_it_needs_ocr(read_as: ReadAs) -> None:
    with pytest.raises(DataError, match="no text layer") as problem:
        read_as("scan.pdf", pdf("0 0 m 100 100 l S"))
    assert "OCR" in problem.value.message
    assert "surefoot[media]" in problem.value.hint


@pytest.mark.parametrize("part", [0.0, 0.5])
def test_a_corrupt_pdf_is_a_data_error(read_as: ReadAs, part: float) -> None:
    whole = pdf(line("text", 72, 700))
    content = (
        b"%PDF-1.7\n" + b"\x00\xff" * 200 if not part else whole[: whole.find(b"/Pages 2 0 R")]
    )
    with pytest.raises(DataError, match="is damaged") as problem:
        read_as("a.pdf", content)
    assert problem.value.hint


def test_an_encrypted_pdf_says_so(read_as: ReadAs) -> None:
    content = pdf(line("secret", 72, 700)).replace(
        b"/Info 5 0 R",
        b"/Info 5 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] /Encrypt "
        b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <"
        + b"41" * 32
        + b"> /U <"
        + b"42" * 32
        + b"> >>",
    )
    with pytest.raises(DataError, match="is encrypted") as problem:
        read_as("a.pdf", content)
    assert "password" in problem.value.hint


def test_a_table_that_the_text_does_not_hold_stands_at_the_end() -> None:
    table = "| a | b |\n| --- | --- |\n| 第一 | 2 |"
    assert (
        insert_tables("Other words entirely.\n", [table]) == f"Other words entirely.\n\n{table}\n"
    )


def test_words_beside_a_table_are_not_lost() -> None:
    table = "| Assets | 2021 | 2022 |\n| --- | --- | --- |\n| Cash | $1 | $ (2) |\n| 存货 | 3 | 4 |"
    page = "Balance sheet of Example\nin millions 2021\nAssets 2021 2022\nCash $ 1 $ (2)\n存货 3 4\nSee the notes.\n"
    text = insert_tables(page, [table])
    assert text == f"Balance sheet of Example\nin millions 2021\n\n{table}\n\nSee the notes.\n"


def test_signs_in_cells_of_their_own_join_their_numbers() -> None:
    rows = [
        ["Sales", "$", "12", "", "", "30", "%"],
        ["成本", "(5", None, ")", "", "4", "%"],
        ["", "", "", "", "", "", ""],
    ]
    assert (
        pdf_tables._table(rows) == "| Sales | $12 | 30% |\n| --- | --- | --- |\n| 成本 | (5) | 4% |"
    )
    assert pdf_tables._table([["only", ""], ["one", ""]]) == ""
