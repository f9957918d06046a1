from __future__ import annotations

import pytest

from surefoot.core.budget import Budget, BudgetMeter, parse_budget, seconds_said
from surefoot.core.errors import CapReached, ConfigError
from surefoot.core.types import Expense, Usage


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("15m", Budget(wall_s=900)),
        ("2h", Budget(wall_s=7200)),
        ("1h30m", Budget(wall_s=5400)),
        ("90s", Budget(wall_s=90)),
        ("0.5h", Budget(wall_s=1800)),
        ("40trials", Budget(trials=40)),
        ("1 trial".replace(" ", ""), Budget(trials=1)),
        ("500calls", Budget(calls=500)),
        ("3usd", Budget(dollars=3)),
        ("$3", Budget(dollars=3)),
        ("2.50$", Budget(dollars=2.5)),
        (" 15M,3USD ", Budget(wall_s=900, dollars=3)),
        ("40trials + 10m, $1", Budget(wall_s=600, trials=40, dollars=1)),
    ],
)
def test_budgets_are_read(text, budget):
    assert parse_budget(text) == budget
    assert parse_budget(str(budget)) == budget


@pytest.mark.parametrize(
    "text", ["", "15", "m", "15 m", "ten minutes", "-3m", "15m 2h", "3usd4usd", "$3m", "15分钟"]
)
def test_what_is_no_budget_is_told(text):
    with pytest.raises(ConfigError, match="budget"):
        parse_budget(text)


def test_seconds_are_said_as_they_are_read():
    assert [seconds_said(s) for s in (0, 59, 60, 5400, 3661.5)] == [
        "0s",
        "59s",
        "1m",
        "1h30m",
        "1h1m1.5s",
    ]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_time_runs_out():
    clock = Clock()
    meter = BudgetMeter(Budget(wall_s=60), clock=clock)
    meter.check()
    clock.now += 59
    meter.check()
    assert meter.left() == Budget(wall_s=1)
    with pytest.raises(CapReached, match="1m"):
        meter.check(Expense(wall_s=2))
    clock.now += 1
    with pytest.raises(CapReached, match="1m of 1m"):
        meter.check()


@pytest.mark.parametrize(
    ("budget", "usage"),
    [(Budget(calls=2), Usage(calls=1)), (Budget(dollars=0.2), Usage(cost=0.1))],
)
def test_calls_and_money_run_out_before_they_are_overdrawn(budget, usage):
    meter = BudgetMeter(budget)
    meter.add(Expense(usage=usage))
    meter.check(Expense(usage=usage))
    with pytest.raises(CapReached):
        meter.check(Expense(usage=usage + usage))
    meter.add(Expense(usage=usage))
    with pytest.raises(CapReached):
        meter.check()
    assert meter.spent.usage == usage + usage


def test_trials_count_in_parts():
    meter = BudgetMeter(parse_budget("1trial"))
    for _ in range(9):
        meter.add(trials=0.1)
    meter.check(trials=0.1)
    with pytest.raises(CapReached, match=r"0.9 trials of 1 trials"):
        meter.check(trials=0.2)


def test_no_limits_never_end():
    meter = BudgetMeter(Budget())
    meter.add(Expense(1e9, 1e9, Usage(cost=1e9, calls=10**9)), trials=1e9)
    meter.check()
    assert meter.left() == Budget()
