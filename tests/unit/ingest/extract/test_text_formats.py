from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date

import pytest

from surefoot.core.errors import DataError
from surefoot.core.roles import Extracted

ReadAs = Callable[..., Extracted]


@pytest.mark.parametrize(
    ("front", "title", "text"),
    [
        ("title: Leave policy\nauthor: Ann Lee\ntags: [hr, leave]", "Leave policy", "Ask HR."),
        ("title: 请假制度\nauthor: 李安\ntags:\n  - 人事\n  - 请假", "请假制度", "请联系人事部。"),
    ],
)
def test_front_matter_moves_to_the_meta_values(
    read_as: ReadAs, front: str, title: str, text: str
) -> None:
    found = read_as("a.md", f"---\n{front}\ndate: 2024-05-01\n---\n# Heading\n\n{text}\n")
    assert found.text == f"# Heading\n\n{text}\n"
    assert found.title == title
    assert found.meta["created"] == date(2024, 5, 1).isoformat()
    assert len(found.meta["tags"]) == 2  # type: ignore[arg-type]
    assert found.markup == "markdown"


def test_toml_front_matter_is_read(read_as: ReadAs) -> None:
    found = read_as("a.md", '+++\ntitle = "Plan"\ndraft = true\n+++\nText\n')
    assert (found.title, found.text, found.meta["draft"]) == ("Plan", "Text\n", True)


@pytest.mark.parametrize(
    "text", ["---\nnot: [closed\n---\nbody\n", "---\n\nA rule above\n\n---\nbody\n", "--- x\n"]
)
def test_what_is_no_front_matter_stays(read_as: ReadAs, text: str) -> None:
    assert read_as("a.md", text).text == text


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("# First steps { #first-steps }", "First steps"),
        ("# **第一步** { #a }", "第一步"),
        ("# [A](b.md) `c`", "A c"),
    ],
)
def test_the_first_heading_is_the_title(read_as: ReadAs, heading: str, title: str) -> None:
    assert read_as("a.md", f"text\n\n{heading}\n\nmore").title == title


def test_a_comment_in_code_is_no_title(read_as: ReadAs) -> None:
    assert read_as("a.md", "```python\n# a comment\n```\n\n## 安装\n").title == "安装"


def test_plain_text_keeps_its_lines_and_names_its_language(read_as: ReadAs) -> None:
    found = read_as(
        "a.txt", "差旅报销制度\n\n所有员工出差前须填写申请单，由部门经理批准。\n".encode("gb18030")
    )
    assert found.title == "差旅报销制度"
    assert found.meta["language"] == "zh"
    assert found.markup == "plain"
    english = read_as(
        "b.txt", "Every employee fills in a form before a journey, and the manager approves it."
    )
    assert english.meta["language"] == "en"


def test_form_feeds_start_pages(read_as: ReadAs) -> None:
    found = read_as("a.txt", "Page one\n\fPage two\n\f第三页\n")
    assert [found.text[start:].split("\n")[0] for start in found.pages] == [
        "Page one",
        "Page two",
        "第三页",
    ]
    assert found.meta["pages"] == 3
    assert "\f" not in found.text


def test_source_code_is_kept_to_the_letter(read_as: ReadAs) -> None:
    code = "def f():\n\treturn '\\#中文'\n\f\n"
    found = read_as("tool.py", code)
    assert (found.text, found.markup, found.title) == (code, "code", "tool.py")
    assert read_as("Makefile", "all:\n\techo\n").markup == "code"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_rows_become_a_table_whatever_divides_them(read_as: ReadAs, delimiter: str) -> None:
    rows = [
        ["编号", "name", "说明"],
        ["1", "a|b" if delimiter != "|" else "ab", "x y"],
        ["2", "", "第二"],
    ]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    found = read_as("t.csv", text)
    lines = found.text.strip().split("\n")
    assert lines[0] == "| 编号 | name | 说明 |"
    assert lines[1] == "| --- | --- | --- |"
    assert lines[3] == "| 2 |  | 第二 |"
    assert found.meta["rows"] == 2


@pytest.mark.parametrize("text", ["a,b\r1,2\r3,4", 'a,b\n"1\r\n1",2\n3,4', "a,b\n1,2\r\n3,4\n\n"])
def test_bare_carriage_returns_do_no_harm(read_as: ReadAs, text: str) -> None:
    lines = read_as("t.csv", text).text.strip().split("\n")
    assert len(lines) == 4
    assert lines[-1] == "| 3 | 4 |"


def test_a_cell_beyond_the_csv_limit_is_kept_as_text(read_as: ReadAs) -> None:
    before = csv.field_size_limit(100_000)
    found = read_as("t.csv", "a,b\n" * 60 + "1," + "x" * 200_000)
    csv.field_size_limit(before)
    assert len(found.text) > 200_000
    assert "plain text" in found.notes[0]


def test_one_column_stays_lines(read_as: ReadAs) -> None:
    assert read_as("t.csv", "甲\n乙\n丙\n").text == "甲\n乙\n丙\n"


def test_json_values_stand_with_their_path(read_as: ReadAs) -> None:
    value = {
        "title": "Plan",
        "team": {"lead": "李安"},
        "tags": ["a", "b"],
        "items": [{"n": 1, "ok": True}, {"n": 2}],
    }
    found = read_as("a.json", json.dumps(value))
    assert "team.lead: 李安" in found.text
    assert "tags: a, b" in found.text
    assert "items[0].ok: true" in found.text
    assert "\n\nitems[1].n: 2" in found.text
    assert found.title == "Plan"


def test_json_lines_are_records_apart(read_as: ReadAs) -> None:
    assert read_as("a.jsonl", '{"问": "一"}\n\n{"问": "二"}\n').text == "问: 一\n\n问: 二\n"


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 50_000, '{"a": 1', "{'a': 1}"])
def test_json_that_cannot_be_parsed_is_kept_as_text(read_as: ReadAs, text: str) -> None:
    found = read_as("a.json", text)
    assert found.text == text
    assert "plain text" in found.notes[0]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_xml_elements_stand_with_their_path(read_as: ReadAs, encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><书 xmlns="urn:x"><国 id="7"><名>中国</名><首都>北京</首都></国>'
        "<国><名>France</名></国><段>a <b>bold</b> word</段></书>"
    )
    found = read_as("a.xml", text.encode(encoding))
    assert "国.名: 中国\n国.首都: 北京" in found.text
    assert "国@id: 7" in found.text
    assert "段: a bold word" in found.text


BOMB = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]><l>&b;</l>'
OUTSIDE = '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'
PARAMETER = '<!DOCTYPE l [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><l/>'


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, PARAMETER])
def test_xml_entities_are_refused(read_as: ReadAs, text: str) -> None:
    with pytest.raises(DataError, match="entities"):
        read_as("a.xml", text)


def test_malformed_xml_says_where(read_as: ReadAs) -> None:
    with pytest.raises(DataError, match=r"line 1, column"):
        read_as("a.xml", "<a><b></a>")


def test_deep_xml_does_not_overflow(read_as: ReadAs) -> None:
    assert "深" in read_as("a.xml", "<a>" * 5_000 + "深" + "</a>" * 5_000).text


def test_notebook_cells_keep_their_order_and_text_output(read_as: ReadAs) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# 分析\n", "说明"]},
        {
            "cell_type": "code",
            "source": "print('hi')",
            "outputs": [
                {"output_type": "stream", "text": ["hi\n"]},
                {
                    "output_type": "display_data",
                    "data": {"image/png": "AAAA", "text/plain": "<Figure>"},
                },
                {"output_type": "error", "ename": "ValueError", "evalue": "bad"},
            ],
        },
    ]
    book = {"cells": cells, "metadata": {"kernelspec": {"language": "python"}}, "nbformat": 4}
    found = read_as("a.ipynb", json.dumps(book))
    assert found.text.startswith("# 分析\n说明\n\n```python\nprint('hi')\n```\n\n```text\nhi\n```")
    assert "ValueError: bad" in found.text
    assert "AAAA" not in found.text
    assert found.title == "分析"


@pytest.mark.parametrize("text", ["[1]", "{", '"x"'])
def test_what_is_no_notebook_says_so(read_as: ReadAs, text: str) -> None:
    with pytest.raises(DataError, match="notebook"):
        read_as("a.ipynb", text)


VTT = """WEBVTT

NOTE not spoken

1
00:01.000 --> 00:03.500 align:left
<v 张伟>大家好，

00:03.600 --> 00:05.000
<v 张伟>今天介绍<b>新</b>系统。

01:02:10.000 --> 01:02:12.000
<v Ann>Questions &amp; answers
"""


def test_subtitles_become_timed_paragraphs(read_as: ReadAs) -> None:
    found = read_as("a.vtt", VTT)
    assert (
        found.text
        == "[00:00:01] 张伟: 大家好，今天介绍新系统。\n\n[01:02:10] Ann: Questions & answers\n"
    )
    assert found.meta["seconds"] == 3732.0


def test_srt_in_gb18030_is_read(read_as: ReadAs) -> None:
    text = "1\r\n00:00:01,000 --> 00:00:02,000\r\n第一句话\r\n\r\n2\r\n00:00:02,100 --> 00:00:04,000\r\n第二句话\r\n"
    assert read_as("a.srt", text.encode("gb18030")).text == "[00:00:01] 第一句话第二句话\n"
