from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random

import pytest

from surefoot.optimize.compare.joining import differences, join, shared_metrics

_spec = spec_from_file_location("comparisons", Path(__file__).parent / "comparisons.py")
made = module_from_spec(_spec)
_spec.loader.exec_module(made)
arm = made.arm
ASKED = made.cases(120)


def between(found, method, against):
    return next(one for one in found if (one.method, one.against) == (method, against))


def test_a_method_over_seeds_is_the_mean_of_its_seeds():
    arms = [arm("prompt", ASKED, 0.2), *(arm("lora", ASKED, 0.6, seed=seed) for seed in (1, 2, 3))]
    joined = {one.method: one for one in join(arms, "answer_f1")}
    assert joined["lora"].seeds == (1, 2, 3)
    means = [sum(row.metrics["answer_f1"] for row in one.evaluation.rows) / 120 for one in arms[1:]]
    assert joined["lora"].score.value == pytest.approx(sum(means) / 3)
    assert joined["prompt"].spread is None


def test_the_interval_holds_the_spread_of_the_seeds():
    alike = [arm("lora", ASKED, 0.6, seed=seed) for seed in (1, 2, 3)]
    apart = [arm("lora", ASKED, share, seed=seed) for seed, share in enumerate((0.3, 0.6, 0.9))]
    narrow, wide = (join(arms, "answer_f1")[0].score for arms in (alike, apart))
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_a_clear_gain_is_proven_and_a_gain_of_one_lucky_seed_is_not():
    base = arm("prompt", ASKED, 0.4)
    clear = [base, *(arm("lora", ASKED, 0.8, seed=seed) for seed in (1, 2, 3))]
    lucky = [base, *(arm("lora", ASKED, share, seed=s) for s, share in ((1, 0.3), (2, 0.9)))]
    assert between(differences(clear, "answer_f1"), "lora", "prompt").kind == "better"
    assert between(differences(lucky, "answer_f1"), "lora", "prompt").kind == "not proven"


def test_every_two_methods_are_compared_and_corrected_together():
    arms = [arm(method, ASKED, 0.5, seed=0) for method in ("prompt", "nearest", "rag")]
    found = differences(arms, "answer_f1")
    pairs = [(one.method, one.against) for one in found]
    assert pairs == [("nearest", "prompt"), ("rag", "prompt"), ("rag", "nearest")]
    assert all(one.p == 1.0 for one in found)


def test_false_claims_stay_rare_over_many_methods():
    claims = 0
    for world in range(40):
        draw = Random(world)
        methods = ("prompt", "fewshot", "nearest", "cot", "rag")
        arms = [arm(method, ASKED, 0.5, seed=draw.random()) for method in methods]
        claims += any(one.kind in ("better", "worse") for one in differences(arms, "answer_f1"))
    assert claims <= 5  # 5 % of 40 are 2


def test_questions_that_an_arm_lacks_are_not_compared():
    short = arm("rag", ASKED[:100], 0.9)
    found = differences([arm("prompt", ASKED, 0.1), short], "answer_f1")
    assert found[0].difference.n == 100


def test_metrics_are_those_that_all_arms_have():
    arms = [arm("prompt", ASKED, 0.5), arm("rag", ASKED, 0.5)]
    assert "answer_f1" in shared_metrics(arms)
    assert shared_metrics([]) == ()
