"""Bounds of the kept answers: how many, how large, how old."""

from __future__ import annotations

from dataclasses import replace

import pytest

import surefoot
from surefoot.core.types import Answer, Note, Query, Turn
from surefoot.run.workspace import Asked
from surefoot.serve.live.answers import AnswerCache, AnswerKey, may_be_kept


def key(name, version="v1"):
    return AnswerKey("house", version, name)


def answer(text):
    return Asked(Turn(Query("?"), answer=Answer(text)), "0" * 32)


def test_the_longest_not_asked_for_goes_first():
    held = AnswerCache(2, 1_000_000, 60)
    for name in ("one", "two"):
        held.put(key(name), answer(name), 0, held.age)
    assert held.get(key("one"), 1).turn.answer.text == "one"
    held.put(key("three"), answer("three"), 2, held.age)
    assert held.get(key("two"), 3) is None
    assert held.get(key("one"), 3) and held.get(key("three"), 3)
    assert held.held[0] == 2


@pytest.mark.parametrize("letter", ["a", "退"])
def test_bytes_are_bounded(letter):
    held = AnswerCache(100, 20_000, 60)
    for number in range(30):
        held.put(key(str(number)), answer(letter * 1500 + str(number)), 0, held.age)
        assert held.held[1] <= 20_000
    assert 1 < held.held[0] < 30
    held.put(key("large"), answer(letter * 50_000), 0, held.age)
    assert held.get(key("large"), 0) is None


def test_old_ones_and_those_of_another_corpus_go():
    held = AnswerCache(10, 1_000_000, 60)
    held.put(key("one"), answer("one"), 0, held.age)
    assert held.get(key("one"), 59.9) and held.get(key("one"), 60) is None
    held.put(key("one"), answer("one"), 100, held.age)
    assert held.get(key("two", "v2"), 100) is None
    assert held.held == (0, 0)


def test_an_answer_that_was_begun_before_it_was_emptied_is_not_kept():
    held = AnswerCache(10, 1_000_000, 60)
    age = held.age
    held.clear()
    held.put(key("one"), answer("one"), 0, age)
    assert held.held == (0, 0)


def test_only_whole_answers_are_kept(tmp_path):
    with surefoot.open(tmp_path) as space:
        kept = answer("one")
        assert may_be_kept(kept, space.solution)
        steady, failed = Note("search", "few words known", steady=True), Note("search", "left out")
        assert may_be_kept(replace(kept, turn=replace(kept.turn, notes=(steady,))), space.solution)
        for turn in (replace(kept.turn, notes=(steady, failed)), replace(kept.turn, answer=None)):
            assert not may_be_kept(replace(kept, turn=turn), space.solution)
        outside = {"stages": [{"kind": "federate", "engines": []}, {"kind": "quote"}]}
        with space.varied(outside) as other:
            assert not may_be_kept(kept, other.solution)
