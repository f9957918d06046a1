"""The time that a comparison still takes, by what was seen of it."""

from __future__ import annotations

import pytest

from surefoot.optimize.compare.forecast import ArmForecast
from surefoot.optimize.compare.time_left import TimeLeft

ARMS = [
    ArmForecast("prompt", 0, 10),
    ArmForecast("lora", 100, 10),
    ArmForecast("lora", 100, 10),
]


def test_before_anything_ended_it_is_what_was_foreseen():
    left = TimeLeft(ARMS)
    assert left.seconds("checking", 0, 0.0) == 230
    assert left.seconds("asking", 0, 0.0) == 230
    assert left.seconds("asking", 0, 4.0) == 226
    assert (
        left.seconds("asking", 0, 90.0) == 220
    )  # longer than foreseen: nothing of this one is left


def test_making_and_asking_have_a_pace_each():
    left = TimeLeft(ARMS)
    left.seconds("asking", 0, 0.0)
    assert left.seconds("training", 1, 30.0) == 200 + 20 * 3  # asking took three times as long
    assert left.seconds("asking", 1, 80.0) == 50 + 20 * 3  # training took half as long
    assert left.seconds("measuring", 1, 110.0) == 50 + 30


def test_what_was_done_before_takes_no_time_and_sets_no_pace():
    left = TimeLeft(ARMS, made=[1], asked=[0])
    assert left.seconds("asking", 0, 0.0) == 120
    assert left.seconds("preparing", 1, 1.0) == 120
    assert left.seconds("asking", 1, 1.5) == 120
    assert left.seconds("training", 2, 21.5) == pytest.approx(100 + 20)


def test_nothing_is_left_when_all_arms_have_ended():
    left = TimeLeft(ARMS)
    left.seconds("asking", 2, 0.0)
    assert left.seconds("joining", 3, 9.0) == 0
