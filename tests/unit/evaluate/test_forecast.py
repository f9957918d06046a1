from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from surefoot.core.types import Usage
from surefoot.evaluate.forecast import DRIFT, Forecast, asked_enough, audit, forecast_of
from surefoot.evaluate.runner import Evaluation
from surefoot.evaluate.scoring import Row


def row(place: int, seconds: float, *, dollars: float = 0.0, tokens: int = 0) -> Row:
    usage = Usage(prompt_tokens=tokens, cost=dollars, calls=1 if tokens else 0, encoder_tokens=12)
    return Row(
        f"q{place}",
        "怎么退款？" if place % 2 else "How are refunds paid?",
        "zh" if place % 2 else "en",
        True,
        latency_ms=seconds * 1000,
        cpu_ms=seconds * 2000,
        usage=usage,
    )


def finished(rows: list[Row], asking_s: float, stopped: str = "") -> Evaluation:
    return Evaluation("set", "d", (), tuple(rows), asking_s=asking_s, stopped=stopped)


def test_the_first_question_stands_for_itself() -> None:
    ahead = forecast_of([row(0, 5.0), *(row(i, 0.1) for i in range(1, 6))], 106)
    assert ahead.wall_s.value == pytest.approx(5.0 + 0.5 + 100 * 0.1)
    assert ahead.wall_s.high - ahead.wall_s.value == pytest.approx(
        1.96 * DRIFT * 100 * 0.1, rel=1e-3
    )
    assert ahead.encoder_tokens.low == ahead.encoder_tokens.high
    assert ahead.cpu_s.value == pytest.approx(2 * ahead.wall_s.value)
    assert ahead.encoder_tokens.value == 12 * 106


def test_what_is_done_around_the_questions_counts() -> None:
    ahead = forecast_of([row(i, 0.1) for i in range(5)], 50, probing_s=1.0)
    assert ahead.wall_s.value == pytest.approx(50 * 0.1 + 50 * 0.5 / 5)


def test_nothing_more_is_expected_than_was_asked() -> None:
    ahead = forecast_of([row(i, 1.0, dollars=0.1, tokens=10) for i in range(4)], 4)
    assert (ahead.wall_s.low, ahead.wall_s.high) == (4.0, 4.0)
    assert ahead.dollars.value == pytest.approx(0.4)
    assert ahead.calls.value == 4


def test_intervals_hold_the_sum() -> None:
    """Over 400 runs of 100 questions whose times are skewed, as those of a chat model are."""
    draw, held = np.random.default_rng(0), 0
    for _ in range(400):
        times = draw.lognormal(0.0, 0.5, 100)
        ahead = forecast_of([row(i, seconds) for i, seconds in enumerate(times[:8])], 100)
        held += ahead.wall_s.low <= times.sum() <= ahead.wall_s.high
        assert ahead.wall_s.value / times.sum() == pytest.approx(1, abs=0.75)
    assert held / 400 >= 0.9


def test_an_audit_says_how_near_it_was() -> None:
    rows = [row(i, 1.0, dollars=0.01, tokens=100) for i in range(50)]
    ahead = forecast_of(rows[:5], 50)
    found = audit(ahead, finished(rows, asking_s=55.0))
    assert found is not None
    assert found.wall_s == pytest.approx(50 / 60)
    assert (found.tokens, found.dollars, found.cpu_s) == pytest.approx((1, 1, 1))
    assert found.summary().startswith("forecast over what it took: time 0.83, tokens 1.00")
    plain = replace(ahead, dollars=replace(ahead.dollars, value=0.0, high=0.0))
    assert "USD" in ahead.summary()
    assert "USD" not in plain.summary()


def test_there_is_nothing_to_audit_where_a_run_was_cut_short() -> None:
    rows = [row(i, 1.0) for i in range(50)]
    assert audit(forecast_of(rows[:5], 50), finished(rows[:9], 4.0, stopped="budget")) is None
    assert audit(forecast_of(rows[:5], 5), finished(rows[:5], 0.0)) is None


def test_plain_values_have_no_rows() -> None:
    plain: dict[str, object] = json.loads(json.dumps(forecast_of([row(0, 1.0)], 3).to_json()))
    assert plain["rows"] == []
    assert plain["wall_s"] == {"value": 3.0, "low": 1.0, "high": 9.0}


def test_a_line_for_people() -> None:
    ahead = forecast_of([row(i, 2.0, dollars=0.02, tokens=900) for i in range(6)], 100)
    assert isinstance(ahead, Forecast)
    assert ahead.summary() == (
        "100 questions will take about 3m20s (2m43s to 3m57s); 100 chat calls, 90,000 tokens; "
        "2.00 USD (2.00 to 2.00)"
    )


def test_slow_questions_are_asked_for_a_minute_and_quick_ones_up_to_a_number() -> None:
    assert not asked_enough(4, 300.0)
    assert not asked_enough(5, 20.0)
    assert asked_enough(5, 61.0)
    assert not asked_enough(24, 59.0)
    assert asked_enough(25, 1.0)


def test_seldom_long_replies_are_forecast_within_a_factor_of_one_and_a_half() -> None:
    """One question in ten takes six times as long, as where a small model does not come to an end."""
    draw, near = np.random.default_rng(0), 0
    for _ in range(200):
        times = np.where(draw.random(100) < 0.1, 15.0, draw.uniform(1.5, 3.5, 100))
        asked = next(i for i in range(1, 101) if asked_enough(i, times[:i].sum()))
        ahead = forecast_of([row(i, seconds) for i, seconds in enumerate(times[:asked])], 100)
        near += 1 / 1.5 <= ahead.wall_s.value / times.sum() <= 1.5
    assert near / 200 >= 0.85
