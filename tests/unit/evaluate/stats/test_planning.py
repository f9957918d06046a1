"""How many questions, looking early, choosing among many, and judges: known values and plain cases."""

from __future__ import annotations

import numpy as np
import pytest

from surefoot.evaluate.stats import (
    Contender,
    agreement,
    cheapest_of_the_tied,
    corrected_for_choice,
    design_effect,
    judged_mean,
    mean_score,
    measured_spread,
    questions_needed,
    smallest_difference,
    worse_so_far,
)

NAMES = [f"d{i // 4}" for i in range(200)]


@pytest.mark.parametrize(("gap", "needed"), [(0.10, 157), (0.05, 628), (0.03, 1745)])
def test_questions_for_a_gap_at_a_fifth_of_disagreement(gap, needed):
    """n = 7.85 q / d^2."""
    assert questions_needed(gap) == needed
    assert smallest_difference(needed) == pytest.approx(gap, rel=0.005)


def test_more_is_needed_for_many_comparisons_and_for_documents():
    assert questions_needed(0.05, family=10) > 1.5 * questions_needed(0.05)
    assert questions_needed(0.05, effect=2.0) == 2 * questions_needed(0.05)
    assert questions_needed(0.05, spread=0.1) == 32
    assert smallest_difference(100, effect=4.0) == pytest.approx(2 * smallest_difference(100))
    with pytest.raises(ValueError, match="difference of 0"):
        questions_needed(0.0)
    with pytest.raises(ValueError, match="no question"):
        smallest_difference(0)


def test_the_design_effect_grows_with_the_documents():
    assert design_effect(()) == design_effect(["a", "b", "c"]) == 1.0
    assert design_effect(NAMES) == pytest.approx(1.3)
    assert design_effect(["a"] * 11 + ["b"] * 11) == pytest.approx(2.0)


def test_a_run_that_is_there_tells_its_spread():
    base, other = [0.0] * 20 + [1.0] * 180, [1.0] * 200
    seen = measured_spread(base, other)
    assert seen.spread**2 == pytest.approx(0.1 * 0.9 * 200 / 199)
    assert seen.effect == 1.0
    assert measured_spread(base, other, clusters=NAMES).effect > 3
    with pytest.raises(ValueError, match="not pairs"):
        measured_spread([1.0], [])


def test_the_hopeless_is_dropped_early_and_the_equal_is_not():
    draw = np.random.default_rng(1)
    base = (draw.random(200) < 0.8).astype(float)
    hopeless = np.where(draw.random(200) < 0.5, 0.0, base)
    assert worse_so_far(base[:40], hopeless[:40], NAMES[:40], 1, 5)
    assert not worse_so_far(base[:40], hopeless[:40], NAMES[:40], 1, 5, family=100_000)
    assert not worse_so_far(base, base, NAMES, 5, 5)
    assert not worse_so_far(hopeless, base, NAMES, 5, 5)
    assert not worse_so_far([1.0] * 4, [0.0] * 4, (), 1, 5)
    assert not worse_so_far([], [], (), 1, 5)


def test_a_look_outside_of_the_plan_is_refused():
    with pytest.raises(ValueError, match="look 6"):
        worse_so_far([1.0], [1.0], (), 6, 5)
    with pytest.raises(ValueError, match="not pairs"):
        worse_so_far([1.0], [], (), 1, 5)


def test_ties_go_to_the_cheapest_then_the_quicker_then_the_simpler():
    draw = np.random.default_rng(1)
    good = draw.uniform(0.5, 1.0, 200)
    noise = draw.normal(0, 0.05, 200)
    near = good + noise - noise.mean()
    bad = good - draw.uniform(0.0, 0.4, 200)
    found = cheapest_of_the_tied(
        [
            Contender("best", good + 0.004, cost=5),
            Contender("near", near, cost=1, latency_ms=9),
            Contender("quick", near, cost=1, latency_ms=3, complexity=2),
            Contender("simple", near, cost=1, latency_ms=3, complexity=1),
            Contender("bad", bad),
        ],
        clusters=NAMES,
    )
    assert found.chosen == "simple"
    assert found.best in found.tied and set(found.tied) == {"best", "near", "quick", "simple"}
    with pytest.raises(ValueError, match="nothing to choose"):
        cheapest_of_the_tied([])


def test_the_curse_is_taken_off_where_there_is_one():
    draw = np.random.default_rng(1)
    equal = (draw.random((24, 100)) < 0.7).astype(float)
    chosen = int(equal.mean(axis=1).argmax())
    plain, fair = mean_score("m", equal[chosen]), corrected_for_choice(equal, chosen, metric="m")
    assert plain.value - fair.value > 0.05
    assert fair.high - fair.low == pytest.approx(plain.high - plain.low)
    apart = np.stack([equal[0] * 0.2, np.minimum(1.0, equal[1] + 0.3)])
    assert corrected_for_choice(apart, 1).value == pytest.approx(apart[1].mean(), abs=0.003)
    assert corrected_for_choice(equal[:1], 0) == mean_score("", equal[0])


def test_a_lenient_judge_is_put_right_by_labels():
    draw = np.random.default_rng(1)
    truth = (draw.random(1000) < 0.7).astype(float)
    judge = np.where(draw.random(1000) < 0.4, 1.0, truth)
    found = judged_mean(judge, judge[:150], truth[:150])
    assert found.low < truth.mean() < found.high < judge.mean()
    assert found.n == 150
    alone = mean_score("", truth[:150])
    assert found.high - found.low < alone.high - alone.low
    names = [f"d{i // 4}" for i in range(1000)]
    clustered = judged_mean(
        judge, judge[:150], truth[:150], clusters=names, labelled_clusters=names[:150]
    )
    assert clustered.value == found.value
    assert clustered.low < truth.mean() < clustered.high


def test_a_useless_judge_changes_nothing():
    draw = np.random.default_rng(1)
    truth = (draw.random(400) < 0.7).astype(float)
    found = judged_mean([0.5] * 1000, [0.5] * 400, truth)
    assert found.value == pytest.approx(truth.mean())
    everything = judged_mean(truth, truth, truth)
    assert everything.value == pytest.approx(truth.mean())
    with pytest.raises(ValueError, match="not pairs"):
        judged_mean([1.0] * 5, [1.0], [])
    with pytest.raises(ValueError, match="2 labels for 1"):
        judged_mean([1.0], [1.0] * 2, [1.0] * 2)


def test_agreement_is_a_correlation():
    assert agreement([0.0, 1.0, 1.0], [0.0, 1.0, 1.0]) == pytest.approx(1.0)
    assert agreement([0.0, 1.0], [1.0, 0.0]) == pytest.approx(-1.0)
    assert agreement([1.0, 1.0], [1.0, 0.0]) == agreement([], []) == 0.0
