from __future__ import annotations

import json
import re
import tomllib
from importlib import resources

import pytest

from surefoot.core.errors import ConfigError, MissingError
from surefoot.optimize.advise.interview import (
    Answers,
    interview,
    parse_answers,
    read_answers,
)


def test_every_question_and_option_is_worded_in_both_languages():
    for question in interview().questions:
        for said in (question.said, question.short, *(one.said for one in question.options)):
            assert said["en"] and said["zh"]
            assert re.search("[\u4e00-\u9fff]", said["zh"])
            assert not re.search("[\u4e00-\u9fff]", said["en"])


def test_every_text_of_the_advice_is_there_in_both_languages():
    file = resources.files("surefoot.optimize.advise") / "data" / "words.toml"
    todo = [tomllib.loads(file.read_text(encoding="utf-8"))]
    while todo:
        for value in todo.pop().values():
            if set(value) == {"en", "zh"}:
                blanks = [sorted(re.findall(r"\{\w+\}", text)) for text in value.values()]
                assert blanks[0] == blanks[1], value
            else:
                todo.append(value)


def test_every_question_has_a_field_of_the_answers():
    assert [one.key for one in interview().questions] == list(Answers.model_fields)
    for question in interview().questions:
        for option in question.options:
            assert getattr(Answers(**{question.key: option.value}), question.key) == option.value


@pytest.mark.parametrize(
    ("key", "said", "meant"),
    [
        ("knowledge", "yes", True),
        ("knowledge", "是", True),
        ("traceable", "No", False),
        ("traceable", "不需要", False),
        ("hallucination", "yes", "costly"),
        ("hallucination", "no", "annoying"),
        ("changes", True, "monthly"),
        ("labelled", "1,800", 1800),
        ("latency", "Second", "second"),
        ("privacy", "don't know", None),
        ("privacy", "不知道", None),
    ],
)
def test_answers_are_taken_as_people_write_them(key, said, meant):
    assert getattr(parse_answers({key: said}), key) == meant


@pytest.mark.parametrize(
    ("raw", "message", "hint"),
    [
        ({"knowledge": "perhaps"}, "neither yes nor no", "yes or no"),
        ({"changes": "often"}, "changes", "never, yearly, monthly, weekly, daily"),
        ({"labelled": "many"}, "labelled", "a number of examples"),
        ({"labelled": -3}, "labelled", "a number of examples"),
        ({"nowledge": True}, "is not a setting", "did you mean knowledge?"),
    ],
)
def test_a_wrong_answer_is_named_with_what_may_be_answered(raw, message, hint):
    with pytest.raises(ConfigError, match=message) as caught:
        parse_answers(raw)
    assert hint in caught.value.hint


@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_answers_are_read_from_a_file(tmp_path, suffix):
    raw = {"knowledge": True, "labelled": 12, "changes": "weekly"}
    text = json.dumps(raw) if suffix == "json" else "knowledge=true\nlabelled=12\nchanges='weekly'"
    file = tmp_path / f"answers.{suffix}"
    file.write_text(text, encoding="utf-8")
    assert read_answers(file) == Answers(**raw)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(MissingError, match="no such file"):
        read_answers(tmp_path / "none.toml")
    for name, text in (("a.toml", "x ="), ("a.json", "{"), ("b.json", "[1]")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError):
            read_answers(tmp_path / name)


def test_what_was_said_goes_before_what_was_seen():
    said, seen = Answers(labelled=5), Answers(labelled=900, hardware="gpu")
    assert said.over(seen) == Answers(labelled=5, hardware="gpu")
    assert [one.key for one in interview().open(said.over(seen))][:2] == ["knowledge", "behaviour"]
