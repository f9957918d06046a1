"""One definition of a hallucination for all arms; refusals of both kinds."""

from __future__ import annotations

import pytest

from surefoot.core.types import EvalCase
from surefoot.evaluate.scoring import Row
from surefoot.optimize.compare.hallucination import (
    HALLUCINATION,
    REFUSED_RIGHTLY,
    REFUSED_WRONGLY,
    UNGROUNDED,
    truth_scores,
    untrue,
)


def row(name="q", *, answerable=True, said="x", refused=False, failure=None, **more):
    return Row(
        name, "?", "en", answerable=answerable, metrics=more, answer=said, refused=refused,
        failure=failure,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (row(contains_gold=1.0), 0.0),
        (row(contains_gold=0.0), 1.0),
        (row(contains_gold=0.0, numeric_match=1.0), 0.0),
        (row(answer_contains=0.0, slot_f1=0.5), 1.0),
        (row(contains_gold=0.0, refused=True), 0.0),
        (row(contains_gold=0.0, failure="no model", said=None), 0.0),
        (row(accuracy=0.0), 1.0),
        (row(answerable=False), 1.0),
        (row(answerable=False, refused=True), 0.0),
        (row(answerable=False, failure="broken", said=None), 0.0),
        (row(rouge_l=0.1), None),
        (row(keyword_f1=0.0), None),
    ],
)
def test_what_is_untrue(asked, expected):
    assert untrue(None, asked) == expected


@pytest.mark.parametrize(
    ("question", "gold", "said", "expected"),
    [
        (
            "Alimentum is cheap.",
            "name[Alimentum], price[low]",
            "name[Alimentum], price[cheap]",
            0.0,
        ),
        ("Alimentum is cheap.", "name[Alimentum]", "name[Alimentum], area[riverside]", 1.0),
        ("Alimentum is cheap.", "name[Alimentum]", "name[Alimentum], familyFriendly[no]", 0.0),
        ("潮汐餐厅很便宜。", "名称[潮汐餐厅]", "名称[潮汐餐厅]，地区[河边]", 1.0),
        ("潮汐餐厅很便宜。", "名称[潮汐餐厅]，价格[低]", "名称[潮汐餐厅]，价格[便宜]", 0.0),
    ],
)
def test_a_value_that_stands_nowhere_is_invented(question, gold, said, expected):
    case = EvalCase("q", question, "en", answers=(gold,))
    assert untrue(case, row(said=said, slot_f1=0.5)) == expected


def test_rates_are_over_the_questions_they_speak_of():
    rows = [
        row("a", contains_gold=1.0, groundedness=1.0),
        row("b", contains_gold=0.0, groundedness=0.5),
        row("c", contains_gold=0.0, refused=True),
        row("d", answerable=False, refused=True),
        row("e", answerable=False),
    ]
    found = truth_scores({}, rows)
    assert (found[HALLUCINATION].value, found[HALLUCINATION].n) == (2 / 5, 5)
    assert (found[REFUSED_RIGHTLY].value, found[REFUSED_RIGHTLY].n) == (1 / 2, 2)
    assert (found[REFUSED_WRONGLY].value, found[REFUSED_WRONGLY].n) == (pytest.approx(1 / 3), 3)
    assert found[UNGROUNDED].value == pytest.approx(0.25)
    assert found[UNGROUNDED].low < 0.25 < found[UNGROUNDED].high


def test_what_the_questions_do_not_allow_is_left_out():
    found = truth_scores({}, [row(rouge_l=0.3)])
    assert set(found) == {REFUSED_WRONGLY}
