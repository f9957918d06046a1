from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from surefoot.run.workspace import open_workspace
from surefoot.store.ledger import Ledger
from surefoot.store.trials import RunKey, Trials

KEY = RunKey("solution", "corpus", "evalset")


@pytest.fixture(params=["sqlite", "sqlite+pysqlite"])
def trials(tmp_path, request):
    """Through Python's own SQLite, and through SQLAlchemy."""
    trials = Trials(f"{request.param}:///{tmp_path}/ledger.sqlite")
    yield trials
    trials.close()


def test_rows_come_back_by_case(trials):
    rows = [{"id": "q2", "answer": "如何退款"}, {"id": "q1", "metrics": {"ndcg@10": 0.1 + 0.2}}]
    trials.keep(KEY, rows)
    assert trials.kept(KEY) == {"q1": rows[1], "q2": rows[0]}


@pytest.mark.parametrize("part", ["solution", "corpus", "evalset", "asker", "seed"])
def test_every_part_of_the_key_counts(trials, part):
    other = RunKey(
        **{"solution": "s", "corpus": "c", "evalset": "e", part: 7 if part == "seed" else "x"}
    )
    trials.keep(RunKey("s", "c", "e"), [{"id": "q1"}])
    assert trials.kept(other) == {}


def test_what_was_kept_is_never_changed(trials):
    trials.keep(KEY, [{"id": "q1", "n": 1}])
    trials.keep(KEY, [{"id": "q1", "n": 2}, {"id": "q2", "n": 2}])
    trials.keep(KEY, [])
    assert {case: row["n"] for case, row in trials.kept(KEY).items()} == {"q1": 1, "q2": 2}


def test_a_holdout_is_spent_by_the_first_that_sees_it(trials):
    assert trials.holdout_spent("h") == ()
    assert trials.spend_holdout("h", "experiment 1")
    assert not trials.spend_holdout("h", "实验 2")
    assert trials.spend_holdout("h", "experiment 1")
    assert trials.holdout_spent("h") == ("experiment 1", "实验 2")
    assert trials.holdout_spent("other") == ()


def test_a_workspace_has_them_in_its_ledger_file(tmp_path):
    with open_workspace(tmp_path) as space:
        space.trials.keep(KEY, [{"id": "q1"}])
    file = tmp_path / ".surefoot" / "ledger.sqlite"
    with closing(sqlite3.connect(file)) as ledger:
        tables = {row[0] for row in ledger.execute("SELECT name FROM sqlite_master")}
    assert "trial_rows" in tables
    assert Trials.at(tmp_path / ".surefoot").kept(KEY) == {"q1": {"id": "q1"}}


def test_a_ledger_of_before_takes_them(tmp_path):
    old = sqlite3.connect(tmp_path / "ledger.sqlite")
    old.execute(
        "CREATE TABLE spans (span_id VARCHAR(16) PRIMARY KEY, trace_id VARCHAR(32), start_ns BIGINT)"
    )
    old.close()
    ledger, trials = Ledger.at(tmp_path), Trials.at(tmp_path)
    trials.keep(KEY, [{"id": "q1"}])
    assert list(trials.kept(KEY)) == ["q1"]
    ledger.close()


WRITER = """
import sys
from pathlib import Path
from surefoot.store.trials import RunKey, Trials

trials, number = Trials.at(Path(sys.argv[1])), sys.argv[2]
for i in range(25):
    rows = [{"id": f"shared-{i}", "by": number}, {"id": f"{number}-{i}"}]
    trials.keep(RunKey("solution", "corpus", "evalset"), rows)
trials.spend_holdout("h", f"process {number}")
"""


@pytest.mark.slow
def test_processes_write_at_once(tmp_path):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(number)])
        for number in range(4)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    trials = Trials.at(tmp_path)
    assert len(trials.kept(KEY)) == 25 + 4 * 25
    assert sorted(trials.holdout_spent("h")) == [f"process {n}" for n in range(4)]
    assert sum(trials.spend_holdout("h", f"process {n}") for n in range(4)) == 1
