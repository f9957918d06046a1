from __future__ import annotations

import tomllib

import pytest

from surefoot.config.presets import preset_line, preset_names, preset_text, with_sources
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


def test_sources_are_put_in_and_comments_stay():
    sources = [{"kind": "folder", "path": "文档"}]
    text = with_sources(preset_text("fast"), sources)
    assert text.startswith("# ")
    assert tomllib.loads(text)["corpus"]["sources"] == sources


def test_an_unknown_preset_is_named_with_the_known_ones():
    with pytest.raises(MissingError, match="there is no preset 'fats'") as caught:
        preset_text("fats")
    assert "fast" in caught.value.hint
