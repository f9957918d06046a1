"""The few lines of each client page run as they stand, against a server over the example handbook."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

import pytest
from serving import running

import surefoot
from surefoot.config.catalog import load_catalog
from surefoot.testing.small_adapter import make_adapter

pytestmark = pytest.mark.slow
PAGES = Path(__file__).parents[3] / "docs" / "clients"
SAID = {
    "openai": ["24 days", "/documents/"],
    "cohere": ["(2, "],
    "mcp": ["每4年"],
    "fine-tuned": ["'default', 'facts', 'desk', 'house'", "facts+house", "facts+desk"],
    "langchain": ["24 days"],
    "llamaindex": ["Equipment"],
    "retrieval-plugin": ["22:00"],
    "curl": ['"citations"', '"chunk_id"'],
}
_BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the workspace `work` in it, and the address of its server."""
    folder = tmp_path_factory.mktemp("clients")
    with resources.as_file(resources.files("surefoot.cli") / "data" / "handbook") as handbook:
        shutil.copytree(handbook, folder / "docs")
    with surefoot.open(folder / "work") as space:
        space.add(folder / "docs")
        _train(space)
    with running(folder / "work") as served:
        yield folder, served.url


def _train(space) -> None:
    """What the page on trained models asks, where there is an engine for it."""
    if find_spec("xllamacpp") is None:
        return
    page = (PAGES / "fine-tuned.md").read_text(encoding="utf-8")
    (file,) = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (space.root / "solutions").mkdir()
    (space.root / "solutions" / "facts.toml").write_text(file, encoding="utf-8")
    for seed, name in enumerate(("house", "desk")):
        base = load_catalog().default("chat")
        make_adapter(space.root, name, base, space.resources.env, seed=seed)


def test_every_page_is_run() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} - {"README"} == set(SAID)


@pytest.mark.parametrize("name", sorted(SAID))
def test_the_lines_of_a_page_run(place, name) -> None:
    folder, url = place
    if name == "fine-tuned":
        pytest.importorskip("xllamacpp")
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    blocks = _BLOCK.findall(text)
    assert blocks
    for language, block in blocks:
        assert len(block.strip().splitlines()) <= 10
        code = block.replace("http://127.0.0.1:8321", url)
        start = ["bash", "-ec", code] if language == "bash" else [sys.executable, "-c", code]
        done = subprocess.run(
            start, cwd=folder, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        missing = [said for said in SAID[name] if said not in done.stdout]
        assert not missing, done.stdout[-2000:]
