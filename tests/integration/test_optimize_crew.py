"""Several processes ask: the same rows as one gives; one that dies is replaced once, and that is said."""

import json
import os
import signal

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.config.registry import Registry
from surefoot.config.solution import parse_solution, solution_json
from surefoot.core.errors import SurefootError
from surefoot.evaluate.evalsets import load_evalset
from surefoot.optimize.running.asking import Setup
from surefoot.optimize.running.crew import Alone, Workers

pytestmark = pytest.mark.slow

SOLUTION = """schema = 1
[corpus]
embed = { kind = "hash", dimensions = 64 }
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
"""


@pytest.fixture
def asked(pairs_folder):
    """A solution, what asking needs, and the ids of the questions."""
    (pairs_folder / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    place = ["-w", str(pairs_folder), "--offline"]
    assert run(["add", str(pairs_folder / "data"), "-q", *place]) == 0
    evalset = load_evalset(pairs_folder / "data")
    with surefoot.open(pairs_folder, settings={"offline": True}) as space:
        setup = Setup(space.place, space.settings.settings, evalset, "version")
        yield space.solution, setup, [case.id for case in evalset.cases]


def rows(crew, solution, names):
    found = [row for job in crew.hand(solution, names, 4) for row in crew.done(job)]
    return {row.id: (dict(row.metrics), row.documents, row.usage) for row in found}


def test_workers_give_the_rows_of_one_process_and_survive_a_death(asked):
    solution, setup, names = asked
    alone = Alone(setup)
    wanted = rows(alone, solution, names)
    alone.close()
    assert len(wanted) == len(names)
    assert json.dumps(wanted[names[0]][0])
    crew = Workers(setup, 2)
    try:
        jobs = crew.hand(solution, names, 4)
        os.kill(crew.pids[0], signal.SIGKILL)
        found = {row.id: dict(row.metrics) for job in jobs for row in crew.done(job)}
        assert found == {name: metrics for name, (metrics, _, _) in wanted.items()}
        assert len(crew.notes) == 1
        assert "died" in crew.notes[0]
        again = crew.hand(solution, names, 4)
        os.kill(crew.pids[0], signal.SIGKILL)
        with pytest.raises(SurefootError, match="died twice"):
            for job in again:
                crew.done(job)
    finally:
        crew.close()


def test_what_was_not_begun_is_taken_back(asked):
    solution, setup, names = asked
    crew = Workers(setup, 2)
    try:
        jobs = crew.hand(solution, names, 2)
        found = crew.withdraw(jobs)
        assert len(found) < len(names)
        rest = [name for name in names if name not in {row.id for row in found}]
        more = [row for job in crew.hand(solution, rest, 8) for row in crew.done(job)]
        assert {row.id for row in (*found, *more)} == set(names)
    finally:
        crew.close()


def test_a_solution_that_cannot_run_fails_question_by_question(asked):
    solution, setup, names = asked
    late = {"kind": "rerank", "by": {"kind": "late-interaction"}}
    plain = solution_json(solution)
    plain["stages"].insert(1, late)
    crew = Alone(setup)
    (job,) = crew.hand(parse_solution(plain, Registry()), names[:3], 4)
    found = crew.done(job)
    crew.close()
    assert [row.id for row in found] == names[:3]
    assert all("no vectors of tokens" in row.failure for row in found)
    assert all(value == 0.0 for row in found for value in row.metrics.values())
