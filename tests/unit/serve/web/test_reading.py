"""A document on the page: nothing of its text is lost but marks of markup, and the span is marked exactly."""

from surefoot.core.types import Document, Region
from surefoot.serve.web.reading import WINDOW, reading

TABLE = "# Tools\n\nSee below.\n\n| Item | Years |\n| --- | --- |\n| Laptop | 4 years |\n| 显示器 | 7 年 |\n\nEnd."


def document(text, **more):
    return Document("docs/a.md", "docs/a.md", "", text, **more)


def marked(found):
    parts = [part for block in found.blocks for part in block.parts]
    parts += [part for block in found.blocks for row in block.rows for cell in row for part in cell]
    return [part for part in parts if part.marked]


def test_headings_tables_and_text_are_told_apart():
    found = reading(document(TABLE), 0, 0)
    assert [block.kind for block in found.blocks] == ["heading", "text", "table", "text"]
    table = found.blocks[2]
    assert [["".join(p.text for p in cell) for cell in row] for row in table.rows] == [
        ["Item", "Years"],
        ["Laptop", "4 years"],
        ["显示器", "7 年"],
    ]
    assert [(entry.text, entry.level) for entry in found.contents] == [("Tools", 1)]


def test_the_cited_cell_is_marked():
    start = TABLE.index("7 年")
    (mark,) = marked(reading(document(TABLE), start, start + 3))
    assert (mark.text, mark.first) == ("7 年", True)


def test_a_span_over_several_blocks_is_marked_in_each_and_begins_once():
    found = marked(reading(document(TABLE), 2, len(TABLE)))
    assert [part.first for part in found] == [True] + [False] * (len(found) - 1)
    assert {"Tools", "4 years", "7 年", "End."} <= {part.text for part in found}


def test_text_that_is_no_markup_is_shown_as_it_is():
    found = reading(document("# no heading\n| a | b |\n", markup="plain"), 0, 4)
    assert [block.kind for block in found.blocks] == ["text"]
    assert "".join(part.text for part in found.blocks[0].parts) == "# no heading\n| a | b |\n"


def test_nothing_within_a_fence_is_a_heading():
    found = reading(document("```\n# code\n```\n# Real\n"), 0, 0)
    assert [entry.text for entry in found.contents] == ["Real"]


def test_a_long_document_is_shown_around_the_span():
    text = "".join(f"Line {n}\n" for n in range(60_000))
    start = text.index("Line 40000\n")
    found = reading(document(text), start, start + 10)
    assert [part.text for part in marked(found)] == ["Line 40000"]
    assert found.last - found.first < 2 * WINDOW + 100
    assert found.before is not None
    assert found.after is not None
    onward = reading(document(text), start, start + 10, found.after)
    assert onward.first <= found.last < onward.last


def test_speech_is_shown_by_its_seconds():
    regions = (Region(0, 6, seconds=(0.0, 2.0)), Region(6, 12, seconds=(2.0, 4.5)))
    found = reading(document("Hello world.", markup="plain", regions=regions), 6, 12)
    assert [block.seconds for block in found.blocks] == [0.0, 2.0]
    assert [part.text for part in marked(found)] == ["world."]
