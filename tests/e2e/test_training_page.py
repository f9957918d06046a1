"""The blocks of the page on training run as they stand, in order, with the packaged model."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytestmark = [pytest.mark.tune, pytest.mark.slow, pytest.mark.timeout(1800)]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "train-an-adapter.md"
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXPECTED = ["house: adapter by lora", "succeeded", '"state":"validating"', "ia3 5"]


def test_the_blocks_run(tmp_path):
    tools = Path(sys.executable).parent
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "SUREFOOT_HOME": str(tmp_path / "home")}
    said = []
    for language, code in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        command = ["bash", "-e", "-c", code] if language == "bash" else [sys.executable, "-c", code]
        result = subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, f"{code}\n{result.stdout}\n{result.stderr}"
        said.append(result.stdout + result.stderr)
    everything = "\n".join(said)
    for words in EXPECTED:
        assert words in everything
    assert ">>>name[Alder], opens[9]" in re.sub("\x1b\\[[0-9;]*m", "", everything)
