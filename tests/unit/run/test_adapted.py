"""Where a trained model goes in a solution."""

from __future__ import annotations

import pytest

from surefoot.config.registry import Registry
from surefoot.config.solution import parse_solution, set_path
from surefoot.core.errors import ConfigError
from surefoot.run.adapted import with_adapter

CORPUS = {"sources": []}
SEARCH = {"kind": "search"}


def changed(*stages):
    """The stages with a trained model in them."""
    raw = {"schema": 1, "name": "house", "corpus": CORPUS, "stages": list(stages)}
    changes = with_adapter(parse_solution(raw, Registry()), "法律", "base.gguf")
    assert changes["name"] == "house+法律"
    for path, value in changes.items():
        set_path(raw, path, value)
    return parse_solution(raw, Registry()).stages


def test_the_stage_that_answers_takes_it_and_keeps_its_settings():
    first, last = changed(SEARCH, {"kind": "answer", "model": "http:x", "passages": 3})
    assert (last.model, last.adapter, last.passages) == ("base.gguf", "法律", 3)
    assert first == parse_solution({"stages": [SEARCH]}, Registry()).stages[0]


def test_the_last_of_several_takes_it():
    answers = {"kind": "answer", "model": "base.gguf"}
    _, first, last = changed(SEARCH, dict(answers), dict(answers))
    assert (first.adapter, last.adapter) == ("", "法律")


def test_a_stage_that_quotes_gives_its_place_with_its_threshold():
    quote = {"kind": "quote", "refuse": {"threshold": 0.25}}
    last = changed(SEARCH, quote)[-1]
    assert (last.kind, last.model, last.adapter) == ("answer", "base.gguf", "法律")
    assert last.refuse.threshold == 0.25


def test_another_trained_model_is_replaced():
    (last,) = changed({"kind": "answer", "model": "base.gguf", "adapter": "house"})
    assert last.adapter == "法律"


def test_where_nothing_answers_it_has_no_place():
    with pytest.raises(ConfigError, match="no stage of this solution answers"):
        changed(SEARCH)
