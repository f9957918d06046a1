"""What engines send becomes plain passages: freed of tags, invisible signs and false addresses, cut to what fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.core.lang import content_terms
from surefoot.retrieve.engines.http import at
from surefoot.retrieve.engines.results import (
    Result,
    best_part,
    dig,
    hits_of,
    number,
    safe_url,
    without_tags,
    words,
)

LONG = {
    "en": "Nothing of note. " * 40 + "The ferry costs eleven crowns. " + "More of nothing. " * 40,
    "zh": "没有什么特别。" * 60 + "渡船收费十一克朗。" + "还是没有什么。" * 60,
}
ASKED = {"en": "What does the ferry cost?", "zh": "渡船收费多少？"}
TOLD = {"en": "eleven crowns", "zh": "十一克朗"}


@pytest.mark.parametrize("lang", LONG)
def test_of_a_long_text_the_part_that_fits_is_kept_at_its_place(lang):
    [hit] = hits_of([Result(LONG[lang], id="1")], "e", ASKED[lang], 200)
    chunk = hit.chunk
    assert TOLD[lang] in chunk.text
    assert len(chunk.text) <= 200
    assert LONG[lang][chunk.start : chunk.end] == chunk.text
    assert chunk.lang == lang


@given(st.text(max_size=400), st.text(max_size=20), st.integers(1, 60))
def test_a_part_is_a_span_of_the_text_and_never_too_long(text, question, max_chars):
    start, end = best_part(text, frozenset(content_terms(question)), max_chars)
    assert 0 <= start <= end <= len(text)
    assert end - start <= max_chars


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://example.org/a?b=1#c", True),
        ("http://例子.测试/路径", True),
        ("docs/manual.md", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<b>", False),
        ("https://example.org/a b", False),
        ('https://example.org/"onload=', False),
        ("http://[", False),
        ("https://example.org/" + "a" * 3000, False),
    ],
)
def test_only_addresses_are_addresses(given, kept):
    assert safe_url(given) == (given if kept else "")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("The <strong>ferry</strong> costs 11&nbsp;crowns &amp; more", "The ferry costs 11\xa0crowns & more"),
        ("渡船<em>收费</em>十一", "渡船收费十一"),
        ("no tags", "no tags"),
        ("<script>x</script><img src=x onerror=y>", "x"),
    ],
)  # fmt: skip
def test_tags_are_taken_out(given, told):
    assert without_tags(given) == told


def test_invisible_signs_are_taken_out_and_rows_without_text_left_out():
    found = hits_of(
        [Result("a\u200bb\x1b[31m", id="1", title="t\u202ei"), Result(" "), Result("c", id="1")],
        "e",
        "x",
        100,
    )
    assert [(hit.chunk.text, hit.chunk.title) for hit in found] == [("ab[31m", "ti")]


def test_scores_that_rise_do_not_order():
    rising = [Result("a", id="1", score=1.0), Result("b", id="2", score=2.0)]
    assert [hit.score for hit in hits_of(rising, "e", "x", 9)] == [1.0, 0.5]
    falling = [Result("a", id="1", score=3.0), Result("b", id="2", score=2.0)]
    assert [hit.score for hit in hits_of(falling, "e", "x", 9)] == [3.0, 2.0]


def test_values_are_looked_up_by_dots_and_pointers():
    source = {"a.b": 1, "a": {"c": [{"d/e": "x"}, "y"]}}
    assert dig(source, "a.b") == 1
    assert dig(source, "a.c") == [{"d/e": "x"}, "y"]
    assert dig(source, "a.x.y") is None
    assert at(source, "/a/c/0/d~1e") == "x"
    assert at(source, "/a/c/7") is None
    assert at(source, "/a/c/x") is None
    assert at(source, "") == source


def test_only_finite_numbers_are_numbers_and_only_plain_values_words():
    odd = (True, None, "1", float("nan"), float("inf"), 10**400)
    assert [number(value) for value in odd] == [None] * len(odd)
    assert words(["a", 1, None, {"b": 2}, ["c"]]) == "a\n1\nc"
