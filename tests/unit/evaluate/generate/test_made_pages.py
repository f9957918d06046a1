"""Documents as questions are made from them."""

from __future__ import annotations

import pytest

from surefoot.core.types import Document
from surefoot.evaluate.generate.pages import in_print, read_page


def page(text, **more):
    return read_page(Document("d", "d", "", text, **more))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            "**Bold** and *slanted* [a link](https://x.y/?q=1) `code`",
            "Bold and slanted a link code",
        ),
        ('An <abbr title="what it is. More.">API</abbr> {#api}', "An API"),
        ("声明*路径操作*的**参数** 🎉", "声明路径操作的参数"),
        ("snake_case_name * 3", "snake_case_name * 3"),
    ],
)
def test_markup_is_not_said(raw, said):
    assert in_print(raw) == said


def test_sections_have_the_sentences_under_their_heading():
    sections = page("# One\n\nFirst here. Second here.\n\n## Two\n\n* Item one.\n").sections
    assert [s.heading for s in sections] == ["One", "Two"]
    assert [one.text for one in sections[0].sentences] == ["First here.", "Second here."]
    assert sections[1].sentences[0].item


@pytest.mark.parametrize(
    "text",
    [
        "See [this](https://x.y/a?b=c. D) page. Then go on.",
        '一个<abbr title="说明。更多。">缩写</abbr>在这里。然后继续。',
    ],
)
def test_links_and_tags_end_no_sentence(text):
    sentences = page(text).sections[0].sentences
    assert len(sentences) == 2
    assert all(text[one.start : one.end].strip() for one in sentences)


def test_a_western_full_stop_between_han_ends_a_sentence():
    assert len(page("提出了一种方法.仿真结果表明有效.").sections[0].sentences) == 2


def test_machinery_and_code_are_not_sentences():
    text = "# T\n\n/// note\n\n{* ../x.py *}\n\n```python\nprint(1)\n```\n\nA sentence.\n"
    assert [one.text for one in page(text).sections[0].sentences] == ["A sentence."]


def test_a_title_stands_for_the_headings_that_are_missing():
    found = page("Only text here. And more of it.", title="Super_Bowl_50")
    assert (found.title, found.sections[0].heading) == ("Super Bowl 50", "Super Bowl 50")


def test_rows_of_another_width_are_no_rows():
    text = "# T\n\n| a | b |\n| --- | --- |\n| one | two |\n| three |\n"
    table = page(text).sections[0].tables[0]
    assert table.columns == ("a", "b")
    assert [row[0] for row in table.rows] == [("one", "two")]
    assert text[table.rows[0][1] : table.rows[0][2]] == "| one | two |"
