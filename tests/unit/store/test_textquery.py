"""What was typed becomes a query without operators."""

from __future__ import annotations

import pytest

from surefoot.store.textquery import MAX_QUERY_CHARS, keyword_query


@pytest.mark.parametrize("text", ["", " \t", "?!", "。，", "😀", "\x00"])
def test_nothing_to_look_for(text):
    assert keyword_query(text, "t") is None


def test_words_are_matched_as_they_stand():
    query = keyword_query('"a AND" (b', "t")
    assert type(query).__name__ == "MatchQuery"
    assert query.query == '"a AND" (b'


@pytest.mark.parametrize("text", ["知识产权", "“侵权诉讼”？"])
def test_one_chinese_term_is_a_phrase_as_well(text):
    assert type(keyword_query(text, "t")).__name__ == "BooleanQuery"


@pytest.mark.parametrize("text", ["如何申请知识产权的保护？", "patent 专利", "专"])
def test_other_chinese_questions_are_words(text):
    assert type(keyword_query(text, "t")).__name__ == "MatchQuery"


def test_long_texts_are_cut():
    assert len(keyword_query("字" * 10_000, "t").query) == MAX_QUERY_CHARS
