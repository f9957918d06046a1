from __future__ import annotations

import pytest

from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.optimize.hybrid.dividing import Judged, divide

TYPICAL = {
    "en": "Write the ticket line for the broken printer number {}",
    "zh": "请写出第{}号打印机故障的工单",
}
FACTUAL = {
    "en": "In which year was harbour {} of the island built?",
    "zh": "岛上第{}座港口是哪一年建成的？",
}
RECENT = {
    "en": "Write the ticket line for the printer {} that broke yesterday",
    "zh": "请写出昨天第{}号打印机故障的工单",
}


@pytest.fixture(scope="module")
def encoder():
    return HashEncoder(HashSettings(dimensions=64))


def judged(texts, n, tuned, retrieving):
    return [
        Judged(texts.format(i), f"{texts[:5]}{i}", tuned, retrieving, 10.0, 30.0) for i in range(n)
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_kind_of_question_goes_to_the_half_that_answers_it(encoder, lang):
    questions = [*judged(TYPICAL[lang], 25, 1, 0), *judged(FACTUAL[lang], 25, 0, 1)]
    found = divide(questions, encoder)
    assert found.quality > 0.9
    assert 0.4 <= found.share <= 0.6
    assert found.cost < 30
    assert set(found.division.typical) == {one.question for one in questions[:25]}
    assert set(found.division.factual) == {one.question for one in questions[25:]}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_questions_that_both_answer_go_where_it_is_cheaper(encoder, lang):
    questions = [*judged(TYPICAL[lang], 25, 1, 1), *judged(FACTUAL[lang], 25, 0, 1)]
    found = divide(questions, encoder)
    assert found.quality > 0.95
    assert found.share > 0.3


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_recent_questions_go_to_the_search_where_that_pays(encoder, lang):
    questions = [
        *judged(TYPICAL[lang], 25, 1, 0),
        *judged(FACTUAL[lang], 25, 0, 1),
        *judged(RECENT[lang], 25, 0, 1),
    ]
    found = divide(questions, encoder)
    assert found.quality > 0.9


def test_the_same_seed_divides_alike(encoder):
    questions = [*judged(TYPICAL["en"], 20, 1, 0), *judged(FACTUAL["en"], 20, 0, 1)]
    assert divide(questions, encoder, seed=3) == divide(questions, encoder, seed=3)


def test_questions_of_the_training_are_further_examples(encoder):
    questions = [*judged(TYPICAL["en"], 3, 1, 0), *judged(FACTUAL["en"], 20, 0, 1)]
    assert divide(questions, encoder) is None
    taught = [TYPICAL["en"].format(i) for i in range(100, 130)]
    found = divide(questions, encoder, taught)
    assert found.quality > 0.9
    assert set(taught) <= set(found.division.typical)


def test_what_is_not_answered_better_is_not_divided(encoder):
    questions = [*judged(TYPICAL["en"], 20, 0, 1), *judged(FACTUAL["en"], 20, 0, 1)]
    assert divide(questions, encoder) is None


def test_a_division_that_only_chance_supports_promises_little(encoder):
    """Which half is right is drawn by chance: no way of dividing tells it on questions it was not learnt from."""
    questions = []
    for i in range(60):
        right = (i * 7919) % 97 < 48
        questions += judged(f"Question {i} {{}} on the harbour", 1, right, not right)
    found = divide(questions, encoder)
    assert found is None or found.quality < 0.75
