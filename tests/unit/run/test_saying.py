"""What a workspace's solution would say to its chat model."""

from __future__ import annotations

import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.roles import Message
from surefoot.core.types import Chunk
from surefoot.run.saying import serving_prompt
from surefoot.run.workspace import open_workspace
from surefoot.testing.fakes import FakeChat

ALONE = 'schema = 1\n[[stages]]\nkind = "answer"\nplain = "answer/direct"\n'
SEARCHING = 'schema = 1\n[corpus]\n[[stages]]\nkind = "search"\n[[stages]]\nkind = "{}"\n'
QUESTION = {"en": "When does it open?", "zh": "几点开门？"}
TEXT = {"en": "It opens at nine.", "zh": "九点开门。"}


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setattr("surefoot.models.chat.open_chat", lambda *_, **__: FakeChat(["ok"]))
    opened = []

    def made(text):
        (tmp_path / "surefoot.toml").write_text(text, encoding="utf-8")
        opened.append(open_workspace(tmp_path))
        return opened[-1]

    yield made
    for space in opened:
        space.close()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_solution_in_force_words_the_question(workspace, lang):
    space = workspace(SEARCHING.format("answer"))
    chunk = Chunk("c", "d", TEXT[lang], 0, len(TEXT[lang]))
    (message,) = serving_prompt(space, f" {QUESTION[lang]} ", [chunk])
    assert TEXT[lang] in message.content
    assert message.content.endswith(QUESTION[lang])
    assert ("资料" in message.content) == (lang == "zh")
    assert serving_prompt(space, QUESTION[lang], [chunk]) == [message]


def test_another_language_can_be_asked_for(workspace):
    space = workspace(SEARCHING.format("answer"))
    chunk = Chunk("c", "d", TEXT["en"], 0, len(TEXT["en"]))
    assert "资料" in serving_prompt(space, QUESTION["en"], [chunk], "zh")[0].content


def test_without_a_corpus_the_question_is_said(workspace):
    assert serving_prompt(workspace(ALONE), "Why?", []) == [Message("user", "Why?")]


def test_a_solution_that_asks_no_model_says_nothing(workspace):
    with pytest.raises(ConfigError, match="no stage asks a chat model"):
        serving_prompt(workspace(SEARCHING.format("quote")), "Why?", [])
