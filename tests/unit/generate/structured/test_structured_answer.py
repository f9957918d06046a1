import json

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.errors import ConfigError, DataError, TransientError
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.generate.answer import AnswerSettings, AnswerStage
from surefoot.generate.guard import RefusalSettings
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.fakes import FakeChat

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
SCHEMA = {
    "type": "object",
    "properties": {
        "builder": {"type": "string"},
        "year": {"type": "integer"},
        "kind": {"enum": ["harbour", "airport"]},
    },
    "required": ["builder", "year"],
    "additionalProperties": False,
}
TEXTS = {
    "en": "The harbour of Alder was built in 1,887 by Lena Holm.",
    "zh": "桦林港由工程师林海于１８８７年建成。",
}
VALUES = {
    "en": {"builder": "lena holm", "year": 1887, "kind": "harbour"},
    "zh": {"builder": "林海", "year": 1887, "kind": "harbour"},
}
QUESTIONS = {"en": "Who built the harbour, and when?", "zh": "港口是谁在哪一年建成的？"}


class Frequencies:
    def frequencies(self, terms):
        return [1] * len(terms), 10


@pytest.fixture
def stage(tmp_path):
    (tmp_path / "s.json").write_text(json.dumps(SCHEMA), encoding="utf-8")

    def made(model, *, index=Frequencies, **settings):
        encoder = HashEncoder(HashSettings())
        parts = Parts(
            index,
            lambda: encoder,
            lambda name: model,
            Prompts().get,
            lambda raw: None,
            lambda name: tmp_path / name,
        )
        settings = {"model": "m", "refuse": RefusalSettings(threshold=0), **settings}
        return AnswerStage(AnswerSettings(**{"schema": "s.json", **settings}), parts)

    return made


def asked(lang):
    chunk = Chunk("c0", "d0", TEXTS[lang], 100, 100 + len(TEXTS[lang]))
    return Turn(Query(QUESTIONS[lang], lang), (Hit(chunk, 1.0, "search"),))


def notes(turn):
    return [note.message for note in turn.notes]


@BOTH
def test_the_answer_is_canonical_json_with_a_citation_for_each_value_that_stands_in_a_passage(
    lang, stage
):
    model = FakeChat([json.dumps(VALUES[lang], ensure_ascii=True)])
    turn = stage(model)(asked(lang), Call())
    answer = turn.answer
    assert answer.value == VALUES[lang]
    assert answer.text == json.dumps(VALUES[lang], ensure_ascii=False, sort_keys=True)
    cited = {answer.text[c.start : c.end]: c.quote for c in answer.citations}
    assert cited[json.dumps(VALUES[lang]["builder"], ensure_ascii=False)].lower() in (
        "lena holm",
        "林海",
    )
    assert cited["1887"] in ("1,887", "１８８７")
    for citation in answer.citations:
        place = slice(citation.source_start - 100, citation.source_end - 100)
        assert TEXTS[lang][place] == citation.quote
    assert answer.unsupported == ()
    ((messages, sampling),) = model.asked
    assert sampling.schema == SCHEMA
    assert '"builder"' in messages[-1].content


@BOTH
def test_a_reply_that_does_not_fit_is_asked_for_again_in_the_validators_words(lang, stage):
    wrong = json.dumps({**VALUES[lang], "year": "long ago"})
    model = FakeChat([wrong, json.dumps(VALUES[lang])])
    turn = stage(model)(asked(lang), Call())
    assert turn.answer.value == VALUES[lang]
    assert turn.answer.usage.calls == 2
    again = model.asked[1][0]
    assert again[-2].content == wrong
    assert "year: 'long ago' is not of type 'integer'" in again[-1].content
    assert ("模式" in again[-1].content) == (lang == "zh")


@BOTH
@pytest.mark.parametrize("reply", ["no idea", "{}", TransientError("status 503")])
def test_a_reply_that_never_fits_is_a_refusal_that_says_so(lang, stage, reply):
    turn = stage(FakeChat([reply]))(asked(lang), Call())
    assert turn.answer.refused
    assert turn.answer.value is None
    (note,) = notes(turn)
    assert "does not fit the schema" in note or "gave no answer" in note


@BOTH
def test_a_value_that_stands_nowhere_is_named(lang, stage):
    model = FakeChat([json.dumps({"builder": "Nobody Known", "year": 1887})])
    turn = stage(model)(asked(lang), Call())
    assert turn.answer.unsupported == ("builder: Nobody Known",)
    assert not turn.answer.refused


def test_a_part_of_a_word_or_number_is_no_place(stage):
    model = FakeChat([json.dumps({"builder": "Hol", "year": 188})])
    turn = stage(model)(asked("en"), Call())
    assert turn.answer.unsupported == ("builder: Hol", "year: 188")


def test_a_question_without_documents_is_answered_as_json(stage):
    def no_corpus():
        raise ConfigError("this solution has no [corpus]")

    model = FakeChat(['```json\n{"year": 3, "builder": "x"}\n```'])
    turn = stage(model, index=no_corpus)(Turn(Query("Say something", "en")), Call())
    assert turn.answer.text == '{"builder": "x", "year": 3}'
    assert turn.answer.citations == turn.answer.unsupported == ()


@pytest.mark.parametrize(
    "content", ["nonsense", "[]", '{"type": "house"}', '{"$ref": "http://127.0.0.1/s.json"}']
)
def test_a_file_that_is_no_schema_is_refused(tmp_path, stage, content):
    (tmp_path / "s.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"s\.json"):
        stage(FakeChat(["{}"]))(asked("en"), Call())


@pytest.mark.parametrize("other", [{"thinking": True}, {"over": "refine"}])
def test_thoughts_and_long_contexts_do_not_go_with_a_schema(other):
    with pytest.raises(ValueError, match="do not go together"):
        AnswerSettings(model="m", schema="s.json", **other)
