"""The page on hybrids: its blocks run over an office of harbours whose two halves speak through endpoints.

What training would have left is there already; the blocks that train are for a machine with the extra `tune`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from surefoot.config.registry import Registry
from surefoot.config.solution import parse_solution

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/from-advice-to-hybrid.md").read_text(encoding="utf-8")
SHELL = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)

_spec = spec_from_file_location("hybrid_office", ROOT / "tests/integration/test_hybrid_build.py")
office = module_from_spec(_spec)
_spec.loader.exec_module(office)
servers = office.servers
folder = office.folder


@pytest.fixture(params=["en"])
def lang(request):
    return request.param


def test_the_way_from_advice_to_an_answering_hybrid_can_be_walked(folder):
    for old, new in (("tuned", "lora"), ("found", "rag")):
        shutil.move(folder / "solutions" / f"{old}.toml", folder / "solutions" / f"{new}.toml")
    shutil.move(folder / "evalsets" / "both.jsonl", folder / "evalsets" / "office.jsonl")
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SUREFOOT_OFFLINE": "1",
    }
    said = []
    for code in SHELL.findall(TEXT):
        result = subprocess.run(
            ["bash", "-e", "-c", code],
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, f"{code}\n{result.stdout}\n{result.stderr}"
        said.append(result.stdout)
    advice, built, asked = said
    assert advice.startswith("# Our advice: Retrieval first, then a LoRA adapter on top of it")
    assert "is better than both halves" in built
    assert "ticket printer 77" in asked
    assert "1933" in asked


def test_the_solution_on_the_page_can_be_read():
    (block,) = re.findall(r"^```toml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    found = parse_solution(tomllib.loads(block), Registry())
    assert [way.name for way in found.stages[0].ways] == ["factual", "typical"]
