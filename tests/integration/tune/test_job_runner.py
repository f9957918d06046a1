"""What happens to a job from outside: cancelled, interrupted, killed. Needs no torch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError, MissingError, SurefootError
from surefoot.models.base import ModelEnv
from surefoot.tune import job as jobs
from surefoot.tune.events import read_events
from surefoot.tune.job import cancel_job, job_state, run_job
from surefoot.tune.rows import TuningRows, write_rows
from surefoot.tune.spec import JobSpec
from surefoot.tune.worker import LOCK

HERE = Path(__file__).parent


@pytest.fixture
def out(tmp_path, house, monkeypatch):
    """A job's folder; its child only waits."""
    write_rows(TuningRows.of(house()), tmp_path / "rows.jsonl")
    folder = tmp_path / "job"
    worker = [sys.executable, str(HERE / "quiet_worker.py"), str(folder)]
    monkeypatch.setattr(jobs, "_command", lambda *_: worker)
    return folder


@pytest.fixture
def spec(tmp_path):
    raw = {"name": "tiny", "tuner": {"kind": "lora"}, "base": "b", "rows": "rows.jsonl"}
    return parse(JobSpec, raw | {"rows": str(tmp_path / "rows.jsonl")}, Registry(), where="test")


@pytest.fixture
def env(tmp_path):
    return ModelEnv(tmp_path / "cache", offline=True)


def test_a_running_job_is_not_begun_twice_and_can_be_cancelled(out, spec, env):
    def cancel(event):
        if event.step:
            assert job_state(out).state == "running" and job_state(out).pid
            with pytest.raises(ConfigError, match="is training it"):
                run_job(spec, out, env)
            assert cancel_job(out)

    with pytest.raises(SurefootError, match="was cancelled"):
        run_job(spec, out, env, cancel)
    assert job_state(out).state == "cancelled" and not cancel_job(out)


def test_an_interrupt_ends_the_child(out, spec, env):
    def interrupt(event):
        if event.step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_job(spec, out, env, interrupt)
    assert job_state(out).state == "cancelled" and job_state(out).pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(int((out / "pid").read_text(encoding="ascii")), 0)


def test_a_child_that_the_system_kills_is_told_so(out, spec, env):
    def kill(event):
        if event.step:
            os.kill(int((out / "pid").read_text(encoding="ascii")), signal.SIGKILL)

    with pytest.raises(SurefootError, match="was killed, as the system does") as told:
        run_job(spec, out, env, kill)
    assert "micro_tokens" in told.value.hint
    assert job_state(out).last.loss == 2.0


def test_rows_that_changed_are_another_job(out, spec, env, house):
    def stop(event):
        if event.step:
            cancel_job(out)

    with pytest.raises(SurefootError):
        run_job(spec, out, env, stop)
    write_rows(TuningRows.of(house(count=8)), Path(spec.rows))
    with pytest.raises(ConfigError, match="the rows changed since this job began"):
        run_job(spec, out, env)


def test_a_job_that_is_not_there_is_said(tmp_path, spec, env):
    with pytest.raises(MissingError, match="there is no such job"):
        job_state(tmp_path)
    with pytest.raises(MissingError, match="no such file of rows"):
        run_job(spec, tmp_path / "job", env)


def test_a_child_whose_parent_is_killed_ends_by_itself(tmp_path, house):
    """The parent is killed for good; the child notices when it next has something to say."""
    write_rows(TuningRows.of(house()), tmp_path / "rows.jsonl")
    folder = tmp_path / "job"
    child = [sys.executable, str(HERE / "lone_worker.py"), str(folder)]
    code = (
        "import sys; from pathlib import Path; from surefoot.tune import job;"
        "from surefoot.config.base import parse; from surefoot.config.registry import Registry;"
        "from surefoot.models.base import ModelEnv; from surefoot.tune.spec import JobSpec;"
        f"job._command = lambda *_: {child!r};"
        f"raw = dict(name='t', tuner=dict(kind='lora'), base='b', rows={str(tmp_path / 'rows.jsonl')!r});"
        "spec = parse(JobSpec, raw, Registry(), where='test');"
        f"job.run_job(spec, Path({str(folder)!r}), ModelEnv(Path('cache')),"
        " lambda event: event.step and __import__('os').kill(__import__('os').getpid(), 9))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    with FileLock(folder / LOCK, timeout=30):
        state = job_state_of_events(folder)
    assert state == ("failed", "whoever began it is gone | the same command goes on")


def job_state_of_events(folder):
    last = list(read_events(folder))[-1]
    return last.state, last.message
