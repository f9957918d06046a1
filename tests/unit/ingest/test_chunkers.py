"""Fixed, sentence, window and semantic chunkers: exact spans, whole budgets, nothing lost, in two languages."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from surefoot.core.types import Document
from surefoot.ingest.chunk import StructureChunker, StructureSettings
from surefoot.ingest.chunkers.fixed import FixedChunker, FixedSettings
from surefoot.ingest.chunkers.semantic import SemanticChunker, SemanticSettings
from surefoot.ingest.chunkers.sentence import SentenceChunker, SentenceSettings
from surefoot.ingest.chunkers.window import WindowChunker, WindowSettings


class TopicEncoder:
    """Four Latin letters, one Han character or one mark is a token; a text about pumps points another way."""

    digest, dimensions, max_tokens = "topic", 2, 512

    def count_tokens(self, texts):
        return [4 + len(re.findall(r"[a-zA-Z0-9]{1,4}|[^\sa-zA-Z0-9]", text)) for text in texts]

    def embed_passages(self, texts):
        about = [any(word in text for word in ("pump", "泵")) for text in texts]
        return np.array([[1.0, 0.1] if one else [0.1, 1.0] for one in about], np.float32)

    embed_queries = embed_passages

    def close(self):
        return None


def document(text, **values):
    return Document("d", "d.md", "x", text, **values)


def fixed(**values):
    return FixedChunker(FixedSettings(**values), TopicEncoder())


def sentence(**values):
    return SentenceChunker(SentenceSettings(**values), TopicEncoder())


def window(**values):
    return WindowChunker(WindowSettings(**values), TopicEncoder())


def semantic(**values):
    return SemanticChunker(SemanticSettings(**values), TopicEncoder())


def structure(**values):
    return StructureChunker(StructureSettings(**values), TopicEncoder())


SENTENCES = st.sampled_from(
    [
        "The reset link expires after one hour.",
        "See section 4.2 of the manual, e.g. the table below; it lists codes.",
        "Dr. Smith paid $3.50 for the pump!",
        "supercalifragilistic" * 9,
        "重置链接一小时后失效。",
        "请联系管理员，电话：010-1234；水泵邮箱见下表！",
        "知识产权" * 20,
    ]
)
PARAGRAPH = st.lists(SENTENCES, min_size=1, max_size=6).map(" ".join)
HEADING = st.tuples(st.integers(1, 3), st.sampled_from(["Reset", "安装 说明", "A `b` c"])).map(
    lambda pair: "#" * pair[0] + " " + pair[1]
)
TABLE = st.lists(SENTENCES, min_size=1, max_size=8).map(
    lambda rows: "| name | 值 |\n|---|---|\n" + "\n".join(f"| {row} | 1 |" for row in rows)
)
FENCE = st.lists(st.sampled_from(["x = 1", "# not a heading", ""]), max_size=9).map(
    lambda lines: "```py\n" + "\n".join(lines) + "\n```"
)
TEXT = st.lists(
    st.one_of(PARAGRAPH, HEADING, TABLE, FENCE, st.text(max_size=60)), max_size=8
).flatmap(lambda parts: st.sampled_from(["\n\n", "\n", " "]).map(lambda gap: gap.join(parts)))
MADE = st.sampled_from(
    [
        lambda budget: fixed(max_tokens=budget),
        lambda budget: fixed(max_tokens=budget, overlap=budget // 4),
        lambda budget: fixed(max_tokens=budget, size_chars=90, overlap=20),
        lambda budget: sentence(max_tokens=budget, sentences=3),
        lambda budget: sentence(max_tokens=budget, sentences=4, overlap=2),
        lambda budget: window(max_tokens=budget, sentences=3, stride=1),
        lambda budget: semantic(max_tokens=budget, min_tokens=budget // 4),
    ]
)


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(TEXT, MADE, st.sampled_from([24, 60, 200]), st.sampled_from(["markdown", "plain", "code"]))
def test_chunks_are_exact_ordered_complete_and_within_budget(text, make, budget, markup):
    cut = make(budget)
    made = document(text, title="Guide 指南", markup=markup)
    chunks = cut.chunk(made)
    assert chunks == make(budget).chunk(made)
    assert [c.index for c in chunks] == list(range(len(chunks)))
    assert len({c.id for c in chunks}) == len(chunks)
    assert [c.start for c in chunks] == sorted(c.start for c in chunks)
    end = 0
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end] == chunk.text.strip() != ""
        assert not text[end : chunk.start].strip()
        end = max(end, chunk.end)
    assert not text[end:].strip()
    counts = TopicEncoder().count_tokens([cut.indexed_text(c) for c in chunks])
    assert max(counts, default=0) <= budget


EN = "The office is warm. Lunch is at noon. Bring a coat. Ask the desk. Close the door. Sign the list."
ZH = "办公室很暖和。午饭在中午。请带外套。请问前台。请关门。请签名。"


@pytest.mark.parametrize("text", [EN, ZH])
def test_sentences_are_counted_and_overlap(text):
    plain = [c.text for c in sentence(sentences=2).chunk(document(text))]
    assert len(plain) == 3
    assert plain[1].startswith(("Bring", "请带"))
    over = [c.text for c in sentence(sentences=3, overlap=1).chunk(document(text))]
    assert [t[:2] for t in over] in (["Th", "Br", "Cl"], ["办公", "请带", "请关"])


@pytest.mark.parametrize("text", [EN, ZH])
def test_a_window_slides_by_its_stride(text):
    chunks = window(sentences=4, stride=2).chunk(document(text))
    assert [c.start for c in chunks][1] < chunks[0].end
    assert chunks[-1].end == len(text)
    assert len(chunks) == 2
    assert len(window(sentences=4, stride=4).chunk(document(text))) == 2
    assert len(window(sentences=2, stride=1).chunk(document(text))) == 5


@pytest.mark.parametrize(
    ("about", "other"),
    [
        (
            "The pump stops. The pump leaks. A pump is loud. ",
            "Tea is hot. Tea is green. Tea is old. ",
        ),
        ("水泵停了。水泵漏水。水泵很响。", "茶很热。茶是绿的。茶很旧。"),
    ],
)
def test_semantic_chunks_end_where_the_subject_changes(about, other):
    text = (about + other + about).strip()
    chunks = semantic(min_tokens=4, max_tokens=60, around=1, percentile=70).chunk(document(text))
    assert [c.start for c in chunks] == [0, len(about), len(about + other)]
    alike = semantic(min_tokens=30, max_tokens=60, around=1, percentile=70).chunk(document(text))
    assert len(alike) < len(chunks)


@pytest.mark.parametrize("text", [EN * 8, ZH * 8])
def test_fixed_chunks_are_full_and_cut_no_word(text):
    made = fixed(max_tokens=60)
    chunks = made.chunk(document(text))
    counts = TopicEncoder().count_tokens([made.indexed_text(c) for c in chunks])
    assert min(counts[:-1]) > 50
    assert not any(
        a.end == b.start and a.text[-1].isascii() and a.text[-1].isalnum() and b.text[0].isalnum()
        for a, b in pairwise(chunks)
    )
    by_chars = fixed(size_chars=50).chunk(document(text))
    assert max(len(c.text) for c in by_chars) <= 50
    assert min(len(c.text) for c in by_chars[:-1]) > 35


@pytest.mark.parametrize("text", [EN * 8, ZH * 8])
def test_fixed_chunks_overlap_by_about_what_is_asked(text):
    plain, over = (fixed(size_chars=60, overlap=n).chunk(document(text)) for n in (0, 20))
    assert len(over) > len(plain)
    shared = [a.end - b.start for a, b in pairwise(over)]
    assert min(shared) > 8
    assert max(shared) <= 30
    tokens = fixed(max_tokens=60, overlap=15).chunk(document(text))
    assert all(b.start < a.end for a, b in pairwise(tokens))


@pytest.mark.parametrize("cut", [sentence(sentences=2), window(sentences=2, stride=1)])
@pytest.mark.parametrize("body", [EN, ZH])
def test_a_section_begins_a_chunk_and_gives_its_heading_path(cut, body):
    text = f"# Guide\n\n## 泵 pump\n\n{body}\n\n## Tea\n\n{body}"
    chunks = cut.chunk(document(text, title="Guide"))
    assert {c.headings for c in chunks} == {("Guide", "泵 pump"), ("Guide", "Tea")}
    assert chunks[0].text.startswith("# Guide")
    assert all("## Tea" not in c.text for c in chunks if c.headings[1] != "Tea")
    inner = next(c for c in chunks if c.headings[1] == "Tea" and "##" not in c.text)
    assert cut.indexed_text(inner).startswith("Guide\nTea\n")


def test_a_fixed_chunk_over_two_sections_has_what_they_share():
    text = "# A\n\n" + "word " * 30 + "\n\n## B\n\n" + "word " * 30
    both, alone = fixed(max_tokens=480), fixed(max_tokens=24)
    assert both.chunk(document(text))[0].headings == ("A",)
    assert alone.chunk(document(text))[-1].headings == ("A", "B")


@pytest.mark.parametrize(
    ("settings_class", "values", "said"),
    [
        (FixedSettings, {"size_chars": 100, "overlap": 60}, "half of size_chars"),
        (FixedSettings, {"max_tokens": 64, "overlap": 40}, "half of max_tokens"),
        (SentenceSettings, {"sentences": 2, "overlap": 2}, "smaller than sentences"),
        (WindowSettings, {"sentences": 2, "stride": 3}, "in no chunk"),
        (SemanticSettings, {"min_tokens": 300}, "half of max_tokens"),
    ],
)
def test_settings_that_cannot_work_say_why(settings_class, values, said):
    with pytest.raises(ValidationError, match=said):
        settings_class(**values)


@pytest.mark.parametrize("make", [fixed, sentence, window, semantic])
def test_more_than_the_encoder_reads_is_never_asked_of_it(make):
    cut = make(max_tokens=4000)
    chunks = cut.chunk(document("知识产权" * 600))
    assert max(TopicEncoder().count_tokens([cut.indexed_text(c) for c in chunks])) <= 512
    assert cut.keeps_budget


@pytest.mark.timeout(20)
@pytest.mark.parametrize("make", [fixed, sentence, window, semantic])
@pytest.mark.parametrize("text", ["字" * 20_000, "a" * 20_000, "Dr. " * 5_000, "# h\n" * 3_000])
def test_hostile_texts_are_cut_in_time(make, text):
    chunks = make().chunk(document(text))
    assert all(chunk.text == text[chunk.start : chunk.end] for chunk in chunks)
    assert structure().chunk(document(text))
