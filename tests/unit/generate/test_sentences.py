from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from surefoot.generate.sentences import Limits, as_said, units

LIMITS = Limits(max_words=60, max_chars=120)

MIXED = """# Opening hours

The desk opens at nine. It closes at five!
Bring your card.

- Monday is quiet.
- Friday is busy,
  so come early.

| Room | Seats |
|------|-------|
| Blue | 12 |
| Red | 30 |

```python
seats = 12

print(seats)
```
"""
CHINESE = """# 开放时间

服务台九点开门。五点关门！请带上证件。

1. 星期一很安静。
2. 星期五很忙；请早点来。

| 房间 | 座位 |
|---|---|
| 蓝厅 | 12 |
"""


def quoted(text, limits=LIMITS):
    return [(unit.kind, text[unit.start : unit.end]) for unit in units(text, limits)]


def test_sentences_items_rows_and_code_are_units_without_their_marks():
    assert quoted(MIXED) == [
        ("sentence", "The desk opens at nine."),
        ("sentence", "It closes at five!"),
        ("sentence", "Bring your card."),
        ("item", "Monday is quiet."),
        ("item", "Friday is busy,\n  so come early."),
        ("row", "| Blue | 12 |"),
        ("row", "| Red | 30 |"),
        ("code", "seats = 12\n\nprint(seats)"),
    ]


def test_chinese_sentences_items_and_rows_are_units():
    assert quoted(CHINESE) == [
        ("sentence", "服务台九点开门。"),
        ("sentence", "五点关门！"),
        ("sentence", "请带上证件。"),
        ("item", "星期一很安静。"),
        ("item", "星期五很忙；请早点来。"),
        ("row", "| 蓝厅 | 12 |"),
    ]


def test_a_row_knows_the_head_of_its_table_and_a_sentence_its_paragraph():
    rows = [unit for unit in units(MIXED, LIMITS) if unit.kind == "row"]
    assert {row.header for row in rows} == {"| Room | Seats |"}
    first = units(MIXED, LIMITS)[:4]
    assert first[0].block == first[1].block == first[2].block != first[3].block


@pytest.mark.parametrize(
    ("sentence", "limits"),
    [
        (
            "When the rain stopped, the crew went out, and " + "they walked on and on, " * 9,
            (12, 40),
        ),
        ("雨停了以后，船员们出了门，" + "他们一直走下去，" * 9 + "直到天黑。", (12, 40)),
    ],
)
def test_a_long_sentence_is_cut_at_clauses(sentence, limits):
    pieces = [text for _, text in quoted(sentence, Limits(*limits))]
    assert len(pieces) > 1
    assert all(Limits(*limits).fit(piece) for piece in pieces)
    assert all(piece.endswith((",", "，")) for piece in pieces[:-1])
    assert "".join("".join(pieces).split()) == "".join(sentence.split())


def test_a_text_without_any_boundary_is_cut_at_the_limit():
    assert [text for _, text in quoted("字" * 300)] == ["字" * 120, "字" * 120, "字" * 60]


@example("111111AA两，A11两")
@given(st.text(alphabet="ab 。，.\n|-#`1字两A", max_size=200))
def test_units_are_in_order_apart_and_within_the_limits(text):
    limits = Limits(max_words=4, max_chars=9)
    found = units(text, limits)
    assert all(limits.fit(text[unit.start : unit.end]) for unit in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(text[unit.start : unit.end].strip() for unit in found)


@pytest.mark.parametrize(
    "text, kind, said",
    [
        ("The\ncard is blocked.", "sentence", "The card is blocked."),
        ("证书有效期为\n两年。", "sentence", "证书有效期为两年。"),
        ("版本\nV2 发布", "sentence", "版本 V2 发布"),
        ("| 笔记本电脑 | 4年 |", "row", "笔记本电脑 | 4年"),
        ("if a:\n    b()", "code", "if a:\n    b()"),
    ],
)
def test_a_unit_is_said_in_one_line(text, kind, said):
    assert as_said(text, kind) == said
