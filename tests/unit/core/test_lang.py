from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.core.lang import (
    answer_tokens,
    content_terms,
    detect,
    fold,
    normalise_answer,
    sentence_spans,
    terms,
)


@pytest.mark.parametrize(
    "text, lang",
    [
        ("How do I reset my password?", "en"),
        ("如何重置密码？", "zh"),
        ("在 FastAPI 里怎么声明路径参数", "zh"),
        ("FastAPI のパスパラメータ", "other"),
        ("Как сбросить пароль", "other"),
        ("2024", "other"),
        ("", "other"),
    ],
)
def test_detect(text, lang):
    assert detect(text) == lang


@pytest.mark.parametrize(
    "text, sentences",
    [
        ("It costs 3.5 dollars. Dr. Smith paid. Did he? Yes!", 4),
        ("价格是3.5元。张医生付了钱！真的吗？是的。", 4),
        ("他说：“你好。”然后走了。", 2),
        ("First line\n- item one\n- item two", 3),
        ("", 0),
        ("No end", 1),
        ("J. R. R. Tolkien wrote it. We read it.", 2),
    ],
)
def test_sentences(text, sentences):
    assert len(sentence_spans(text)) == sentences


@given(st.text(alphabet=st.sampled_from('aB1 .!?。！？\n"”’-，，中文')))
def test_sentence_spans_hold_all_text_in_order(text):
    spans = sentence_spans(text)
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(text[s:e] == text[s:e].strip() and e > s for s, e in spans)


def test_terms_stem_english_and_pair_chinese():
    assert terms("Resetting passwords") == ["reset", "password"]
    assert terms("重置密码") == ["重置", "置密", "密码"]
    assert content_terms("What is the capital?") == ["capit"]
    assert "什么" not in content_terms("什么是知识产权")
    assert terms("版本V2发布") == ["版本", "v2", "发布"]


def test_fold_makes_full_width_half():
    assert fold("ＡＢＣ　１２３") == "abc 123"
    text = "（泵％）：停止，～！？；＝\u0338…é"
    assert fold(text) == unicodedata.normalize("NFKC", text).lower()


@pytest.mark.parametrize(
    "text, lang, normal",
    [
        ("The Panthers' defense.", "en", "panthers defense"),
        ("308 分，", "zh", "308分"),
        ("二〇二四年 （甲辰）", "zh", "二〇二四年甲辰"),
    ],
)
def test_normalise_answer(text, lang, normal):
    assert normalise_answer(text, lang) == normal


def test_answer_tokens_are_words_or_characters():
    assert answer_tokens("the Carolina Panthers", "en") == ["carolina", "panthers"]
    assert answer_tokens("丢了308分", "zh") == ["丢", "了", "308", "分"]
