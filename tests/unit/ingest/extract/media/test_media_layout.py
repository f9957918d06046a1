"""Recognised lines come in the order of reading."""

import pytest

from surefoot.ingest.extract.media.layout import read_page
from surefoot.models.media import Line, turned_back

PROSE = {
    "en": "words of a column that runs on",
    "zh": "一栏里的文字继续往下写着没有完",
}


def line(text, left, top, right, height=0.02):
    return Line(text, (left, top, right, top + height), 0.99)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_columns_of_prose_come_one_after_the_other(lang):
    left = [line(f"{PROSE[lang]} L{i}", 0.1, 0.2 + i * 0.03, 0.45) for i in range(5)]
    right = [line(f"{PROSE[lang]} R{i}", 0.55, 0.2 + i * 0.03, 0.9) for i in range(5)]
    heading = line("A heading over both 标题", 0.1, 0.1, 0.9)
    footer = line("A line below both 脚注", 0.1, 0.5, 0.9)
    mixed = [one for pair in zip(right, left, strict=True) for one in pair]
    text, _ = read_page([footer, *mixed, heading])
    marks = [row.rsplit(" ", 1)[-1] for row in text.split("\n") if row]
    assert marks[1:-1] == [f"L{i}" for i in range(5)] + [f"R{i}" for i in range(5)]
    assert text.startswith("A heading")
    assert text.rstrip().endswith("脚注")


@pytest.mark.parametrize("cells", [("Lamp", "12.50", "red"), ("台灯", "12.50", "红色")])
def test_tables_come_by_rows(cells):
    lines = [
        line(cell, 0.1 + 0.3 * column, 0.1 + 0.04 * row + 0.003 * column, 0.2 + 0.3 * column)
        for row in range(4)
        for column, cell in enumerate(cells)
    ]
    text, _ = read_page(lines[::-1])
    assert text.split("\n")[0] == "  ".join(cells)
    assert len([row for row in text.split("\n") if row]) == 4


def test_boxes_that_overlap_a_little_are_one_row():
    first, second = line("Processing", 0.126, 0.334, 0.241), line("chunks", 0.232, 0.335, 0.36)
    assert read_page([second, first])[0] == "Processing chunks"


def test_every_line_stands_where_it_is_said_to():
    lines = [
        line("first line", 0.1, 0.1, 0.5),
        line("second", 0.1, 0.2, 0.4),
        line("二", 0.1, 0.23, 0.2),
    ]
    text, placed = read_page(lines)
    assert [text[one.start : one.end] for one in placed] == [one.line.text for one in placed]
    assert text == "first line\n\nsecond\n二"
    assert read_page([]) == ("", ())


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_boxes_of_a_turned_page_come_back(angle):
    box = (0.1, 0.2, 0.5, 0.3)
    there = turned_back(box, angle)
    assert turned_back(there, (360 - angle) % 360) == pytest.approx(box)
    assert there[0] < there[2]
    assert there[1] < there[3]
