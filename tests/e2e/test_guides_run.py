"""The guides on proof: their blocks run as they stand and print what stands below them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
PRINTING = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "page", ["reading-a-verdict", "how-many-questions", "gate", "which-method", "compare"]
)
def test_examples_print_what_stands_below_them(page):
    text = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")
    blocks = PRINTING.findall(text)
    assert blocks and len(blocks) == text.count("```python")
    for code, printed in blocks:
        result = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        assert result.stdout == printed, code


def test_the_way_to_know_whether_it_works_can_be_walked(tmp_path):
    shutil.copytree(ROOT / "src/surefoot/cli/data/handbook", tmp_path / "docs")
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SUREFOOT_HOME": str(tmp_path / "home"),
    }
    said = []
    for code in SHELL.findall((ROOT / "docs/does-your-rag-work.md").read_text(encoding="utf-8")):
        result = subprocess.run(
            ["bash", "-e", "-c", code],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, f"{code}\n{result.stdout}\n{result.stderr}"
        said.append(result.stdout)
    everything = "\n".join(said)
    for expected in ("ndcg@10", "right_or_refusal", "cannot tell"):
        assert expected in everything
