"""Jobs: killed and resumed, cancelled, in several processes; what is told while they run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.core.digest import sha256_file
from surefoot.core.errors import ConfigError, DataError, SurefootError
from surefoot.tune import job as jobs
from surefoot.tune.checkpoints import newest_complete
from surefoot.tune.events import read_events
from surefoot.tune.job import job_state, put_artefact, run_job
from surefoot.tune.spec import JobSpec

pytestmark = pytest.mark.tune
HERE = Path(__file__).parent
LORA = {
    "kind": "lora",
    "epochs": 2,
    "batch": 4,
    "rank": 4,
    "dropout": 0.1,
    "learning_rate": 0.01,
    "evals_per_epoch": 2,
}


def spec_of(base, rows, tuner=LORA, **more):
    raw = {"name": "tiny", "tuner": tuner, "base": str(base), "rows": str(rows), "threads": 1}
    return parse(JobSpec, raw | more, Registry(), where="test")


def weights(out, form="peft"):
    return {path.name: sha256_file(path) for path in sorted((out / form).glob("*.safetensors"))}


@pytest.fixture(scope="module", params=["lora", "full"])
def unbroken(request, tmp_path_factory, base, rows, env):
    """A run that nothing disturbed, its spec and its weights."""
    tuner = LORA if request.param == "lora" else {"kind": "full", **QUICK_FULL}
    spec = spec_of(base, rows, tuner)
    out = tmp_path_factory.mktemp("unbroken") / "job"
    card = run_job(spec, out, env)
    return spec, card, weights(out, "peft" if request.param == "lora" else "weights")


QUICK_FULL = {"epochs": 2, "batch": 4, "learning_rate": 0.003, "evals_per_epoch": 2}


def killed(spec, out, env, place, patch):
    """Runs the job with a worker that is killed for good at a place."""
    deadly = [sys.executable, str(HERE / "killed_worker.py"), str(out), place]
    with patch.context() as patched:
        patched.setattr(jobs, "_command", lambda *_: deadly)
        with pytest.raises(SurefootError, match="was killed"):
            run_job(spec, out, env)
    assert job_state(out).state == "failed"
    kept = newest_complete(out / "checkpoints")
    return kept.name


def test_a_run_that_is_killed_again_and_again_comes_to_the_same_weights(
    tmp_path, env, unbroken, monkeypatch
):
    """In mid-run, while a checkpoint is written aside, and between its manifest and its rename."""
    spec, card, wanted = unbroken
    out = tmp_path / "job"
    lora = spec.tuner.kind == "lora"
    for place in ("5", "after_files", "before_rename") if lora else ("after_files",):
        kept = killed(spec, out, env, place, monkeypatch)
    assert kept == ("checkpoint-9" if lora else "checkpoint-3")
    again = run_job(spec, out, env)
    assert weights(out, "peft" if lora else "weights") == wanted
    assert again.dev_loss == card.dev_loss and again.expense.steps >= card.expense.steps
    assert any(f"goes on from {kept}" in event.message for event in read_events(out))
    assert not (out / "checkpoints").exists()


def test_two_processes_learn_what_one_does(tmp_path, base, rows, env):
    tuner = {**LORA, "dropout": 0.0, "precision": "float32"}
    alone = run_job(spec_of(base, rows, tuner), tmp_path / "one", env)
    spec = spec_of(base, rows, tuner, launcher="torchrun", processes=2)
    both = run_job(spec, tmp_path / "two", env)
    assert both.expense.steps == alone.expense.steps
    assert both.expense.train_tokens == pytest.approx(alone.expense.train_tokens, rel=0.05)
    assert both.dev_loss == pytest.approx(alone.dev_loss, rel=0.15)


def test_another_world_size_than_asked_for_is_refused(tmp_path, base, rows, env):
    with pytest.raises(ConfigError, match="1 processes run, the job asks for 2"):
        run_job(spec_of(base, rows, processes=2), tmp_path / "job", env)


def test_a_finished_job_is_not_trained_again_and_another_spec_is_refused(tmp_path, base, rows, env):
    out = tmp_path / "job"
    quick = {**LORA, "epochs": 0.2}
    heard = []
    card = run_job(spec_of(base, rows, quick), out, env, heard.append)
    assert [event.state for event in heard][-1] == "succeeded"
    assert run_job(spec_of(base, rows, quick, threads=2), out, env) == card
    with pytest.raises(ConfigError, match="tuner changed since this job began"):
        run_job(spec_of(base, rows, LORA), out, env)
    placed = put_artefact(out, tmp_path / "adapters" / "tiny")
    assert placed == card and weights(tmp_path / "adapters" / "tiny") == weights(out)


def test_what_the_child_says_of_an_error_comes_out_as_it_is(tmp_path, base, rows, env):
    with pytest.raises(DataError, match="rows have more than 8 tokens") as told:
        run_job(spec_of(base, rows, {**LORA, "max_tokens": 8}), tmp_path / "job", env)
    assert "max_tokens = " in told.value.hint
    assert job_state(tmp_path / "job").state == "failed"


def test_the_modules_of_jobs_import_no_torch():
    code = (
        "import sys, surefoot.tune.job, surefoot.tune.worker, surefoot.tune.chat.lora, "
        "surefoot.tune.chat.full, surefoot.tune.chat.replies, surefoot.optimize.train; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
