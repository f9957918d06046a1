"""What may still be asked: trials are counted once, the verdict costs none, time for it is held back."""

import pytest

from surefoot.core.budget import Budget
from surefoot.core.errors import CapReached
from surefoot.core.types import EvalCase, EvalSet, Usage
from surefoot.evaluate.scoring import Row
from surefoot.optimize.running.keeping import Allowance
from surefoot.optimize.trial import Candidate, Request

DEV = tuple(f"d{i}" for i in range(4))
UNSEEN = ("h0", "h1")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def questions():
    cases = [EvalCase(name, "q", "en", split="dev") for name in DEV]
    cases += [EvalCase(name, "问", "zh", split="holdout") for name in UNSEEN]
    return EvalSet("s", "s", tuple(cases))


def request(digest, cases):
    return Request(Candidate(digest, {}), tuple(cases))


def row(name, **usage):
    return Row(name, "q", "en", True, cpu_ms=1000, latency_ms=1000, usage=Usage(**usage))


def test_trials_count_each_question_of_a_solution_once():
    allowance = Allowance(Budget(trials=1.5), questions())
    first = request("a", DEV)
    allowance.check(first)
    allowance.count(first)
    allowance.check(first)
    allowance.count(first)
    allowance.check(request("b", DEV[:2]))
    with pytest.raises(CapReached):
        allowance.check(request("b", DEV[:3]))
    with pytest.raises(CapReached):
        allowance.check(request("b", DEV[:2]), begun=0.5)
    allowance.count(request("b", DEV[:2]))
    with pytest.raises(CapReached):
        allowance.check(request("c", DEV[:1]))
    allowance.check(request("c", UNSEEN))


def test_time_for_the_verdict_is_held_back():
    clock = Clock()
    allowance = Allowance(Budget(wall_s=100), questions(), solutions=2, clock=clock)
    allowance.asked([row("d0"), row("d1")])
    clock.now = 75
    allowance.check(request("a", DEV))
    clock.now = 77  # twenty-four more are needed: two solutions on two questions, and twenty traces
    with pytest.raises(CapReached):
        allowance.check(request("a", DEV))
    allowance.check(request("a", UNSEEN))
    assert allowance.share_left() == 0.23
    assert allowance.left.wall_s == 23


def test_money_stops_the_verdict_too():
    allowance = Allowance(Budget(dollars=1.0), questions())
    allowance.asked([row("d0", cost=1.5)])
    assert allowance.share_left() == 0.0
    for names in (DEV, UNSEEN):
        with pytest.raises(CapReached):
            allowance.check(request("a", names))
    assert allowance.asking.cpu_s == 1.0


def test_without_limits_all_is_left():
    allowance = Allowance(Budget(), questions())
    allowance.asked([row("d0")])
    allowance.check(request("a", DEV))
    assert allowance.share_left() == 1.0
