"""surefoot tune lora, full, jobs and cancel, with a worker that stands for the training."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from surefoot.cli.main import run
from surefoot.tune import job as jobs
from surefoot.tune.rows import read_rows

HERE = Path(__file__).parent


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A workspace with a file of rows; the training is a card that is written at once."""
    assert run(["init", str(tmp_path), "-q"]) == 0
    monkeypatch.chdir(tmp_path)
    lines = [
        {
            "instruction": "Say it.",
            "input": f"文岛{n}" if n % 2 else f"Alder {n}",
            "output": f"name[{n}]",
        }
        for n in range(20)
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (tmp_path / "house.jsonl").write_text(text + '{"instruction": "no answer"}\n', encoding="utf-8")
    monkeypatch.setattr(
        jobs,
        "_command",
        lambda _spec, out: [sys.executable, str(HERE / "card_worker.py"), str(out)],
    )
    return tmp_path


def test_rows_of_any_format_are_divided_and_what_is_left_out_is_said(work, capsys):
    given = ["tune", "lora", "--rows", "house.jsonl", "--name", "house", "--dev", "0.2"]
    assert run([*given, "--rank", "4", "--target", "q_proj", "--set", "packing=true"]) == 0
    told = capsys.readouterr()
    assert "house: adapter by lora" in told.out and "1 records are no rows" in told.err
    rows = read_rows(work / ".surefoot/jobs/house/rows.jsonl")
    assert rows.of_split("dev") and len(rows.rows) == 20
    spec = json.loads((work / ".surefoot/jobs/house/spec.json").read_text(encoding="utf-8"))
    assert spec["tuner"]["targets"] == ["q_proj"] and spec["tuner"]["packing"] is True
    assert (work / ".surefoot/adapters/house/artefact.json").is_file()


def test_jobs_are_listed_and_a_finished_one_cannot_be_cancelled(work, capsys):
    run(["tune", "full", "--rows", "house.jsonl", "--name", "all", "--json"])
    card = json.loads(capsys.readouterr().out)["card"]
    assert card["name"] == "all"
    assert run(["tune", "jobs", "--json"]) == 0
    [job] = json.loads(capsys.readouterr().out)
    assert (job["name"], job["tuner"], job["state"]) == ("all", "full", "succeeded")
    assert run(["tune", "jobs"]) == 0 and "step 2/2" in capsys.readouterr().out
    assert run(["tune", "cancel", "all"]) == 0
    assert "does not run: it is succeeded" in capsys.readouterr().out


def test_other_settings_under_the_same_name_need_anew(work, capsys):
    given = ["tune", "lora", "--rows", "house.jsonl", "--name", "house", "-q"]
    assert run(given) == 0
    assert run([*given, "--seed", "1"]) == 2
    assert "seed changed since this job began" in capsys.readouterr().err
    assert run([*given, "--seed", "1", "--anew"]) == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "the result needs a name"),
        (["--name", "a", "--target", "lm_head"], "refuses or silently skips adapters"),
        (["--name", "a", "--set", "rnk=4"], "did you mean rank?"),
        (["--name", "a", "--device", "tpu"], "device"),
        (["--name", "a", "--method", "magic"], "method"),
    ],
)
def test_what_is_wrong_is_said_before_anything_starts(work, capsys, more, said):
    assert run(["tune", "lora", "--rows", "house.jsonl", *more]) == 2
    assert said in capsys.readouterr().err
    assert not (work / ".surefoot/jobs/a/events.jsonl").exists()
