"""Claims are confirmed, refuted or left open as the made-up answers have it; each corrected for all of them."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from surefoot.core.types import Score
from surefoot.optimize.compare.claims import claims, gap, held_claims, level_of, metric_of

_spec = spec_from_file_location("comparisons", Path(__file__).parent / "comparisons.py")
made = module_from_spec(_spec)
_spec.loader.exec_module(made)


def held(found):
    return {one.claim.id: one for one in held_claims(found)}


def test_the_claims_are_those_of_the_file_in_both_languages():
    stated = claims()
    assert len({claim.id for claim in stated}) == len(stated) == 13
    for claim in stated:
        assert claim.en and claim.zh and claim.en != claim.zh
        assert bool(claim.against) == (claim.kind in ("above", "within"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_clear_winner_confirms_what_was_claimed_of_it(lang):
    found = held(
        made.comparison({"prompt": 0.1, "rag": 0.4, "lora": 0.1, "lora+rag": 0.8}, lang=lang)
    )
    assert set(found) == {"rag-over-prompt", "rag-over-lora", "trained-reader-over-rag"}
    assert all(one.standing == "confirmed" for one in found.values())
    best = found["trained-reader-over-rag"]
    assert (best.metric, best.against) == ("answer_f1", "rag")
    assert best.score.low > 0.10 and best.p is not None and best.p < 0.05


def test_the_bound_is_what_has_to_be_passed_not_zero():
    near = held(made.comparison({"rag": 0.40, "lora+rag": 0.52}))["trained-reader-over-rag"]
    assert near.score.value > 0.05 and near.standing == "not proven"
    below = held(made.comparison({"rag": 0.60, "lora+rag": 0.50}))["trained-reader-over-rag"]
    assert below.standing == "refuted" and below.score.high < 0.10


def test_a_loss_refutes_and_a_tie_proves_nothing():
    assert (
        held(made.comparison({"prompt": 0.7, "rag": 0.2}))["rag-over-prompt"].standing == "refuted"
    )
    tie = held(made.comparison({"prompt": 0.5, "rag": 0.5}))["rag-over-prompt"]
    assert (tie.standing, tie.p) == ("not proven", 1.0)


@pytest.mark.parametrize(
    ("full", "n", "standing"),
    [
        (0.5, 300, "confirmed"),
        (0.8, 300, "refuted"),
        (0.5, 20, "not proven"),
        (0.55, 300, "not proven"),
    ],
)
def test_like_one_another_means_that_the_whole_interval_is_inside(full, n, standing):
    shares = {"lora": 0.5, "full": full}
    assert (
        held(made.comparison(shares, n=n, metric="slot_f1", seeds=(1,)))["lora-like-full"].standing
        == standing
    )


def test_form_is_spoken_of_where_there_are_no_facts():
    shares = {"fewshot": 0.3, "nearest": 0.7, "lora": 0.75}
    found = held(made.comparison(shares, metric="slot_f1"))
    assert set(found) == {"lora-over-fewshot", "lora-over-nearest"}
    assert found["lora-over-fewshot"].standing == "confirmed"
    facts = made.comparison(shares, metric="answer_f1")
    assert metric_of(facts, "form") == "" and metric_of(facts, "facts") == "answer_f1"
    assert metric_of(facts, "refused_rightly") == ""


def test_over_all_others_the_nearest_decides():
    shares = {"prompt": 0.1, "rag": 0.5, "lora": 0.1, "lora+rag": 0.9}
    one = held(made.comparison(shares, metric="joint"))["trained-reader-over-all"]
    assert (one.against, one.standing) == ("rag", "confirmed")
    shares["nearest"] = 0.85
    one = held(made.comparison(shares, metric="joint"))["trained-reader-over-all"]
    assert (one.against, one.standing) == ("nearest", "not proven")


def test_levels_are_met_missed_or_open():
    found = made.comparison({"rag": 0.4, "lora+rag": 0.8})
    (reader,) = found.of("lora+rag")

    def of(value, low, high):
        scores = {"refused_rightly": Score("refused_rightly", value, low, high, 40)}
        arms = tuple(replace(a, scores=scores) if a is reader else a for a in found.arms)
        return held(replace(found, arms=arms))["refusal-learnt"]

    assert of(0.7, 0.5, 0.8).standing == "confirmed"
    assert of(0.5, 0.3, 0.7).standing == "not proven"
    assert of(0.2, 0.1, 0.4).standing == "refuted"
    assert of(0.2, 0.1, 0.4).p is None


def test_seeds_widen_what_is_claimed():
    one = made.comparison({"rag": 0.4, "lora+rag": [0.6]}, seeds=(1,))
    three = made.comparison({"rag": 0.4, "lora+rag": [0.6, 0.35, 0.85]}, seeds=(1, 2, 3))
    scores = [held(found)["trained-reader-over-rag"].score for found in (one, three)]
    width = [score.high - score.low for score in scores]
    assert width[1] > 1.5 * width[0]


def test_more_claims_ask_for_more():
    found = made.comparison({"prompt": 0.30, "rag": 0.385, "lora": 0.3}, n=120)
    alone = held_claims(found, [claim for claim in claims() if claim.id == "rag-over-prompt"])
    together = held_claims(found)
    assert len(together) == 2 and alone[0].p is not None
    assert together[0].p is not None and together[0].p >= alone[0].p


def test_a_gap_is_the_same_from_both_sides():
    found = made.comparison({"rag": 0.4, "lora": 0.6})
    one, two = (
        gap(found.arms, "answer_f1", ("lora", "rag")),
        gap(found.arms, "answer_f1", ("rag", "lora")),
    )
    assert one is not None and two is not None
    assert one.difference.value == pytest.approx(-two.difference.value)
    assert (one.kind, two.kind) == ("better", "worse")
    assert gap(found.arms, "answer_f1", ("lora", "full")) is None


def test_a_level_over_seeds_reaches_from_the_lowest_to_the_highest():
    arms = made.comparison({"lora": [0.5, 0.6]}, seeds=(1, 2)).of("lora")
    scored = [
        replace(arm, scores={"freshness": Score("freshness", v, v - 0.1, v + 0.1, 40)})
        for arm, v in zip(arms, (0.2, 0.4), strict=True)
    ]
    level = level_of(scored, "freshness")
    assert level is not None
    assert (level.value, level.low, level.high) == pytest.approx((0.3, 0.1, 0.5))
    assert level_of(scored, "nothing") is None
