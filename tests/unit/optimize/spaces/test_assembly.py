"""Settings put together from a base: stages into places, values by path, and what then differs."""

import pytest

from surefoot.config.space import Place
from surefoot.core.errors import ConfigError
from surefoot.optimize.spaces.assembly import Draft, differences

BASE = {
    "name": "base",
    "corpus": {"chunk": {"max_tokens": 200}},
    "stages": [{"kind": "search", "weight": 0.5}, {"kind": "quote"}],
}
RERANK, SPELL, FOLLOW = {"kind": "rerank"}, {"kind": "spelling"}, {"kind": "iterate"}


def kinds(draft):
    return [stage["kind"] for stage in draft.plain()["stages"]]


def placed(name, **where):
    return Place(name=name, options={"none": []}, **where)


def test_places_follow_one_another_in_the_order_of_the_file():
    draft = Draft(BASE)
    draft.put(placed("rerank", after="search"), [RERANK])
    draft.put(placed("hops", after="search"), [FOLLOW])
    draft.put(placed("words", before="search"), [SPELL])
    assert kinds(draft) == ["spelling", "search", "rerank", "iterate", "quote"]


def test_an_empty_place_can_still_be_stood_beside_and_one_can_be_replaced():
    draft = Draft(BASE)
    draft.put(placed("rerank", after="search"), [])
    draft.put(placed("hops", after="rerank"), [FOLLOW])
    draft.put(placed("answer", instead="quote"), [{"kind": "answer", "model": "http:x"}])
    assert kinds(draft) == ["search", "iterate", "answer"]
    draft.set("stages.answer.model", "http:y")
    assert draft.plain()["stages"][-1]["model"] == "http:y"


def test_a_place_left_as_it_is_is_reached_by_its_name():
    draft = Draft(BASE)
    draft.put(placed("answer", instead="quote"), None)
    draft.set("stages.answer.max_sentences", 2)
    assert draft.plain()["stages"][1] == {"kind": "quote", "max_sentences": 2}


def test_values_are_set_by_kind_number_or_path_and_the_base_stays():
    draft = Draft(BASE)
    draft.set("stages.search.weight", 0.1)
    draft.set("stages.1.max_sentences", 1)
    draft.set("stages.rerank.depth", 5)
    draft.set("corpus.embed.kind", "hash")
    assert draft.plain() == {
        "name": "base",
        "corpus": {"chunk": {"max_tokens": 200}, "embed": {"kind": "hash"}},
        "stages": [{"kind": "search", "weight": 0.1}, {"kind": "quote", "max_sentences": 1}],
    }
    assert BASE["stages"][0]["weight"] == 0.5


def test_a_place_beside_nothing_is_refused():
    with pytest.raises(ConfigError, match="no stage is called that") as problem:
        Draft(BASE).put(placed("x", after="rerank"), [RERANK])
    assert "quote, search" in str(problem.value)


def test_differences_by_path():
    other = {
        "corpus": {"chunk": {"max_tokens": 100}},
        "stages": [{"kind": "search"}, {"kind": "quote"}],
    }
    assert differences(BASE, other) == {
        "corpus.chunk.max_tokens": 100,
        "stages.0.weight": None,
    }
    assert differences(BASE, {**other, "stages": [RERANK]})["stages"] == [RERANK]
