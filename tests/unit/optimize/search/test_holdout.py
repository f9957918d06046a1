from surefoot.core.types import EvalCase
from surefoot.evaluate.scoring import Row
from surefoot.optimize.search.holdout import compared_rows
from surefoot.optimize.search.rules import Rules

CASES = [EvalCase(name, "?", "en") for name in ("a", "b")]


def rows(**values: float) -> dict[str, Row]:
    return {
        name: Row(name, "?", "en", True, {Rules().metric: value}) for name, value in values.items()
    }


def test_solutions_that_share_no_question_are_not_compared() -> None:
    where = ("dev", 1)
    assert compared_rows(("x", "y"), (rows(a=1.0), rows(b=0.0)), CASES, Rules(), where) is None
    found = compared_rows(("x", "y"), (rows(a=1.0), rows(a=0.0)), CASES, Rules(), where)
    assert found is not None
    assert (found.difference.value, found.wins) == (1.0, ("a",))
