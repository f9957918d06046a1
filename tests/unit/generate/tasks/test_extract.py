import json

import pytest

from surefoot.core.errors import TransientError
from surefoot.core.roles import Call
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.generate.tasks.extract import Extract, ExtractSettings
from surefoot.testing.fakes import FakeChat

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
SCHEMA = {
    "type": "object",
    "properties": {
        "builder": {"type": "string"},
        "year": {"type": "integer"},
        "cranes": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["builder", "year"],
}
TEXT = {
    "en": "The harbour was built in 1887 by Lena Holm. Its cranes are called Otto and Ida.",
    "zh": "港口由林海于1887年建成。起重机名叫大山和小河。",
}
FOUND = {
    "en": {"builder": "Lena Holm", "year": 1887, "cranes": ["Otto", "Nina"]},
    "zh": {"builder": "林海", "year": 1887, "cranes": ["大山", "白云"]},
}


@pytest.fixture
def extract(parts, tmp_path):
    def made(model, turn, **settings):
        (tmp_path / "s.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
        stage = Extract(
            ExtractSettings(**{"model": "m", "schema": "s.json", **settings}), parts(model)
        )
        return stage(turn, Call())

    return made


def given(lang):
    return Turn(Query(TEXT[lang], lang))


@BOTH
def test_values_cite_their_place_and_those_without_one_are_dropped(lang, extract):
    turn = extract(FakeChat([json.dumps(FOUND[lang])]), given(lang))
    answer = turn.answer
    right = FOUND[lang]["cranes"][0]
    assert answer.value == {**FOUND[lang], "cranes": [right]}
    assert json.loads(answer.text) == answer.value
    assert {c.quote for c in answer.citations} == {FOUND[lang]["builder"], "1887", right}
    for citation in answer.citations:
        assert TEXT[lang][citation.source_start : citation.source_end] == citation.quote
    assert answer.unsupported == (f"cranes.1: {FOUND[lang]['cranes'][1]}",)
    assert "dropped" in turn.notes[0].message


@BOTH
def test_or_they_are_kept_and_marked(lang, extract):
    turn = extract(FakeChat([json.dumps(FOUND[lang])]), given(lang), not_found="mark")
    assert turn.answer.value == FOUND[lang]
    assert len(turn.answer.unsupported) == 1


def test_what_the_text_does_not_say_may_be_null(extract):
    turn = extract(FakeChat(['{"builder": null, "year": 1887}']), given("en"))
    assert turn.answer.value == {"builder": None, "year": 1887}
    assert not turn.answer.refused


def test_long_texts_are_read_in_groups_whose_values_are_joined(extract):
    texts = [
        "The harbour was built in 1887. A crane is called Otto.",
        "Lena Holm built it. A crane is called Ida.",
    ]
    hits = tuple(
        Hit(Chunk(f"c{i}", "d", t, 0, len(t)), 1.0, "document") for i, t in enumerate(texts)
    )
    model = FakeChat(
        [
            '{"builder": null, "year": 1887, "cranes": ["Otto"]}',
            '{"builder": "Lena Holm", "year": null, "cranes": ["Ida"]}',
        ]
    )
    turn = extract(model, Turn(Query("", "en"), hits), of="hits", context_tokens=40)
    assert turn.answer.value == {"builder": "Lena Holm", "year": 1887, "cranes": ["Otto", "Ida"]}
    assert {(c.quote, c.chunk.id) for c in turn.answer.citations} == {
        ("1887", "c0"),
        ("Otto", "c0"),
        ("Lena Holm", "c1"),
        ("Ida", "c1"),
    }


@BOTH
@pytest.mark.parametrize("reply", ["nothing", TransientError("status 503")])
def test_a_model_that_gives_no_json_makes_a_refusal(lang, reply, extract):
    turn = extract(FakeChat([reply]), given(lang))
    assert turn.answer.refused
    assert turn.answer.value is None
