from __future__ import annotations

import tomllib

import pytest

from surefoot.config.presets import over_documents, preset_line, preset_names, preset_text
from surefoot.config.registry import Registry
from surefoot.config.solution import parse_solution
from surefoot.core.errors import MissingError


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_is_a_solution_of_its_name_that_says_what_it_is_for(name):
    solution = parse_solution(tomllib.loads(preset_text(name)), Registry())
    assert solution.name == name
    assert solution.corpus is not None
    assert solution.corpus.sources == ()
    assert len(preset_line(name)) > 20


WRITTEN = {
    "corpus": {
        "sources": [{"kind": "folder", "path": "文档"}],
        "chunk": {"kind": "fixed"},
        "describe": [{"kind": "path", "folders": ["部门"]}, {"kind": "sidecar"}],
        "metadata": {"部门": "text", "year": "int"},
        "limits": {"max_file_mb": 200},
        "clean": {"near_duplicates": 0.0},
    },
    "endpoints": {"house": {"base_url": "http://localhost:1", "model": "m"}},
    "stages": [{"kind": "search"}],
}


@pytest.mark.parametrize("name", preset_names())
def test_what_is_said_of_documents_is_taken_over_and_comments_stay(name):
    text = over_documents(preset_text(name), WRITTEN)
    assert text.startswith("# ")
    taken, preset = tomllib.loads(text), tomllib.loads(preset_text(name))
    for key in ("sources", "describe", "metadata", "limits", "clean"):
        assert taken["corpus"][key] == WRITTEN["corpus"][key]
    assert "chunk" not in taken["corpus"]
    assert taken["endpoints"] == WRITTEN["endpoints"]
    assert taken["stages"] == preset["stages"]
    assert taken["corpus"].get("views") == preset["corpus"].get("views")
    assert parse_solution(taken, Registry()).corpus.metadata == {"部门": "text", "year": "int"}


def test_a_solution_that_says_little_changes_little():
    written = {"corpus": {"sources": [{"kind": "folder", "path": "docs"}]}}
    taken = tomllib.loads(over_documents(preset_text("fast"), written))
    taken["corpus"]["sources"] = []
    assert taken == tomllib.loads(preset_text("fast"))


def test_an_unknown_preset_is_named_with_the_known_ones():
    with pytest.raises(MissingError, match="there is no preset 'fats'") as caught:
        preset_text("fats")
    assert "fast" in caught.value.hint
