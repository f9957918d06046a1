"""Examples are read from rows in several forms, and chosen without ever showing the question that is asked."""

from __future__ import annotations

import json

import pytest

from surefoot.core.errors import ConfigError, DataError
from surefoot.core.roles import Parts
from surefoot.generate.asking.choosing import Examples, ExampleSettings, Words
from surefoot.generate.asking.examples import Example, read_examples
from surefoot.models.embed_hash import HashEncoder, HashSettings

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
QUESTIONS = {
    "en": ["Who built the harbour?", "When does the library close?", "What does a ticket cost?"],
    "zh": ["谁建了港口？", "图书馆几点关门？", "一张票多少钱？"],
}
ALIKE = {"en": "What is the cost of a ticket today?", "zh": "今天一张票要多少钱？"}
FENCED = "Answer.\n\n(0a1b2c3d) [1] T\nText.\n(0a1b2c3d) end [1]\n\nQuestion: Who built it?"


def write(tmp_path, *rows):
    path = tmp_path / "examples.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join([*lines, "", ""]), encoding="utf-8")
    return path


def no_corpus():
    raise ConfigError("this solution has no [corpus]")


def examples(tmp_path, encoder=None, **settings):
    open_encoder = no_corpus if encoder is None else lambda: encoder
    parts = Parts(no_corpus, open_encoder, None, None, None, lambda name: tmp_path / name)
    return Examples(ExampleSettings(file="examples.jsonl", **settings), parts)


def of(tmp_path, lang):
    return write(tmp_path, *({"question": q, "answer": q[-2]} for q in QUESTIONS[lang]))


@pytest.mark.parametrize(
    ("row", "example"),
    [
        ({"question": "谁？", "answer": "林海"}, Example("谁？", "林海")),
        ({"question": "Who?", "answer": "L", "thoughts": "Hm."}, Example("Who?", "L", "Hm.")),
        ({"id": "1", "question": "Who?", "answers": ["A", "B"]}, Example("Who?", "A")),
        ({"id": "1", "question": "Who?", "answers": [], "answerable": False}, Example("Who?", "")),
        (
            {
                "kind": "chat",
                "id": "1",
                "prompt": [
                    {"role": "system", "content": "S"},
                    {"role": "user", "content": "Who?"},
                ],
                "completion": "L",
                "split": "train",
            },
            Example("Who?", "L"),
        ),
        (
            {"kind": "chat", "prompt": [{"role": "user", "content": FENCED}], "completion": "L"},
            Example(FENCED, "L", whole=True),
        ),
        ({"kind": "pair", "query": "Who?", "positive": "L did."}, Example("Who?", "L did.")),
    ],
)
def test_rows_of_several_forms_are_examples(tmp_path, row, example):
    assert read_examples(write(tmp_path, row)) == (example,)


def test_rows_that_are_kept_apart_and_the_header_are_no_examples(tmp_path):
    rows = [
        {"schema": 1, "evalset": "desk"},
        {"question": "a", "answer": "1", "split": "holdout"},
        {"question": "b", "answer": "2", "split": "dev"},
        {"kind": "pair", "query": "c", "positive": "3", "split": "dev"},
        {"kind": "pair", "query": "d", "positive": "4", "split": "train"},
    ]
    assert [one.question for one in read_examples(write(tmp_path, *rows))] == ["b", "d"]


@pytest.mark.parametrize(
    "text",
    ["[1]", "{", '{"question": "a"}', '{"question": "", "answer": "b"}', "", '{"evalset": "x"}'],
)
def test_a_bad_line_is_named(tmp_path, text):
    path = tmp_path / "examples.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as problem:
        read_examples(path)
    assert str(path) in problem.value.where
    assert '"question"' in problem.value.hint


@BOTH
def test_fixed_examples_are_the_first_of_the_file(tmp_path, lang):
    of(tmp_path, lang)
    chosen = examples(tmp_path, count=2).chosen(ALIKE[lang])
    assert [one.question for one in chosen] == QUESTIONS[lang][:2]


@BOTH
@pytest.mark.parametrize("encoder", [None, HashEncoder(HashSettings())])
def test_the_nearest_example_stands_last(tmp_path, lang, encoder):
    of(tmp_path, lang)
    chosen = examples(tmp_path, encoder, mode="nearest", count=2).chosen(ALIKE[lang])
    assert len(chosen) == 2
    assert chosen[-1].question == QUESTIONS[lang][2]


@BOTH
@pytest.mark.parametrize("mode", ["fixed", "nearest"])
def test_the_question_itself_is_never_shown(tmp_path, lang, mode):
    of(tmp_path, lang)
    asked = f" {QUESTIONS[lang][0].upper()}! "
    chosen = examples(tmp_path, mode=mode, count=3).chosen(asked)
    assert {one.question for one in chosen} == set(QUESTIONS[lang][1:])


def test_a_row_with_passages_that_asks_the_question_is_not_shown(tmp_path):
    write(
        tmp_path,
        {"kind": "chat", "prompt": [{"role": "user", "content": FENCED}], "completion": "L"},
        {"question": "Why?", "answer": "b"},
    )
    (only,) = examples(tmp_path).chosen("who built it")
    assert only.question == "Why?"


@BOTH
def test_words_that_few_texts_have_count_for_more(lang):
    texts = {
        "en": ["the red house", "the red car", "the red boat", "the blue boat of Lena"],
        "zh": ["红色房子", "红色汽车", "红色小船", "蓝色小船"],
    }[lang]
    asked = {"en": "the red boat", "zh": "红色小船"}[lang]
    assert Words(texts).order(asked)[0] == 2
    assert Words(texts).order("")[0] == 0
