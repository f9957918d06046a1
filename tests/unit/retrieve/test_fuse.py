import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.retrieve.fuse import Ranked, best_first, fuse, minmax, rrf, zscore

settings.register_profile("quick", max_examples=40)
settings.load_profile("quick")

SCORES = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.floats(-50, 50, allow_nan=False).map(lambda x: round(x, 3)),
    max_size=20,
)
FUSIONS = ("minmax", "zscore", "rrf")


@given(SCORES)
def test_scaled_scores_keep_the_order(scores):
    for scale in (minmax, zscore, rrf):
        scaled = scale(scores)
        assert scaled.keys() == scores.keys()
        order = best_first(scores)
        assert all(scaled[a] >= scaled[b] for a, b in pairwise(order))


@given(SCORES)
def test_minmax_runs_from_0_to_1(scores):
    scaled = minmax(scores)
    assert all(0 <= value <= 1 for value in scaled.values())
    if scaled:
        assert max(scaled.values()) == 1


@given(SCORES, st.floats(0.5, 4), st.floats(-9, 9))
def test_minmax_and_zscore_do_not_depend_on_unit_or_origin(scores, unit, origin):
    moved = {key: value * unit + origin for key, value in scores.items()}
    for scale in (minmax, zscore):
        assert scale(moved) == pytest.approx(scale(scores), abs=1e-4)


@given(SCORES, SCORES, st.sampled_from(FUSIONS))
def test_fusing_is_the_same_in_any_order_and_holds_every_id(one, two, how):
    lists = [Ranked(one, 0.3), Ranked(two, 0.7)]
    fused = fuse(lists, how)
    assert fused.keys() == one.keys() | two.keys()
    assert fuse(reversed(lists), how) == pytest.approx(fused)


@given(SCORES, st.sampled_from(FUSIONS))
def test_one_list_alone_keeps_its_order(scores, how):
    fused = fuse([Ranked(scores, 0.3)], how)
    order = best_first(scores)
    assert all(fused[a] >= fused[b] for a, b in pairwise(order))


@given(SCORES, SCORES, st.sampled_from(FUSIONS))
def test_a_list_without_weight_moves_nothing(one, two, how):
    fused = fuse([Ranked(one, 1.0), Ranked(two, 0.0)], how)
    alone = fuse([Ranked(one, 1.0)], how)
    assert {key: fused[key] for key in one} == pytest.approx(alone)
    assert all(fused[key] == 0 for key in two.keys() - one.keys())


def test_found_by_both_beats_found_by_one():
    both = fuse([Ranked({"a": 3.0, "b": 3.0, "z": 0}), Ranked({"a": 0.9, "z": 0.1})], "minmax")
    assert best_first(both)[0] == "a"


def test_no_lists_and_empty_lists_give_nothing():
    assert fuse([], "minmax") == {}
    assert [scale({}) for scale in (minmax, zscore, rrf)] == [{}, {}, {}]


def test_equal_scores_are_ordered_by_id():
    names = [f"c{i}" for i in range(9)]
    for seed in range(3):
        random.Random(seed).shuffle(names)
        assert best_first(dict.fromkeys(names, 1.0)) == sorted(names)


@given(SCORES, st.floats(-60, 60), st.sampled_from(FUSIONS))
def test_what_a_list_is_too_short_for_ranks_below_its_last(scores, value, how):
    fused = fuse([Ranked(scores, 1.0, {"other": value})], how)
    assert fused.get("other", 0) <= min((fused[key] for key in scores), default=0)
    assert {key: fused[key] for key in scores} == fuse([Ranked(scores)], how)


@pytest.mark.parametrize("how", ["minmax", "zscore"])
def test_others_lie_on_the_scale_of_the_list(how):
    scores = {"a": 0.9, "b": 0.8, "c": 0.7}
    fused = fuse([Ranked(scores, 1.0, {"near": 0.6, "far": 0.5})], how)
    step = fused["a"] - fused["b"]
    assert [fused["near"], fused["far"]] == pytest.approx([-step, -2 * step])
