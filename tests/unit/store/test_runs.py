from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from surefoot.core.errors import MissingError
from surefoot.run.workspace import open_workspace
from surefoot.store.runs import Run, Runs

RUN = Run("evaluate", 10, "default", "ab" * 8, "support", "cd" * 8, "ef" * 8, 7, {"questions": 2})


@pytest.fixture(params=["sqlite", "sqlite+pysqlite"])
def runs(tmp_path, request):
    """Through Python's own SQLite, and through SQLAlchemy."""
    runs = Runs(f"{request.param}:///{tmp_path}/ledger.sqlite")
    yield runs
    runs.close()


def test_a_run_comes_back_with_its_rows_in_order(runs):
    run = replace(RUN, details={"scores": [{"value": 0.1 + 0.2}], "命令": "surefoot evaluate 客服"})
    rows = [{"id": "问-2", "answer": "七天"}, {"id": "q1", "metrics": {"ndcg@10": 1 / 3}}]
    name = runs.record(run, rows)
    assert runs.run(name[:4]) == run
    assert runs.run(name[:4]).id == name
    assert runs.rows(name) == rows


def test_the_newest_come_first(runs):
    for at in range(5):
        runs.record(replace(RUN, at_ns=at, kind="optimize" if at % 2 else "evaluate"))
    assert [run.at_ns for run in runs.runs(limit=3)] == [4, 3, 2]
    assert [run.at_ns for run in runs.runs(kind="optimize")] == [3, 1]
    assert runs.run("last").at_ns == 4


def test_what_was_recorded_is_never_changed(runs):
    assert runs.record(RUN, [{"id": "q1", "n": 1}]) == runs.record(RUN, [{"id": "q1", "n": 2}])
    assert [row["n"] for row in runs.rows(RUN.id)] == [1]
    assert len(runs.runs()) == 1


@pytest.mark.parametrize(
    ("name", "problem"), [("zz", "no such run"), ("%", "no such run"), ("", "several runs")]
)
def test_an_unclear_id_is_told(runs, name, problem):
    runs.record(RUN)
    runs.record(replace(RUN, at_ns=11))
    with pytest.raises(MissingError, match=problem):
        runs.run(name)


def test_no_run_is_the_last(runs):
    with pytest.raises(MissingError, match="no such run"):
        runs.run("last")


def test_a_workspace_keeps_its_runs(tmp_path):
    with open_workspace(tmp_path) as space:
        name = space.runs.record(RUN)
    assert Runs.at(tmp_path / ".surefoot").run(name) == RUN


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from surefoot.store.runs import Run, Runs

runs = Runs.at(Path(sys.argv[1]))
for i in range(20):
    run = Run("evaluate", i, sys.argv[2], "s", "e", "d")
    runs.record(run, [{"id": f"q{n}"} for n in range(5)])
"""


@pytest.mark.slow
def test_processes_record_at_once(tmp_path):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), f"solution-{n}"])
        for n in range(4)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    runs = Runs.at(tmp_path)
    found = runs.runs(limit=100)
    assert len({run.id for run in found}) == 80
    assert all(len(runs.rows(run.id)) == 5 for run in found)


def test_what_an_index_took_adds_up(runs):
    runs.record_indexing("r1", 1, {"documents": 2, "cpu_s": 0.5})
    runs.record_indexing("r1", 2, {"documents": 3, "cpu_s": 0.25, "encoder_tokens": 70})
    runs.record_indexing("r2", 2, {"documents": 9})
    assert runs.indexing("r1") == {"documents": 5, "cpu_s": 0.75, "encoder_tokens": 70}
    assert runs.indexing("r3") == {}


def test_what_a_corpus_held_is_kept_once(runs):
    marks = {"docs/refunds.md": "ab" * 8, "docs/退款.md": "cd" * 8}
    runs.keep_corpus("v1", marks)
    runs.keep_corpus("v1", {"other": "ef"})
    assert runs.corpus("v1") == marks
    assert runs.corpus("v2") is None
