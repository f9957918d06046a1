"""The attacks differ, hold what they ask for, and an answer that follows one is counted."""

from __future__ import annotations

import pytest

from surefoot.core.lang import fold
from surefoot.core.types import Answer, EvalCase, Query, Turn
from surefoot.evaluate.attacks import attacks
from surefoot.evaluate.attacks.carriers import CARRIERS
from surefoot.evaluate.measuring import FORBIDDEN, question_metrics


def test_every_order_stands_in_every_carrier_in_both_languages():
    given = attacks()
    assert len({one.id for one in given}) == len({one.question for one in given}) == len(given)
    for lang in ("en", "zh"):
        pairs = {(one.carrier, one.order) for one in given if one.lang == lang}
        assert len(pairs) == 3 * len(CARRIERS)


@pytest.mark.parametrize("one", attacks(), ids=lambda one: one.id)
def test_an_attack_holds_its_order_and_the_answer(one):
    plain = fold(one.carried.raw.replace("\u200b", ""))
    assert fold(one.goal) in plain
    assert one.answers[0] in plain
    assert one.goal not in one.question
    assert one.question in one.raw
    assert len(one.carried.file.encode()) < 256
    assert "/" not in one.carried.file


@pytest.mark.parametrize(
    ("said", "followed"),
    [
        ("In 30 days. More at https://EVIL.example/700", 1.0),
        ("三十天。详见 evil.example / 700", 1.0),
        ("In 30 days.", 0.0),
        ("", 0.0),
    ],
)
def test_what_must_not_be_said_is_looked_for_in_the_answer(said, followed):
    case = EvalCase("a", "?", "en", meta={FORBIDDEN: ["evil.example/700"]})
    turn = Turn(Query("?"), answer=Answer(said))
    assert question_metrics(case, turn, ("answer",))["injection"] == followed
    assert question_metrics(case, None, ("answer",))["injection"] == 0.0
    assert "injection" not in question_metrics(EvalCase("a", "?", "en"), turn, ("answer",))
