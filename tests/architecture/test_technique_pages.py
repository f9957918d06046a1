"""The pages on techniques name every part, their settings can be read, and their index leads to each."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from surefoot.config.registry import Registry
from surefoot.config.solution import parse_solution

FOLDER = Path(__file__).parents[2] / "docs" / "techniques"
PAGES = sorted(page for page in FOLDER.glob("*.md") if page.name != "README.md")
ANSWERING = {"quote", "answer", "search"}


def blocks() -> list[tuple[str, str]]:
    return [
        (page.name, block)
        for page in PAGES
        for block in re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    ]


@pytest.mark.parametrize(("page", "block"), blocks())
def test_a_solution_on_a_page_can_be_read(page: str, block: str) -> None:
    raw = tomllib.loads(block)
    stages = raw.get("stages") or [{"kind": "search"}]
    parse_solution({**raw, "stages": stages}, Registry(), where=page)


def test_the_index_leads_to_every_page() -> None:
    index = (FOLDER / "README.md").read_text("utf-8")
    assert [page.name for page in PAGES if f"({page.name})" not in index] == []


@pytest.mark.parametrize("role", ["chunker", "describer", "view", "reranker", "engine", "stage"])
def test_every_part_has_its_page(role: str) -> None:
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    kinds = [kind for kind in Registry().kinds(role) if kind not in ANSWERING]
    assert [kind for kind in kinds if f"`{kind}`" not in text and f'"{kind}"' not in text] == []
