"""The blocks of the page on adapters run as they stand, in order: training, exports, answers, a merge."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("xllamacpp")
pytestmark = [pytest.mark.tune, pytest.mark.slow, pytest.mark.timeout(1800)]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "adapters.md"
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXPECTED = ["gguf-adapter", "openvino", "llama.cpp", "Cedar", "both", "kept: a solution names it"]


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
        said.append(result.stdout)
    assert len(said) >= 6
    everything = "\n".join(said)
    print(everything)
    for words in EXPECTED:
        assert words in everything
