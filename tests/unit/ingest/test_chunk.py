"""The chunker keeps spans exact and budgets whole, in English, Chinese and mixed Markdown."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surefoot.core.types import Document
from surefoot.ingest.chunk import StructureChunker, StructureSettings


class CountingEncoder:
    """Counts four Latin letters, one Han character or one mark as a token, and four tokens of frame."""

    digest, dimensions, max_tokens = "counting", 2, 512

    def count_tokens(self, texts):
        return [4 + len(re.findall(r"[a-zA-Z0-9]{1,4}|[^\sa-zA-Z0-9]", text)) for text in texts]

    def embed_passages(self, texts):
        return np.zeros((len(texts), 2), dtype=np.float32)

    embed_queries = embed_passages

    def close(self):
        return None


def chunker(max_tokens=480, **values):
    return StructureChunker(StructureSettings(max_tokens=max_tokens, **values), CountingEncoder())


def document(text, *, title="", markup="markdown", pages=()):
    return Document("d", "d.md", "x", text, title=title, markup=markup, pages=pages)


EN = st.sampled_from(
    [
        "The reset link expires after one hour.",
        "See section 4.2 of the manual, e.g. the table below; it lists codes.",
        "Dr. Smith paid $3.50 for it!",
        "supercalifragilistic" * 9,
        "Why? Because the pump was off.",
    ]
)
ZH = st.sampled_from(
    [
        "重置链接一小时后失效。",
        "请联系管理员，电话：010-1234；邮箱见下表！",
        "知识产权" * 20,
        "为什么？因为泵已关闭。",
    ]
)
SENTENCE = st.one_of(EN, ZH)
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=9).map(" ".join)
HEADING = st.tuples(
    st.integers(1, 4), st.sampled_from(["Reset", "安装 说明", "A `b` c", "第一章"])
).map(lambda pair: "#" * pair[0] + " " + pair[1])
LIST = st.lists(SENTENCE, min_size=1, max_size=8).map(
    lambda items: "\n".join(f"- {i}" for i in items)
)
TABLE = st.lists(SENTENCE, min_size=1, max_size=30).map(
    lambda rows: "| name | 值 |\n|---|---|\n" + "\n".join(f"| {row} | 1 |" for row in rows)
)
FENCE = st.lists(st.sampled_from(["x = 1", "# not a heading", "", "| a | b |"]), max_size=30).map(
    lambda lines: "```py\n" + "\n".join(lines) + "\n```"
)
ANY = st.text(max_size=80)
TEXT = st.lists(
    st.one_of(PARAGRAPH, HEADING, LIST, TABLE, FENCE, ANY), min_size=0, max_size=12
).flatmap(lambda parts: st.sampled_from(["\n\n", "\n"]).map(lambda gap: gap.join(parts)))


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(TEXT, st.sampled_from([24, 60, 200]), st.sampled_from(["markdown", "plain", "code"]))
def test_chunks_are_exact_ordered_complete_and_within_budget(text, max_tokens, markup):
    made = document(text, title="Guide 指南", markup=markup)
    cut = chunker(max_tokens)
    chunks = cut.chunk(made)
    assert chunks == chunker(max_tokens).chunk(made)
    assert [c.index for c in chunks] == list(range(len(chunks)))
    assert len({c.id for c in chunks}) == len(chunks)
    end = 0
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end]
        assert chunk.text == chunk.text.strip() != ""
        assert not text[end : chunk.start].strip()
        assert chunk.start >= end
        end = chunk.end
    assert not text[end:].strip()
    counts = cut._encoder.count_tokens([cut.indexed_text(c) for c in chunks])
    assert max(counts, default=0) <= max_tokens


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TEXT, st.sampled_from([1, 2]))
def test_overlap_repeats_sentences_and_keeps_the_budget(text, sentences):
    cut = chunker(60, overlap=sentences)
    chunks = cut.chunk(document(text))
    end = 0
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end]
        assert not text[end : chunk.start].strip() or chunk.start < end
        assert chunk.end > end
        end = chunk.end
    assert max(cut._encoder.count_tokens([cut.indexed_text(c) for c in chunks]), default=0) <= 60


@pytest.mark.parametrize(
    "text", ["# A\n\nShort text.\n\n## B\n\nMore text.", "# 甲\n\n短文。\n\n## 乙\n\n更多文字。"]
)
def test_a_document_that_fits_is_not_cut(text):
    (chunk,) = chunker().chunk(document("\n\n" + text + "\n", title="T"))
    assert chunk.text == text
    assert chunk.start == 2


@pytest.mark.parametrize(
    ("word", "mark"), [("alpha beta gamma delta", ". "), ("甲乙丙丁戊己庚辛", "。")]
)
def test_long_sections_are_cut_between_sentences_into_like_sizes(word, mark):
    sentence = f"X{word}{mark}"
    chunks = chunker(100).chunk(document(sentence * 60))
    sizes = [len(c.text) for c in chunks]
    assert min(sizes) * 1.5 >= max(sizes)
    assert all(c.text.startswith("X") and c.text.endswith(mark.strip()) for c in chunks)


@pytest.mark.parametrize("body", ["The pump is off now. ", "泵现在关闭了。"])
def test_sections_keep_their_heading_path_and_stay_apart(body):
    text = f"# Guide\n\n{body * 40}\n\n## Pump\n\n{body * 40}\n\n## 安装\n\n{body * 40}\n"
    cut = chunker(400, pack_tokens=0)
    chunks = cut.chunk(document(text, title="Guide"))
    assert {c.headings for c in chunks} == {("Guide",), ("Guide", "Pump"), ("Guide", "安装")}
    pump = [c for c in chunks if c.headings == ("Guide", "Pump")]
    assert pump[0].text.startswith("## Pump")
    assert cut.indexed_text(pump[0]).startswith("Guide\n## Pump")


def test_small_sections_are_packed_with_their_siblings_and_never_a_bare_heading():
    text = "".join(f"# Big {i}\n\n## Small {i}\n\nTen words of text.\n\n" for i in range(40))
    packed = chunker(120).chunk(document(text))
    alone = chunker(120, pack_tokens=0).chunk(document(text))
    assert len(packed) < len(alone)
    assert all("Ten words" in chunk.text for chunk in [*packed, *alone])


@pytest.mark.parametrize(("head", "cell"), [("name", "value"), ("名称", "数值")])
def test_a_long_table_is_cut_by_rows_with_its_header_repeated(head, cell):
    rows = "\n".join(f"| {cell}{i} | {i} |" for i in range(100))
    text = f"# T\n\n| {head} | n |\n|---|---|\n{rows}\n"
    cut = chunker(120)
    chunks = cut.chunk(document(text))
    assert len(chunks) > 3
    for chunk in chunks[1:]:
        assert chunk.text.startswith(f"| {cell}")
        assert cut.indexed_text(chunk).startswith(f"T\n| {head} | n |\n|---|---|\n| {cell}")
        assert chunk.text.endswith("|")
    small = chunker(480).chunk(
        document("# T\n\n" + "word " * 600 + "\n\n| a | b |\n|--|--|\n| 1 | 2 |")
    )
    assert sum("| a | b |" in chunk.text and "| 1 | 2 |" in chunk.text for chunk in small) == 1


def test_headings_inside_code_are_code():
    text = "# Real\n\n" + "```\n# fake\n```\n\n" + "word " * 600
    assert {c.headings for c in chunker(100).chunk(document(text))} == {("Real",)}


def test_plain_chinese_chapters_are_headings():
    text = (
        "第一章 总则\n" + "本法自公布之日起施行。" * 60 + "\n第二章 权利\n" + "公民有权查询。" * 60
    )
    chunks = chunker(200).chunk(document(text, markup="plain"))
    assert {c.headings for c in chunks} == {("第一章 总则",), ("第二章 权利",)}


def test_pages_count_from_one():
    text = "word " * 300 + "\n" + "term " * 300
    pages = (0, text.index("term"))
    chunks = chunker(100).chunk(document(text, pages=pages))
    assert chunks[0].page == 1
    assert chunks[-1].page == 2
    assert chunker(100).chunk(document(text))[0].page is None


@pytest.mark.parametrize(
    ("title", "text"), [("Reset", "Reset your password"), ("重置", "重置密码")]
)
def test_a_title_that_the_text_begins_with_is_not_repeated(title, text):
    cut = chunker()
    (chunk,) = cut.chunk(document(text, title=title))
    assert cut.indexed_text(chunk) == text
    (other,) = cut.chunk(document("About it.", title=title))
    assert cut.indexed_text(other) == f"{title}\nAbout it."


def test_the_same_text_keeps_its_chunk_id_when_the_rest_changes():
    sections = [f"# S{i}\n\n" + f"Sentence {i} of it. " * 30 for i in range(5)]
    before = chunker(120).chunk(document("\n\n".join(sections)))
    sections[2] = "# S2\n\nRewritten."
    after = chunker(120).chunk(document("\n\n".join(sections)))
    assert len({c.id for c in before} & {c.id for c in after}) >= 6


def test_endless_titles_leave_room_for_text():
    cut = chunker(40)
    chunks = cut.chunk(
        document("# " + "long heading " * 80 + "\n\n" + "word " * 200, title="t " * 200)
    )
    assert "".join("".join(c.text.split()) for c in chunks).endswith("word")
    assert max(cut._encoder.count_tokens([cut.indexed_text(c) for c in chunks])) <= 40


@pytest.mark.parametrize("head", ["name", "名称"])
def test_every_part_of_a_very_long_table_has_its_header(head):
    text = f"| {head} | n |\n|---|---|\n" + "".join(f"| value {i} | {i} |\n" for i in range(9000))
    cut = chunker(400)
    chunks = cut.chunk(document(text))
    assert all(f"| {head} | n |" in cut.indexed_text(chunk) for chunk in chunks)
    assert max(cut._encoder.count_tokens([cut.indexed_text(c) for c in chunks])) <= 400


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "# " + "[" * 100_000,
        "# a" + " " * 100_000 + "b",
        "a | b\n" + " " * 50_000 + "| -x",
        "字" * 50_000,
    ],
)
def test_hostile_lines_are_cut_in_linear_time(text):
    chunks = chunker().chunk(document(text))
    assert all(chunk.text == text[chunk.start : chunk.end] for chunk in chunks)
