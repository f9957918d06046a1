"""ROUGE-L and chrF against values worked out by hand and by sacrebleu."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.evaluate.metrics import chrf, gold_coverage, rouge_l
from surefoot.evaluate.metrics.sequences import common_subsequence


@pytest.mark.parametrize(
    ("said", "gold", "lang", "expected"),
    [
        # 'police ... gunman' of 3 and 3 words without the article
        ("police killed the gunman", ["police kill the gunman"], "en", 2 / 3),
        ("The gunman police killed [1].", ["police killed the gunman"], "en", 2 / 3),
        ("other words", ["police killed the gunman", "other words"], "en", 1.0),
        ("", ["police"], "en", 0.0),
        # 猫坐在垫子上 and 猫在垫子上 share five in order: 2 * 5 / (6 + 5)
        ("猫坐在垫子上。", ["猫在垫子上"], "zh", 10 / 11),
        ("貓在墊子上", ["猫在垫子上"], "zh", 1.0),
    ],
)
def test_rouge_l(said, gold, lang, expected):
    assert rouge_l(said, gold, lang) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("said", "gold", "expected"),
    [
        # sacrebleu 2.5, sentence chrF2
        ("The cat sat on the mat.", ["The cat is on the mat."], 0.6717273492330232),
        ("猫坐在垫子上。", ["猫在垫子上。"], 0.5891790473273089),
        ("abc", ["abcdefgh"], 0.32250580046403704),
        ("It is a guide to action", ["It is a guide that ensures action", "A guide to action it is"],
         0.7312211209270032),
        ("hello world", ["hello world"], 1.0),
        ("x", ["y"], 0.0),
        ("狗", ["猫坐"], 0.0),
        ("", ["y"], 0.0),
    ],
)  # fmt: skip
def test_chrf_is_that_of_sacrebleu(said, gold, expected):
    assert chrf(said, gold) == pytest.approx(expected)


@given(st.text("abcd", max_size=12), st.text("abcd", max_size=12))
def test_the_common_subsequence_is_that_of_the_table(left, right):
    table = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i, one in enumerate(left, 1):
        for j, other in enumerate(right, 1):
            same = table[i - 1][j - 1] + 1
            table[i][j] = same if one == other else max(table[i - 1][j], table[i][j - 1])
    assert common_subsequence(left, right) == table[-1][-1]


def test_coverage_of_gold_words():
    # content stems of gold: quick, brown, fox, jump
    assert gold_coverage("A fox jumped.", ["The quick brown fox jumps"], "en") == 2 / 4
    # pairs of gold: 水泵 泵红 红色
    assert gold_coverage("水泵坏了", ["水泵红色"], "zh") == 1 / 3
    assert gold_coverage("anything", ["the"], "en") == 0
