"""Engines elsewhere join the own hits: fused, merged, told apart, and left out one by one when they fail."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.errors import ConfigError, DataError, TransientError
from surefoot.core.roles import Call, Finds, Parts
from surefoot.core.types import Asker, Chunk, Hit, Query, Turn
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.retrieve.engines import EngineSettings
from surefoot.retrieve.federate import Federate, FederateSettings
from surefoot.retrieve.merging import Listed, merged, same_url
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.memory_index import FakeIndex

TEXTS = {
    "en": ("The harbour opens at six.", "Boats leave at noon.", "Tea is served at four."),
    "zh": ("港口六点开放。", "船在中午出发。", "四点供应茶水。"),
}
QUESTIONS = {"en": "When does the harbour open?", "zh": "港口几点开放？"}


class TellsSettings(EngineSettings):
    kind: Literal["tells"] = "tells"


class FakeEngine:
    """Finds these hits, or fails."""

    def __init__(self, name, said):
        self.name, self.said, self.asked = name, said, []

    def find(self, query, limit, call):
        self.asked.append((query, limit, call))
        if isinstance(self.said, Exception):
            raise self.said
        return Finds(tuple(self.said[:limit]))

    def close(self):
        pass


def hit(name, place, text, url="", score=1.0):
    chunk = Chunk(f"{name}:{place}", f"{name}:{place}", text, 0, len(text), uri=url)
    return Hit(chunk, score, name, {f"{name}_raw": 1.0})


def own(place, text, url="", cosine=0.5):
    chunk = Chunk(f"d#{place}", "d", text, 0, len(text), index=place, uri=url)
    return Hit(chunk, 1.0 - place / 10, "search", {"cosine": cosine})


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


@pytest.fixture
def encoder(tmp_path):
    return HashEncoder(HashSettings(), ModelEnv(tmp_path))


@pytest.fixture
def built(encoder):
    def make(engines, more=None, **options):
        settings = [TellsSettings(name=name, **(more or {}).get(name, {})) for name in engines]
        by_name = {name: FakeEngine(name, said) for name, said in engines.items()}
        parts = Parts(
            FakeIndex, lambda: encoder, None, Prompts().get, None,
            engine=lambda settings: by_name[settings.called],
        )  # fmt: skip
        stage = Federate(FederateSettings(engines=tuple(settings), **options), parts)
        return stage, by_name

    return make


class TestFederate(StageContract):
    @pytest.fixture
    def stage(self, built, lang):
        texts = TEXTS[lang]
        stage, _ = built({"a": [hit("a", 1, texts[0])], "b": DataError("nonsense", where="b")})
        return stage

    @pytest.fixture
    def turn(self, lang):
        return Turn(Query(QUESTIONS[lang]), (own(0, TEXTS[lang][1]), own(1, TEXTS[lang][2])))


def test_hits_of_all_are_one_list_with_ranks_and_scores(built, lang):
    first, second, third = TEXTS[lang]
    stage, _ = built({"a": [hit("a", 1, first), hit("a", 2, third)], "b": [hit("b", 1, first)]})
    after = stage(Turn(Query(QUESTIONS[lang]), (own(0, second),)), Call())
    best = after.hits[0]
    assert best.chunk.text == first
    assert (best.signals["a_rank"], best.signals["b_rank"]) == (1.0, 1.0)
    assert {h.chunk.id for h in after.hits} == {"a:1", "d#0", "a:2"}
    assert all(h.by == "federate" and "cosine" in h.signals for h in after.hits)
    assert next(h for h in after.hits if h.chunk.id == "d#0").signals["own_rank"] == 1.0
    assert [h.score for h in after.hits] == sorted((h.score for h in after.hits), reverse=True)


FAILURES = {
    "down": TransientError("no reply", where="b"),
    "malformed": DataError("not JSON", where="b"),
    "no key": ConfigError("needs a key", where="b"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_an_engine_that_fails_is_left_out_with_a_note(built, lang, failure):
    stage, _ = built({"a": [hit("a", 1, TEXTS[lang][0])], "b": FAILURES[failure]})
    after = stage(Turn(Query(QUESTIONS[lang])), Call())
    assert [h.chunk.id for h in after.hits] == ["a:1"]
    said = FAILURES[failure].message
    assert [note.message for note in after.notes] == [f"b left out: {said}"]


@pytest.mark.parametrize("failure", FAILURES)
def test_own_hits_stay_when_every_engine_fails(built, lang, failure):
    stage, _ = built({"a": FAILURES[failure], "b": FAILURES[failure]})
    before = Turn(Query(QUESTIONS[lang]), (own(0, TEXTS[lang][0]),))
    after = stage(before, Call())
    assert after.hits == before.hits
    assert len(after.notes) == 2


def test_nothing_searched_at_all_is_an_error_to_try_again(built, lang):
    stage, _ = built({"a": FAILURES["down"], "b": FAILURES["no key"]})
    with pytest.raises(TransientError, match="nothing could be searched"):
        stage(Turn(Query(QUESTIONS[lang])), Call())
    stage, _ = built({"a": FAILURES["no key"]})
    with pytest.raises(ConfigError, match="needs a key"):
        stage(Turn(Query(QUESTIONS[lang])), Call())


def test_an_engine_that_finds_nothing_did_search(built, lang):
    stage, _ = built({"a": [], "b": FAILURES["down"]})
    assert stage(Turn(Query(QUESTIONS[lang])), Call()).hits == ()


ANN = Asker("ann", ("crew",), trusted=False)
BOB = Asker("bob", (), trusted=False)


@pytest.mark.parametrize(
    ("more", "asker", "asked"),
    [
        ({}, BOB, True),
        ({"users": ("ann",)}, ANN, True),
        ({"users": ("ann",)}, BOB, False),
        ({"groups": ("crew",)}, ANN, True),
        ({"groups": ("crew",)}, BOB, False),
        ({"groups": ("crew",)}, Asker(None, ("crew",), trusted=False), True),
        ({"users": ("ann",)}, Asker(None, (), trusted=False), False),
        ({"users": ("ann",)}, Asker(), True),
    ],
)
def test_who_may_not_use_an_engine_gets_nothing_and_hears_nothing_of_it(
    built, lang, more, asker, asked
):
    secret = hit("a", 1, TEXTS[lang][0])
    turn = Turn(Query(QUESTIONS[lang], asker=asker), (own(0, TEXTS[lang][1]),))
    for said in ([secret], FAILURES["down"]):
        stage, engines = built({"a": said}, {"a": more})
        after = stage(turn, Call())
        assert bool(engines["a"].asked) == asked
        if not asked:
            assert after == turn


def test_the_same_text_or_address_is_one_hit(lang):
    first, second, third = TEXTS[lang]
    lists = [
        Listed("own", (own(0, first, "https://x.org/p"),), firm=True),
        Listed("a", (hit("a", 1, first.upper()), hit("a", 2, second, "http://x.org/p/#top"))),
        Listed("b", (hit("b", 1, second + third, "https://y.org/q"),)),
        Listed(
            "c", (hit("c", 1, third, "https://y.org/q?x=1"), hit("c", 2, second, "https://y.org/q"))
        ),
    ]
    found = merged(lists)
    assert set(found) == {"d#0", "a:2", "b:1", "c:1"}
    assert found["d#0"].signals["a_rank"] == 1.0
    assert found["d#0"].chunk.text == first


def test_passages_of_one_address_in_one_list_are_kept(lang):
    first, second, _ = TEXTS[lang]
    hits = (hit("a", 1, first, "https://x.org/p"), hit("a", 2, second, "https://x.org/p"))
    assert len(merged([Listed("a", hits)])) == 2
    web = hit("b", 1, second + first, "https://x.org/p")
    found = merged([Listed("a", hits), Listed("b", (web,))])
    assert set(found) == {"b:1", "a:2"}
    assert found["b:1"].signals["a_rank"] == 1.0


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("http://X.org/a/", "https://x.org/a#b", True),
        ("https://x.org:443/a", "https://x.org/a", True),
        ("https://x.org:8443/a", "https://x.org/a", False),
        ("https://x.org/a?b=1", "https://x.org/a", False),
        ("docs/a.md", "docs/a.md", True),
        ("http://[", "", True),
    ],
)
def test_when_two_addresses_are_one_page(left, right, same):
    assert (same_url(left) == same_url(right)) == same


def test_weights_and_limits_are_those_of_the_settings(built, lang):
    first, second, third = TEXTS[lang]
    engines = {"a": [hit("a", 1, first), hit("a", 2, second)], "b": [hit("b", 1, third)]}
    stage, by_name = built(engines, {"a": {"limit": 1, "weight": 9}}, nearness=0.0, keep=1)
    after = stage(Turn(Query(QUESTIONS[lang])), Call())
    assert [h.chunk.id for h in after.hits] == ["a:1"]
    assert by_name["a"].asked[0][1] == 1
    assert len(stage(Turn(Query(QUESTIONS[lang])), Call(limit=3)).hits) == 3
    assert by_name["a"].asked[1][1] == 3


def test_all_engines_have_one_deadline_within_that_of_the_question(built, lang):
    stage, by_name = built({"a": [], "b": []}, timeout_s=3.0)
    stage(Turn(Query(QUESTIONS[lang])), Call(clock=lambda: 10.0))
    assert [by_name[n].asked[0][2].deadline_s for n in "ab"] == [13.0, 13.0]
    stage(Turn(Query(QUESTIONS[lang])), Call(clock=lambda: 10.0, deadline_s=11.0))
    assert by_name["a"].asked[1][2].deadline_s == 11.0


def test_an_encoder_that_is_down_costs_no_hits(built, lang, encoder):
    stage, _ = built({"a": [hit("a", 1, TEXTS[lang][0])]})

    def down():
        raise TransientError("no reply", where="embed")

    stage = Federate(stage._settings, replace(stage._parts, encoder=down))
    after = stage(Turn(Query(QUESTIONS[lang])), Call())
    assert len(after.hits) == 1
    assert "without their cosines" in after.notes[0].message


def test_only_the_best_ranks_are_embedded(built, lang):
    first, second, third = TEXTS[lang]
    engines = {"a": [hit("a", 1, first), hit("a", 2, second)], "b": [hit("b", 1, third)]}
    stage, _ = built(engines, candidates=2)
    after = stage(Turn(Query(QUESTIONS[lang])), Call())
    near = {h.chunk.id for h in after.hits if "cosine" in h.signals}
    assert near == {"a:1", "b:1"}


def test_two_engines_need_two_names():
    with pytest.raises(ValueError, match="named 'tells'"):
        FederateSettings(engines=(TellsSettings(), TellsSettings()))
    with pytest.raises(ValueError, match="named 'own'"):
        FederateSettings(engines=(TellsSettings(name="own"),))
