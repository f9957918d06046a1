"""A split divides no cluster, balances what it can, and is the same each time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.core.errors import ConfigError
from surefoot.core.types import EvalCase
from surefoot.evaluate.evalsets import (
    hanging_together,
    make_evalset,
    near_copies,
    split,
    split_notes,
    unsplit,
)

WORDS = [
    "alpha",
    "bravo",
    "carbon",
    "delta",
    "epsilon",
    "foxtrot",
    "gamma",
    "hotel",
    "india",
    "juliet",
    "kilo",
    "lima",
]


def _case(number, documents=(), **more):
    other = number * 7919
    text = f"{WORDS[number % 12]}{other} {WORDS[number % 11]}{other * 31} {WORDS[number % 7]}?"
    return EvalCase(f"q{number:03}", text, "en", dict.fromkeys(documents, 1), **more)


def _sides(evalset):
    return {case.id: case.split for case in evalset.cases}


def test_cases_that_share_a_document_a_cluster_or_a_question_hang_together():
    cases = [
        _case(0, ["a"]), _case(1, ["a", "b"]), _case(2, ["b"]), _case(3, ["c"], cluster="hr"),
        _case(4, cluster="hr", answerable=False), _case(5, ["d"]),
        EvalCase("z1", "谁是超级碗比赛中年龄最大的四分卫记录保持者？", "zh", {"e": 1}),
        EvalCase("z2", "谁曾是超级碗比赛中年龄最大的四分卫记录保持者？", "zh", {"f": 1}),
    ]  # fmt: skip
    groups = hanging_together(make_evalset("x", cases))
    assert list(groups.values()) == ["q000"] * 3 + ["q003"] * 2 + ["q005", "z1", "z1"]


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.booleans()), min_size=60, max_size=90),
    st.sampled_from([0.3, 0.5]),
    st.integers(0, 3),
)
def test_no_cluster_is_divided_and_the_share_is_kept(drawn, holdout, seed):
    cases = [
        replace(_case(i, [f"d{doc}"] if answerable else ()), lang="zh" if zh else "en", answerable=answerable)
        for i, (doc, zh, answerable) in enumerate(drawn)
    ]  # fmt: skip
    evalset = make_evalset("x", cases)
    parted = split(evalset, holdout, seed)
    assert parted == split(evalset, holdout, seed)
    assert parted.digest == evalset.digest and unsplit(parted) == evalset
    sides = _sides(parted)
    for case, group in hanging_together(evalset).items():
        assert sides[case] == sides[group]
    share = Counter(sides.values())["holdout"] / len(cases)
    assert abs(share - holdout) < 0.1 and split_notes(parted, holdout) == []


def test_language_and_answerability_are_balanced():
    cases = [
        replace(_case(i, [f"d{i}"] if i % 4 else ()), lang="zh" if i % 3 else "en", answerable=i % 4 > 0)
        for i in range(120)
    ]  # fmt: skip
    parted = split(make_evalset("x", cases))
    counts = Counter((case.lang, case.answerable, case.split) for case in parted.cases)
    for lang in ("en", "zh"):
        for answerable in (True, False):
            dev, held = (counts[lang, answerable, side] for side in ("dev", "holdout"))
            assert abs(dev - held) <= 1


def test_another_seed_gives_another_split():
    evalset = make_evalset("x", [_case(i, [f"d{i}"]) for i in range(40)])
    assert _sides(split(evalset)) != _sides(split(evalset, seed=1))


def test_a_split_is_kept_when_questions_join():
    first = split(make_evalset("x", [_case(i, [f"d{i}"]) for i in range(40)]))
    joined = [*first.cases, *(_case(100 + i, [f"d{i}"]) for i in range(20))]
    second = split(make_evalset("x", joined))
    before, after = _sides(first), _sides(second)
    assert all(after[name] == side for name, side in before.items())
    assert all(after[f"q{100 + i}"] == before[f"q{i:03}"] for i in range(20))


def test_one_cluster_over_everything_is_refused():
    evalset = make_evalset("tied", [_case(i, ["all"] if i < 9 else [f"d{i}"]) for i in range(12)])
    with pytest.raises(ConfigError, match="9 of 12 questions hang together"):
        split(evalset)
    with pytest.raises(ConfigError, match="between 0 and 1"):
        split(evalset, holdout=1)


def test_a_torn_or_uneven_split_is_told():
    cases = [_case(i, [f"d{i // 2}"], split="dev" if i else "holdout") for i in range(8)]
    notes = split_notes(make_evalset("x", cases))
    assert any("the holdout has 12%" in note for note in notes)
    assert any("q000" in note and "1 clusters" in note for note in notes)
    bare = make_evalset("x", [_case(i) for i in range(4)])
    assert "4 questions have no split" in split_notes(bare)


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("Who did the National Anthem at Super Bowl 50?", "who did the Super Bowl 50 national anthem", True),
        ("How long do EU transfers take?", "How long do EU transfers take", True),
        ("What was revenue in 2023?", "What was revenue in 2024?", False),
        ("How many people live in Oslo today?", "How many people live in Rome today?", False),
        ("培顿·曼宁参加第 50 届超级碗时多大？", "曼宁参加第５０届超级碗时多大？", True),
        ("第49届超级碗谁赢了？", "第50届超级碗谁赢了？", False),
        ("How do I reset my password?", "怎么重置密码？", False),
    ],
)  # fmt: skip
def test_near_copies_say_the_same_of_the_same(first, second, alike):
    assert bool(list(near_copies([first, second], threshold=0.7))) is alike
