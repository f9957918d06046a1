"""No answer holds the fences of passages, told at once or piece by piece; what is left is checked as ever."""

from __future__ import annotations

import random
import re

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.generate.answer import AnswerSettings, AnswerStage
from surefoot.generate.asking.fences import NOTE, Unfenced, unfenced
from surefoot.generate.guard import RefusalSettings
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.fakes import FakeChat

MARK = "3fa9c1d2b871"
TEXTS = {"en": "The pool shuts at five on Sundays.", "zh": "游泳馆周日下午五点闭馆。"}
QUESTIONS = {"en": "When does the pool shut on Sundays?", "zh": "游泳馆周日几点闭馆？"}
RIGHT = {"en": "The pool shuts at five on Sundays [1].", "zh": "游泳馆周日下午五点闭馆[1]。"}
BOTH = pytest.mark.parametrize("lang", ["en", "zh"])


class Frequencies:
    """Stands for the index of a corpus of ten passages."""

    def frequencies(self, terms):
        return [1] * len(terms), 10


class FencedChat(FakeChat):
    """Says what it is told to, MARK being the mark of the fences in its prompt."""

    def __init__(self, text: str) -> None:
        super().__init__(self._reply)
        self.text, self.mark = text, ""

    def _reply(self, messages):
        found = re.search(r"\(([0-9a-f]+)\) \[1\]", messages[-1].content)
        assert found is not None
        self.mark = found[1]
        return self.text.replace("MARK", self.mark)


def ask(model, lang, *, call=None, **settings) -> Turn:
    encoder = HashEncoder(HashSettings())
    parts = Parts(Frequencies, lambda: encoder, lambda _: model, Prompts().get, lambda raw: None)
    given = {"model": "m", "refuse": RefusalSettings(threshold=0), **settings}
    text = TEXTS[lang]
    hits = (Hit(Chunk("c", "d", text, 0, len(text)), 1.0, "search"),)
    return AnswerStage(AnswerSettings(**given), parts)(
        Turn(Query(QUESTIONS[lang], lang), hits), call or Call()
    )


def notes(turn: Turn) -> list[str]:
    return [note.message for note in turn.notes]


@BOTH
@pytest.mark.parametrize("on_unsupported", ["drop", "mark", "retry"])
@pytest.mark.parametrize(
    "shape",
    ["(MARK) [1]\n{}\n(MARK) end [1]", "{} (MARK)", "MARK {} MARK end", "{}(MARK) end [1] {}"],
)
def test_a_reply_with_fences_is_an_answer_without(lang, on_unsupported, shape) -> None:
    told: list[str] = []
    model = FencedChat(shape.format(*[RIGHT[lang]] * 2))
    turn = ask(model, lang, call=Call(on_text=told.append), on_unsupported=on_unsupported)
    assert turn.answer is not None
    assert RIGHT[lang] in turn.answer.text
    assert model.mark not in turn.answer.text
    assert "".join(told) == turn.answer.text
    assert NOTE in notes(turn)


@BOTH
def test_a_reply_without_fences_stays_as_it_is(lang) -> None:
    model = FencedChat(RIGHT[lang])
    turn = ask(model, lang)
    assert turn.answer is not None and turn.answer.text == RIGHT[lang]
    assert NOTE not in notes(turn)


def test_pieces_give_what_the_whole_gives() -> None:
    """Over 300 texts made of fences, parts of them, brackets and words, cut anywhere."""
    draw = random.Random(0)
    bits = ["(", ")", MARK, MARK[:3], f"({MARK})", f"({MARK}) end [1]", " end", "[2]", "\n", " "]
    words = [*bits, QUESTIONS["zh"], TEXTS["en"], "f(x)", "shuts at five"]
    for _ in range(300):
        whole = "".join(draw.choices(words, k=draw.randint(1, 12)))
        told: list[str] = []
        hearing, at = Unfenced(told.append, MARK), 0
        while at < len(whole):
            step = draw.randint(1, 9)
            hearing.hear(whole[at : at + step])
            at += step
        assert unfenced(whole, MARK).startswith("".join(told)), repr(whole)
        assert MARK not in "".join(told)
