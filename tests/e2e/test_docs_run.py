"""The blocks of the pages run as they stand, in order, over the example handbook."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


PAGES = {
    "tutorial.md": (10, ["extension 4400", "do not answer", "30天", "deck 2", "head of finance", "ndcg@10"]),
    "evalsets.md": (10, ["with gold: span", "grade: ", "1 accepted, 1 rejected", "2 questions added", "holdout"]),
    "costs-and-runs.md": (7, ["questions will take about", "encoder tokens", "not proven", "Audit("]),
    "evalsets-create.md": (3, ["heading", "questions in", "hidden,", "ndcg@10"]),
    "optimize.md": (7, ["ndcg@10", "unseen questions", "solution.toml"]),
    "serve.md": (7, [
        '"id":"default"', "url_citation", "chunk_id", "event: done", "without a key: 401", "intranet",
        '"type":"file_search_call"', "event: response.completed", '"object":"response","deleted":true',
        '"evalset": "handbook"',
    ]),
    "training-data.md": (6, ["left out because", "will see it", "template:section", "raft:", "looks alike"]),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", PAGES)
def test_the_blocks_of_a_page_run(page, tmp_path):
    shutil.copytree(ROOT / "src/surefoot/cli/data/handbook", tmp_path / "docs")
    tools = Path(sys.executable).parent
    env = {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "SUREFOOT_HOME": str(tmp_path / "home"),
    }
    blocks = BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    least, expected = PAGES[page]
    assert len(blocks) >= least
    said = []
    for language, code in blocks:
        command = ["bash", "-e", "-c", code] if language == "bash" else [sys.executable, "-c", code]
        result = subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, f"{code}\n{result.stdout}\n{result.stderr}"
        said.append(result.stdout)
    everything = "\n".join(said)
    for words in expected:
        assert words in everything
