from __future__ import annotations

from itertools import count

import pytest

from surefoot.core.errors import DataError
from surefoot.core.types import EvalCase, EvalSet
from surefoot.evaluate.course import Course
from surefoot.evaluate.runner import evaluate_workspace
from surefoot.evaluate.runs import keep_run, load_run
from surefoot.evaluate.stale import (
    changes_between,
    corpus_changes,
    stale_runs,
    staleness,
    still_good,
    touched_cases,
)
from surefoot.run.workspace import open_workspace

TEXTS = {
    "refunds.md": "# Refunds\n\nA refund is paid within seven days.\n",
    "退款.md": "# 退款\n\n退款在七个工作日内支付。\n",
    "cards.md": "# Cards\n\nA lost card is blocked at once by the bank.\n",
    "假期.md": "# 假期\n\n员工每年有二十天年假。\n",
}
CASES = (
    EvalCase("1", "How soon is a refund paid?", "en", {"docs/refunds.md": 1}),
    EvalCase("2", "退款多久支付？", "zh", {"docs/退款.md": 1}),
    EvalCase("3", "Who blocks a lost card?", "en", {"docs/cards.md": 1}),
    EvalCase("4", "员工有多少天年假？", "zh", {"docs/假期.md": 1}),
)
SET = EvalSet("four", "digest of four", CASES)
SOLUTION = """schema = 1
[corpus]
sources = [{ kind = "folder", path = "docs" }]
embed = { kind = "hash" }
[[stages]]
kind = "search"
keep = 1
"""


@pytest.fixture
def space(tmp_path):
    (tmp_path / "docs").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "docs" / name).write_text(text, encoding="utf-8")
    (tmp_path / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    with open_workspace(tmp_path) as space:
        space.sync()
        yield space


def kept(space) -> str:
    ticks = count()
    return keep_run(space, SET, evaluate_workspace(space, SET), clock=lambda: next(ticks))


def write(space, name: str, text: str) -> None:
    (space.root / "docs" / name).write_text(text, encoding="utf-8")
    space.sync()


def touched(space, run: str) -> tuple[str, ...]:
    found = load_run(space, run)
    changes = corpus_changes(space, found.run.corpus)
    assert changes is not None
    return touched_cases(space, found, changes)


def test_nothing_changed_leaves_a_run_fresh(space):
    run = space.runs.run(kept(space))
    assert staleness(space, run).state == "fresh"
    assert stale_runs(space) == []


@pytest.mark.parametrize(
    ("name", "text", "case"),
    [
        ("refunds.md", "# Refunds\n\nA refund is paid within nine days.\n", "1"),
        ("退款.md", "# 退款\n\n退款在九个工作日内支付。\n", "2"),
    ],
)
def test_a_changed_document_touches_its_questions_alone(space, name, text, case):
    run = kept(space)
    write(space, name, text)
    state = staleness(space, space.runs.run(run))
    assert case in state.touched
    assert len(state.touched) < len(CASES)
    assert state.summary() == f"stale: {len(state.touched)} of 4 questions touched"
    assert [found.id for found, _ in stale_runs(space)] == [run]


def test_a_change_elsewhere_is_told_as_such(space):
    run = kept(space)
    write(space, "weather.md", "# Weather\n\nFog over hills tomorrow morning.\n")
    state = staleness(space, space.runs.run(run))
    assert (state.state, state.new) == ("elsewhere", 1)
    assert state.summary() == "corpus changed elsewhere"


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("# Refund speed\n\nHow soon a refund is paid.\n", "1"),
        ("# 年假\n\n员工有多少天年假。\n", "4"),
    ],
)
def test_a_new_document_touches_questions_that_it_could_answer(space, text, case):
    run = kept(space)
    write(space, "new.md", text)
    assert case in touched(space, run)


def test_only_touched_questions_are_asked_again(space):
    run = kept(space)
    write(space, "cards.md", "# Cards\n\nA lost card is blocked within one hour.\n")
    known = still_good(space, run, solution=space.resources.digest, evalset=SET.digest)
    assert "3" not in known
    assert known
    asked: list[str] = []
    found = evaluate_workspace(
        space, SET, course=Course(known=known), watch=lambda case, _: asked.append(case.id)
    )
    assert set(asked) == {case.id for case in CASES} - known.keys()
    assert [row.id for row in found.rows] == ["1", "2", "3", "4"]


def test_rights_and_metadata_count_as_changes(space):
    kept(space)
    before = space.resources.index().marks()
    assert changes_between(before, {**before, "docs/cards.md": "other"}).changed == {
        "docs/cards.md"
    }


def test_another_solution_or_eval_set_is_refused(space):
    run = kept(space)
    with pytest.raises(DataError, match="another solution"):
        still_good(space, run, solution="x", evalset=SET.digest)
    with pytest.raises(DataError, match="other questions"):
        still_good(space, run, solution=space.resources.digest, evalset="x")
