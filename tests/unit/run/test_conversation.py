import json

import pytest

from surefoot.core.errors import ConfigError, DataError, MissingError, TransientError
from surefoot.run.conversation import Conversation
from surefoot.run.talks import Talks
from surefoot.run.workspace import open_workspace
from surefoot.testing.fakes import FakeChat

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
QUESTIONS = {
    "en": ["Who is Anna?", "Where does she live?", "And her brother?", "How old is he?"],
    "zh": ["安娜是谁？", "她住在哪里？", "她的哥哥呢？", "他多大了？"],
}
ANSWERS = {
    "en": ["Anna is a baker.", "She lives in Alder.", "He lives in Wen.", "He is 40."],
    "zh": ["安娜是面包师。", "她住在桦林。", "他住在文岛。", "他四十岁。"],
}


@pytest.fixture
def talk(tmp_path, monkeypatch):
    opened = []

    def made(replies, *, name="", more=""):
        model = FakeChat(replies)
        monkeypatch.setattr("surefoot.models.chat.open_chat", lambda *_: model)
        (tmp_path / "surefoot.toml").write_text(
            f'schema = 1\n{more}\n[[stages]]\nkind = "answer"\nmodel = "m.gguf"\n', encoding="utf-8"
        )
        (tmp_path / "m.gguf").write_bytes(b"x")
        opened.append(open_workspace(tmp_path))
        return Conversation(opened[-1], name=name), model

    yield made
    for space in opened:
        space.close()


@BOTH
def test_each_question_is_asked_with_those_before_it(lang, talk):
    conversation, model = talk(ANSWERS[lang])
    for question in QUESTIONS[lang][:2]:
        conversation.ask(question)
    told = [message.content for message in model.asked[1][0]]
    assert told[:2] == [QUESTIONS[lang][0], ANSWERS[lang][0]]
    assert conversation.history == tuple(zip(QUESTIONS[lang][:2], ANSWERS[lang][:2], strict=True))
    assert conversation.last.text == ANSWERS[lang][1]
    conversation.reset()
    assert conversation.history == ()


@BOTH
def test_a_kept_conversation_is_gone_on_with(lang, talk, tmp_path):
    first, _ = talk(ANSWERS[lang], name="0001")
    first.ask(QUESTIONS[lang][0])
    again, model = talk(ANSWERS[lang][1:], name="0001")
    again.ask(QUESTIONS[lang][1])
    assert model.asked[0][0][0].content == QUESTIONS[lang][0]
    assert again.transcript == tuple(zip(QUESTIONS[lang][:2], ANSWERS[lang][:2], strict=True))
    file = tmp_path / ".surefoot" / "conversations" / "0001.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600
    again.forget()
    assert not file.exists()


def test_a_question_that_fails_leaves_the_conversation_as_it_was(talk):
    conversation, _ = talk(["Anna is a baker."], name="a")
    conversation.ask("Who is Anna?")
    with pytest.raises(ConfigError):
        conversation.ask("And?", filter={"type": "nonsense"})
    assert len(conversation.history) == 1


@BOTH
def test_what_is_older_is_cut(lang, talk):
    conversation, model = talk(ANSWERS[lang], more="[memory]\nwords = 12")
    for question in QUESTIONS[lang]:
        conversation.ask(question)
    assert len(conversation.history) < 4
    assert QUESTIONS[lang][0] not in [message.content for message in model.asked[-1][0]]


@BOTH
def test_or_it_is_summed_up(lang, talk):
    summary = {"en": "Anna is a baker in Alder.", "zh": "安娜是桦林的面包师。"}[lang]
    replies = [*ANSWERS[lang][:3], summary, ANSWERS[lang][3]]
    conversation, model = talk(replies, name="s", more='[memory]\nolder = "summarise"')
    for question in QUESTIONS[lang]:
        conversation.ask(question)
    asked_for_summary = model.asked[3][0][-1].content
    assert QUESTIONS[lang][0] in asked_for_summary
    assert ("概括" in asked_for_summary) == (lang == "zh")
    assert conversation.history[0][1] == summary
    assert summary in [message.content for message in model.asked[4][0]]
    again, _ = talk(["x"], name="s", more='[memory]\nolder = "summarise"')
    assert again.history == conversation.history
    assert len(again.transcript) == 4


def test_where_it_cannot_be_summed_up_it_is_cut_and_that_is_said(talk):
    replies = [*ANSWERS["en"][:3], TransientError("status 503"), ANSWERS["en"][3]]
    conversation, _ = talk(replies, more='[memory]\nolder = "summarise"')
    for question in QUESTIONS["en"]:
        conversation.ask(question)
    assert "503" in conversation.notes[0]
    assert len(conversation.history) == 3


def test_marks_of_passages_are_not_told_on(talk):
    conversation, _ = talk(["Anna is a baker [1][2]."])
    conversation.ask("Who is Anna?")
    assert conversation.history[0][1] == "Anna is a baker."
    assert conversation.transcript[0][1] == "Anna is a baker [1][2]."


def test_without_a_search_every_question_is_understood(talk):
    conversation, _ = talk(["x"])
    assert conversation.follows_up


def test_a_line_cut_by_a_crash_is_left_out_and_written_over(tmp_path):
    talks = Talks(tmp_path)
    talks.add("a", {"question": "one", "answer": "1"})
    file = tmp_path / ".surefoot" / "conversations" / "a.jsonl"
    file.write_bytes(file.read_bytes() + b'{"question": "tw')
    assert [line["question"] for line in talks.read("a")] == ["one"]
    talks.add("a", {"question": "three", "answer": "3"})
    talks.add("a", {"question": "four\u2028lines\x85", "answer": "4"})
    assert [line["question"] for line in talks.read("a")] == ["one", "three", "four\u2028lines\x85"]
    assert (talks.latest(), talks.new_name()) == ("a", "0001")
    file.write_text("no JSON\n", encoding="utf-8")
    with pytest.raises(DataError, match="damaged"):
        talks.read("a")


@pytest.mark.parametrize("name", ["../x", "a/b", "", "a.b"])
def test_a_name_leads_nowhere_else(tmp_path, name):
    with pytest.raises(ConfigError):
        Talks(tmp_path).add(name, {})


def test_what_is_not_there_is_said(tmp_path):
    talks = Talks(tmp_path)
    with pytest.raises(MissingError):
        talks.latest()
    with pytest.raises(MissingError):
        talks.delete("x")
    assert talks.all() == []
    talks.add("0007", {"question": "你好", "answer": "好"})
    assert (talks.all()[0].first, talks.new_name()) == ("你好", "0008")
    assert json.loads((tmp_path / ".surefoot/conversations/0007.jsonl").read_text("utf-8"))
