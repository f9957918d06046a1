"""Methods are compared with a tiny model, killed while it asks and while it trains, and gone on with."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

pytest.importorskip("torch")

from surefoot.core.types import EvalCase
from surefoot.evaluate.evalsets import make_evalset, write_evalset
from surefoot.optimize.compare.compare import compare_methods, continued, load_comparison
from surefoot.optimize.compare.files import CompareFiles
from surefoot.optimize.compare.settings import CompareSettings
from surefoot.run.workspace import open_workspace
from surefoot.store.trials import Trials
from surefoot.testing.tiny_chat import make_tiny_chat
from surefoot.tune.rows import ChatRow, ChatTurn, TuningRows, write_rows

pytestmark = [pytest.mark.slow, pytest.mark.tune]
WAIT_S = 200.0
NAMES = (
    "Alder",
    "Birch",
    "桦林",
    "Dale",
    "Elm",
    "文岛",
    "Gorse",
    "Hazel",
    "青河",
    "Juniper",
    "Kale",
    "松镇",
)
SOLUTION = """schema = 1
name = "tiny"

[[stages]]
kind = "answer"
reply = "plain"
plain = "answer/direct"
max_tokens = 12
"""  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("compare")
    make_tiny_chat(root / "base")
    (root / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    rows = [
        ChatRow(
            id=f"r{at}",
            prompt=(ChatTurn(role="user", content=f"{name} is by the riverside."),),
            completion=f"name[{name}], area[riverside]",
            lang="zh" if name > "z" else "en",
            split="dev" if at > 3 else "train",
        )
        for at, name in enumerate(NAMES[:6])
    ]
    write_rows(TuningRows.of(rows), root / "train.jsonl")
    cases = [
        EvalCase(f"q{at}", f"{name} stands at the harbour.", "zh" if name > "z" else "en",
                 answers=(f"name[{name}], area[harbour]",))
        for at, name in enumerate(NAMES[6:])
    ]  # fmt: skip
    write_evalset(make_evalset("tiny", cases, task="format"), root / "evalsets" / "tiny.jsonl")
    return root


def started(root: Path, *more: str) -> subprocess.Popen[bytes]:
    said = "from surefoot.cli.main import main; main()"
    asked = [
        "--evalset",
        "tiny",
        "--train",
        str(root / "train.jsonl"),
        "--model",
        str(root / "base"),
    ]
    told = ["--methods", "prompt,nearest,lora", "--shots", "1", "--epochs", "2", "--tolerance", "0"]
    command = [sys.executable, "-c", said, "compare", *(more or asked), *told, "--no-suites"]
    env = {**os.environ, "SUREFOOT_MODELS": str(root / "models"), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([*command, "-w", str(root)], env=env)


def killed_when(child: subprocess.Popen[bytes], reached) -> None:
    """Waits until a point is reached, then kills the process as nobody can prepare for."""
    ends = monotonic() + WAIT_S
    while not reached():
        assert child.poll() is None, "it ended before it could be killed"
        assert monotonic() < ends
        try:
            child.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
    child.send_signal(signal.SIGKILL)
    child.wait()


def kept_rows(root: Path) -> int:
    if not (root / ".surefoot" / "ledger.sqlite").is_file():
        return 0
    trials = Trials.at(root / ".surefoot")
    try:
        found = trials._database.read("SELECT COUNT(*) AS n FROM trial_rows", {})
    finally:
        trials.close()
    return int(found[0]["n"])


def opened(root: Path):
    return open_workspace(root, settings={"models": root / "models", "threads": 1})


def test_a_killed_comparison_goes_on_and_does_nothing_twice(folder):
    killed_when(started(folder), lambda: kept_rows(folder) >= 2)
    asked_before = kept_rows(folder)
    jobs = folder / ".surefoot" / "jobs"
    killed_when(started(folder), lambda: any(jobs.glob("*/events.jsonl")))
    assert kept_rows(folder) == 12 >= asked_before >= 2

    moments = []
    with opened(folder) as space:
        evalset, train, settings = continued(
            space, "last", CompareSettings(tolerance=0.0, suites=False)
        )
        found = compare_methods(space, evalset, train, settings, moments.append)
        first = [m for m in moments if m.doing == "asking" and m.what == "prompt"]
        assert first[0].done == first[-1].done == 6  # all of them were known
        assert found.methods == ("prompt", "nearest", "lora")
        assert found.held.number_type == "f16"
        lora = found.of("lora")[0]
        assert lora.build.steps > 0 and lora.build.train_tokens > 0 and lora.build.wall_s > 0
        assert lora.parity is not None and lora.service.peak_mib > 0
        assert {(one.method, one.against) for one in found.differences} == {
            ("nearest", "prompt"), ("lora", "prompt"), ("lora", "nearest"),
        }  # fmt: skip
        assert load_comparison(space, found.id[:5]) == found

        again: list = []
        same = compare_methods(space, evalset, train, settings, again.append)
        assert same == found
        assert not [m for m in again if m.doing in ("training", "exporting")]


def test_other_seeds_are_joined_to_those_that_there_are(folder):
    with opened(folder) as space:
        wanted = CompareSettings(seeds=(2,), tolerance=0.0, suites=False)
        evalset, train, settings = continued(space, "last", wanted)
        assert settings.seeds == (1, 2)
        found = compare_methods(space, evalset, train, settings)
        assert found.seeds == (1, 2)
        lora = next(one for one in found.joined if one.method == "lora")
        assert lora.seeds == (1, 2) and lora.spread is not None
        names = [one.name for one in CompareFiles.all(space.root / ".surefoot")[-1].result.arms]
        assert names == ["prompt", "nearest", "lora-1", "lora-2"]


def test_each_arm_is_trained_at_several_rates_and_the_best_on_the_dev_rows_answers(folder):
    rates = (1.0, 40.0)
    with opened(folder) as space:
        evalset, train, settings = continued(space, "last", CompareSettings())
        more = {"methods": ("prompt", "lora"), "seeds": (1,), "rates": rates}
        wanted = replace(settings, continues="", **more)
        found = compare_methods(space, evalset, train, wanted)
        (arm,) = found.of("lora")
        (said,) = [note for note in arm.notes if "usual learning rate" in note]
        losses = [float(text) for text in re.findall(r": (\d+\.\d+)", said)]
        assert len(losses) == 2 and losses[0] != losses[1]
        kept = rates[losses.index(min(losses))]
        assert f"kept ×{kept:g} of" in said
        jobs = [job.name for job in (folder / ".surefoot" / "jobs").glob(f"*{found.id[:6]}*")]
        assert [job.rpartition("-x")[2] for job in jobs] == [f"{kept:g}"]
        _, _, again = continued(space, found.id, CompareSettings())
        assert again.rates == rates
