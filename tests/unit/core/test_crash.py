"""A crash point kills where it is asked to and nowhere else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from surefoot.core.crash import VARIABLE, crash_point


def test_nothing_happens_elsewhere(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    crash_point("here")
    monkeypatch.setenv(VARIABLE, "there")
    crash_point("here")


def test_the_named_point_kills():
    code = "from surefoot.core.crash import crash_point; crash_point('here'); print('alive')"
    env = {**os.environ, VARIABLE: "here"}
    result = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=False)
    assert result.returncode == -signal.SIGKILL
    assert result.stdout == b""
