"""What is shipped for deployment is well formed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_the_unit_passes_verify(tmp_path):
    program = tmp_path / "surefoot"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = (DEPLOY / "surefoot.service").read_text(encoding="utf-8")
    unit = tmp_path / "surefoot.service"
    unit.write_text(text.replace("/opt/surefoot/bin/surefoot", str(program)), encoding="utf-8")
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert "surefoot.service" not in told.stderr, told.stderr
