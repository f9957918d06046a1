"""`surefoot optimize`: the same with the same seed, also after a kill; nothing is asked twice."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from contextlib import closing
from dataclasses import replace

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.config.space import parse_space
from surefoot.core.budget import parse_budget
from surefoot.core.errors import ConfigError
from surefoot.evaluate.evalsets import load_evalset
from surefoot.optimize.experiment import (
    OptimizeSettings,
    continued,
    foresee,
    load_experiment,
    optimize,
    put_in_force,
)
from surefoot.optimize.spaces.ground import Ground
from surefoot.optimize.spaces.space import SolutionSpace
from surefoot.store.tables import Tables

pytestmark = pytest.mark.slow

SOLUTION = """schema = 1
# kept as it is
[corpus]
embed = { kind = "hash", dimensions = 8 }
[[stages]]
kind = "search"
weight = 1.0  # why so
[[stages]]
kind = "quote"
"""
SPACE = """schema = 1
[[axes]]
name = "vectors"
options.short = {}
options.long = { corpus.embed = { kind = "hash", dimensions = 256 } }
[choices]
stages.search.weight = [0.2, 0.5, 1.0]
stages.search.fusion = ["minmax", "rrf"]
"""


@pytest.fixture
def folder(pairs_folder):
    """A workspace whose search by eight numbers is poor, and a space that has better ones."""
    (pairs_folder / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    (pairs_folder / "space.toml").write_text(SPACE, encoding="utf-8")
    assert run(["add", str(pairs_folder / "data"), "-q", *place(pairs_folder)]) == 0
    return pairs_folder


def place(folder):
    return ["-w", str(folder), "--offline"]


def command(folder, *more):
    asked = ["optimize", str(folder / "data"), "--space", str(folder / "space.toml")]
    return [*asked, "--json", *more, *place(folder)]


def told(folder, capsys, *more):
    capsys.readouterr()
    assert run(command(folder, *more)) == 0
    return json.loads(capsys.readouterr().out)


def settled(said):
    """What must be the same when the search is the same."""
    tried = [
        (one["candidate"]["digest"], one["asked"], one["standing"], one["score"])
        for one in said["searched"]["tried"]
    ]
    unseen = said["searched"]["unseen"]
    return said["searched"]["winner"], said["searched"]["chosen"], tried, unseen


def rows(folder):
    """How many outcomes the ledger holds."""
    file = folder / ".surefoot" / "ledger.sqlite"
    with closing(sqlite3.connect(file)) as ledger:
        try:
            (count,) = ledger.execute("SELECT COUNT(*) FROM trial_rows").fetchone()
        except sqlite3.OperationalError:
            return 0
    return count


def killed(folder, after, *more):
    """Begins a search and kills it once so many outcomes are in the ledger; how many there are then."""
    code = "import sys; from surefoot.cli.main import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *command(folder, *more)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while rows(folder) < after and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.poll() is None, "it ended before it could be killed"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return rows(folder)


def test_the_same_seed_gives_the_same_trials_and_winner_also_after_a_kill(folder, capsys, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    options = ["--budget", "6trials", "--objective", "quality", "--workers", "1", "--seed", "3"]
    whole = told(folder, capsys, *options)
    before = killed(other, 40, *options)
    after = told(other, capsys, *options)
    assert settled(after) == settled(whole)
    assert after["id"] == whole["id"]
    assert after["audit"]["asks"] == rows(folder) - before == rows(other) - before
    assert whole["searched"]["unseen"]["spent"] is False
    assert after["searched"]["unseen"]["spent"] is False


def test_within_a_time_nothing_is_asked_twice_or_lost_by_a_kill(folder, capsys):
    options = ["--budget", "2m"]
    before = killed(folder, 40, *options)
    said = told(folder, capsys, *options)
    assert said["audit"]["asks"] == rows(folder) - before
    again = told(folder, capsys, *options)
    assert again["audit"]["asks"] == 0
    assert settled(again) == settled(said)


def test_workers_find_what_one_process_finds(folder, capsys, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    options = ["--budget", "5trials"]
    alone = told(folder, capsys, *options, "--workers", "1")
    together = told(other, capsys, *options, "--workers", "2")
    assert settled(together) == settled(alone)
    assert together["notes"] == []


def test_a_found_solution_is_put_into_force_with_its_index(folder, capsys):
    said = told(folder, capsys, "--budget", "6trials")
    with surefoot.open(folder, settings={"offline": True}) as space:
        found = load_experiment(space)
        assert found.id == said["id"]
        solutions = SolutionSpace(parse_space(tomllib.loads(SPACE)), Ground(space))
        candidate = solutions.candidate({"vectors": "long", "stages.search.weight": "0.5"})
        better = solutions.solution(candidate.digest)
        former = put_in_force(space, replace(found, winner=better))
        assert space.resources.digest == better.digest
        assert Tables(space.place.tables, read_only=True).live() == space.resources.recipe
    assert former.read_text(encoding="utf-8").startswith(SOLUTION.split("[[stages]]")[0][:50])
    text = (folder / "surefoot.toml").read_text(encoding="utf-8")
    assert "# kept as it is" in text
    written = tomllib.loads(text)
    assert [stage["kind"] for stage in written["stages"]] == ["search", "quote"]
    assert written["corpus"]["embed"]["dimensions"] == 256
    assert written["corpus"]["sources"]
    with surefoot.open(folder, settings={"offline": True}) as space:
        report = space.sync()
        assert (report.added, report.changed) == (0, 0)


def test_nothing_is_applied_that_is_not_proven(folder, capsys):
    judged = folder / "data" / "qrels" / "test.tsv"
    lines = judged.read_text(encoding="utf-8").splitlines()[
        :9
    ]  # four unseen questions prove nothing
    judged.write_text("\n".join(lines) + "\n", encoding="utf-8")
    before = (folder / "surefoot.toml").read_text(encoding="utf-8")
    capsys.readouterr()
    code = run(command(folder, "--budget", "4trials", "--apply"))
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert said[0]["proven"] is False
    if said[0]["searched"]["winner"] != said[0]["searched"]["present"]:
        assert code == 2
        assert "--yes takes the winner all the same" in said[1]["error"]["hint"]
    assert (folder / "surefoot.toml").read_text(encoding="utf-8") == before
    plain = [part for part in command(folder, "--budget", "4trials") if part != "--json"]
    assert run(plain) == 0
    text = capsys.readouterr().out
    chinese = "灯笼" in (folder / "data" / "corpus.jsonl").read_text(encoding="utf-8")
    assert ("问题" in text) == chinese
    assert ("unseen questions" in text) != chinese


def test_changed_documents_have_only_what_they_touch_asked_again(folder):
    settings = OptimizeSettings(
        space=parse_space(tomllib.loads(SPACE)), budget=parse_budget("5trials")
    )
    with surefoot.open(folder, settings={"offline": True}) as space:
        first = optimize(space, load_evalset(folder / "data"), settings)
    corpus = folder / "data" / "corpus.jsonl"
    lines = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    lines[0]["text"] = "nothing of the kind 毫不相干"
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    corpus.write_text(text, encoding="utf-8")
    with surefoot.open(folder, settings={"offline": True}) as space:
        space.sync()
        questions, settings = continued(space, first.id, settings)
        second = optimize(space, questions, settings)
    assert second.id != first.id
    assert second.asked.continues == first.id
    assert second.ended.audit.kept > 0
    assert second.ended.audit.asks < first.ended.audit.asks


def test_a_forecast_begins_no_search_and_what_it_asked_is_known(folder):
    settings = OptimizeSettings(
        space=parse_space(tomllib.loads(SPACE)), budget=parse_budget("9trials")
    )
    with surefoot.open(folder) as space:
        questions = load_evalset(folder / "data")
        ahead = foresee(space, questions, settings)
        assert not list((folder / ".surefoot").glob("experiments/*"))
        assert ahead.probed > 0 and ahead.seconds.value > 0
        found = optimize(space, questions, settings)
    assert found.ended.audit.kept >= ahead.probed
    assert found.ended.forecast.asks == ahead.asks


def test_what_cannot_be_asked_is_said(folder):
    nowhere = parse_space({"choices": {"stages.rerank.depth": [1, 2]}})
    with surefoot.open(folder, settings={"offline": True}) as space:
        with pytest.raises(ConfigError, match="no stage is called 'rerank'"):
            optimize(space, load_evalset(folder / "data"), OptimizeSettings(space=nowhere))
        wrong = parse_space({"choices": {"stages.search.weigth": [0.1, 0.2]}})
        with pytest.raises(ConfigError, match="did you mean weight") as problem:
            optimize(space, load_evalset(folder / "data"), OptimizeSettings(space=wrong))
        assert "stages.search.weigth" in str(problem.value)
