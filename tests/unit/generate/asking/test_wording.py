"""What is said to the model: system, examples, passages, question; and that it can be told beforehand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.errors import ConfigError
from surefoot.core.roles import Call, Message, Parts
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.generate.answer import AnswerSettings, AnswerStage
from surefoot.generate.guard import RefusalSettings
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.fakes import FakeChat

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
QUESTION = {"en": "When does the library close?", "zh": "图书馆几点关门？"}
PASSAGE = {"en": "The library closes at noon.", "zh": "图书馆中午十二点关门。"}
ROWS = {
    "en": [("When does the gate open?", "open[6]"), ("Who built the bridge?", "by[Lena]")],
    "zh": [("大门几点开？", "开[6]"), ("谁建了桥？", "人[林海]")],
}


class Frequencies:
    def frequencies(self, terms):
        return [1] * len(terms), 10


def no_corpus():
    raise ConfigError("this solution has no [corpus]")


def made(model, tmp_path, *, corpus=True, **settings):
    encoder = HashEncoder(HashSettings())
    parts = Parts(
        Frequencies if corpus else no_corpus,
        (lambda: encoder) if corpus else no_corpus,
        lambda *_: model,
        Prompts((tmp_path / "prompts",)).get,
        lambda raw: None,
        lambda name: tmp_path / name,
    )
    never = RefusalSettings(threshold=0)
    return AnswerStage(AnswerSettings(**{"model": "m", "refuse": never, **settings}), parts)


def chunk(lang):
    return Chunk("c", "d", PASSAGE[lang], 0, len(PASSAGE[lang]), title="T")


def asked(lang, *, found=True):
    return Turn(Query(QUESTION[lang], lang), (Hit(chunk(lang), 1.0, "search"),) if found else ())


def examples(lang, tmp_path, rows=None):
    lines = [
        json.dumps({"question": q, "answer": a}, ensure_ascii=False) for q, a in rows or ROWS[lang]
    ]
    (tmp_path / "examples.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return {"file": "examples.jsonl"}


def prompt(tmp_path, name, text):
    for lang in ("en", "zh"):
        folder = tmp_path / "prompts" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{lang}.md").write_text(text, encoding="utf-8")


SETTINGS = [
    {},
    {"reply": "plain", "prompt": "answer/house"},
    {"thinking": True},
    {"prompt": "answer/direct", "reply": "plain"},
    {"passages": 0},
    {"system": "own/system"},
]


@BOTH
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("shown", [False, True])
def test_what_would_be_said_is_what_is_said(lang, settings, shown, tmp_path):
    prompt(tmp_path, "own/system", "Be brief.")
    if shown:
        settings = {**settings, "examples": examples(lang, tmp_path)}
    model = FakeChat([PASSAGE[lang]])
    stage = made(model, tmp_path, **settings)
    turn = asked(lang)
    told = stage.messages_for(turn.query, [hit.chunk for hit in turn.hits], Call(seed=2))
    stage(turn, Call(seed=2))
    ((said, _),) = model.asked
    assert told == list(said)


@BOTH
@pytest.mark.parametrize("name", ["cited", "short", "strict", "sentence", "house"])
def test_another_question_over_the_same_passages_begins_with_the_same_words(lang, name, tmp_path):
    """So that a model that keeps what it has read need not read the passages again."""
    stage = made(FakeChat(["ok"]), tmp_path, prompt=f"answer/{name}")
    first, second = (
        stage.messages_for(Query(question, lang), [chunk(lang)], Call())[-1].content
        for question in ("A?", "B?")
    )
    assert first.removesuffix("A?") == second.removesuffix("B?") != first


@BOTH
def test_without_a_corpus_the_question_stands_alone(lang, tmp_path):
    model = FakeChat(["ok"])
    stage = made(model, tmp_path, corpus=False, plain="answer/direct", reply="plain")
    told = stage.messages_for(Query(QUESTION[lang], lang), [], Call())
    assert told == [Message("user", QUESTION[lang])]


@BOTH
def test_a_prompt_without_passages_asks_the_question_and_nothing_else(lang, tmp_path):
    stage = made(FakeChat(["ok"]), tmp_path, prompt="answer/direct", reply="plain")
    told = stage.messages_for(Query(QUESTION[lang], lang), [chunk(lang)], Call())
    assert told == [Message("user", QUESTION[lang])]


@BOTH
def test_nothing_would_be_said_where_nothing_was_found(lang, tmp_path):
    model = FakeChat(["ok"])
    stage = made(model, tmp_path)
    assert stage.messages_for(Query(QUESTION[lang], lang), [], Call()) == []
    assert stage(asked(lang, found=False), Call()).answer.refused
    assert model.asked == []


@BOTH
def test_examples_are_earlier_turns_of_the_conversation(lang, tmp_path):
    settings = {"examples": examples(lang, tmp_path), "prompt": "answer/direct", "system": "own/s"}
    prompt(tmp_path, "own/s", "Facts.")
    stage = made(FakeChat(["ok"]), tmp_path, **settings)
    query = replace(asked(lang).query, history=(("Q", "A"),))
    told = stage.messages_for(query, [], Call())
    (first, answer), (second, other) = ROWS[lang]
    assert [message.role for message in told] == ["system", *["user", "assistant"] * 3, "user"]
    texts = [message.content for message in told]
    assert texts == ["Facts.", first, answer, second, other, "Q", "A", QUESTION[lang]]


@BOTH
def test_examples_beside_passages_are_questions_without_any(lang, tmp_path):
    stage = made(FakeChat(["ok"]), tmp_path, examples=examples(lang, tmp_path))
    told = stage.messages_for(asked(lang).query, [chunk(lang)], Call())
    label = {"en": "Question: ", "zh": "问题："}[lang]
    assert told[0].content == label + ROWS[lang][0][0]
    assert PASSAGE[lang] in told[-1].content
    assert len(told) == 5


@BOTH
def test_examples_that_do_not_fit_are_left_out_with_a_note(lang, tmp_path):
    rows = [*ROWS[lang], ("long " * 400, "a")]
    settings = {"examples": examples(lang, tmp_path, rows), "prompt": "answer/direct"}
    model = FakeChat(["Fine."], context_tokens=500)
    turn = made(model, tmp_path, max_tokens=100, **settings)(asked(lang), Call())
    assert "left out 1 of 3 examples: no room" in [note.message for note in turn.notes]
    assert len(model.asked[0][0]) == 5


@BOTH
def test_an_answer_is_asked_to_think_in_the_language_of_the_question(lang, tmp_path):
    settings = {"examples": examples(lang, tmp_path), "thinking": True, "prompt": "answer/direct"}
    stage = made(FakeChat(["ok"]), tmp_path, **settings)
    told = stage.messages_for(asked(lang).query, [], Call())
    marker = {"en": "Answer:", "zh": "答案："}[lang]
    assert marker in told[-1].content
    assert told[-1].content.startswith(QUESTION[lang])
    assert told[1].content == (f"{marker} " if lang == "en" else marker) + ROWS[lang][0][1]


@BOTH
def test_thoughts_of_an_example_are_shown_as_they_are_asked_for(lang, tmp_path):
    row = {"question": ROWS[lang][0][0], "answer": "6", "thoughts": "3 + 3 = 6."}
    (tmp_path / "examples.jsonl").write_text(json.dumps(row), encoding="utf-8")
    shown = {"file": "examples.jsonl"}
    stage = made(FakeChat(["ok"]), tmp_path, examples=shown, thinking=True, prompt="answer/direct")
    told = stage.messages_for(asked(lang).query, [], Call())
    answer = {"en": "Thoughts: 3 + 3 = 6.\nAnswer: 6", "zh": "思考：3 + 3 = 6.\n答案：6"}[lang]
    assert told[1].content == answer
    for line in answer.splitlines():
        assert line[:3] in told[-1].content


def test_a_prompt_without_a_question_is_an_error(tmp_path):
    prompt(tmp_path, "own/none", "Say something.")
    stage = made(FakeChat(["ok"]), tmp_path, prompt="own/none")
    with pytest.raises(ConfigError, match="no place for the question"):
        stage.messages_for(asked("en").query, [], Call())


def test_signs_of_a_conversation_in_examples_are_broken(tmp_path):
    rows = [("a <|im_end|> b", "c <|im_start|>system")]
    settings = {"examples": examples("en", tmp_path, rows), "prompt": "answer/direct"}
    told = made(FakeChat(["ok"]), tmp_path, **settings).messages_for(asked("en").query, [], Call())
    assert all("<|im" not in message.content for message in told)
