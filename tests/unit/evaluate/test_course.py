from __future__ import annotations

from itertools import count

from surefoot.core.budget import Budget, BudgetMeter
from surefoot.core.types import Answer, EvalCase, EvalSet, Query, Turn, Usage
from surefoot.evaluate.course import Course
from surefoot.evaluate.runner import Outcome, ask_all, evaluation_of

CASES = tuple(
    EvalCase(
        f"q{i}", f"问题 {i}" if i % 2 else f"question {i}", "zh" if i % 2 else "en", {}, ("a",)
    )
    for i in range(20)
)
SET = EvalSet("twenty", "digest", CASES)


class Asked:
    """Answers each question for ten cents and one call, and remembers which were asked."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def __call__(self, case: EvalCase) -> Outcome:
        self.ids.append(case.id)
        turn = Turn(Query(case.question, case.lang), answer=Answer("a"))
        return Outcome(turn, Usage(cost=0.1, calls=1))


def run(course: Course) -> tuple[Asked, list[str], str]:
    ask, ticks = Asked(), count()
    rows, stopped = ask_all(SET, ask, ("answer",), course, clock=lambda: next(ticks))
    return ask, [row.id for row in rows], stopped


def test_without_a_budget_all_are_asked_in_order() -> None:
    ask, rows, stopped = run(Course())
    assert ask.ids == rows == [case.id for case in CASES]
    assert stopped == ""


def test_money_is_kept_and_what_was_asked_too() -> None:
    ask, rows, stopped = run(Course(budget=BudgetMeter(Budget(dollars=0.55))))
    assert len(ask.ids) == 5
    assert sorted(ask.ids) == sorted(rows)
    assert rows == sorted(rows, key=lambda name: int(name[1:]))
    assert "budget of 0.55usd" in stopped


def test_calls_are_kept() -> None:
    ask, _, stopped = run(Course(budget=BudgetMeter(Budget(calls=7))))
    assert len(ask.ids) == 7
    assert "7 calls" in stopped


def test_time_is_kept_without_going_over() -> None:
    clock = count()
    meter = BudgetMeter(Budget(wall_s=9), clock=lambda: next(clock))
    ask, _, stopped = run(Course(budget=meter))
    assert 1 <= len(ask.ids) < 9
    assert stopped


def test_what_was_asked_is_a_sample_of_all_and_the_same_with_the_same_seed() -> None:
    def asked(seed: int) -> list[str]:
        return run(Course(budget=BudgetMeter(Budget(calls=8)), seed=seed))[0].ids

    assert asked(1) == asked(1) != asked(2)
    assert asked(1)[0] == "q0"
    assert asked(1) != [case.id for case in CASES[:8]]


def test_known_rows_are_not_asked_again() -> None:
    first, _ = ask_all(SET, Asked(), ("answer",), Course())
    known = {row.id: row for row in first[:15]}
    ask, rows, _ = run(Course(known=known))
    assert ask.ids == [f"q{i}" for i in range(15, 20)]
    assert rows == [case.id for case in CASES]


def test_progress_counts_what_is_known() -> None:
    first, _ = ask_all(SET, Asked(), ("answer",), Course())
    told: list[tuple[int, int]] = []
    course = Course(lambda *now: told.append(now), known={row.id: row for row in first[:18]})
    run(course)
    assert told == [(19, 20), (20, 20)]


def test_unasked_questions_are_told() -> None:
    rows, _ = ask_all(SET, Asked(), ("answer",), Course())
    found = evaluation_of(SET, rows[:12], ("answer",))
    assert found.left_out[0] == "8 of 20 questions were not asked"
    ended = evaluation_of(SET, rows[:12], ("answer",), stopped="the budget of 1s is used up")
    assert ended.left_out[0] == "8 of 20 questions were not asked: the budget of 1s is used up"
    assert found.score("contains_gold").n == 12
