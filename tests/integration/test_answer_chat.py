"""The stage `answer` with real chat models: the packaged one in English, a given one in Chinese."""

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.generate.answer import AnswerSettings, AnswerStage
from surefoot.generate.guard import RefusalSettings
from surefoot.models.embed_hash import HashEncoder, HashSettings

pytestmark = pytest.mark.slow

TEXTS = {
    "en": [
        "The library of Alder opens at nine in the morning. On Saturdays the library closes at noon.",
        "The harbour of Alder was built in 1887 by the engineer Lena Holm. It has three cranes.",
        "The ferry to Wen island leaves every forty minutes. A ticket costs 12 crowns.",
    ],
    "zh": [
        "桦林镇图书馆上午九点开门。图书馆每周六中午十二点关门。",
        "桦林港由工程师林海于1887年建成。港口有三台起重机。",
        "前往文岛的渡轮每四十分钟一班。船票的价格是十二元。",
    ],
}
ENGLISH = [
    "Who built the harbour of Alder?",
    "How much is a ticket for the ferry to Wen island?",
    "How many teachers work in the school?",
]
CHINESE = [("桦林港是谁建成的？", "林海", 1), ("前往文岛的渡轮船票多少钱？", "十二", 2)]


class Frequencies:
    def frequencies(self, terms):
        return [1] * len(terms), 10


def answer(model, lang, question, **settings):
    encoder = HashEncoder(HashSettings())
    parts = Parts(Frequencies, lambda: encoder, lambda name: model, Prompts().get, lambda raw: None)
    never = RefusalSettings(threshold=0)
    stage = AnswerStage(AnswerSettings(model="m", refuse=never, max_tokens=120, **settings), parts)
    hits = tuple(
        Hit(Chunk(f"c{i}", f"d{i}", text, 0, len(text)), 1 / (i + 1), "search")
        for i, text in enumerate(TEXTS[lang])
    )
    heard = []
    turn = stage(Turn(Query(question, lang), hits), Call(on_text=heard.append))
    print(question, "->", repr("".join(heard)), "=>", turn.answer, [n.message for n in turn.notes])
    return turn


def holds(turn, lang):
    """What must be true of any answer, however weak the model."""
    found = turn.answer
    for citation in found.citations:
        source = TEXTS[lang][int(citation.chunk.id[1:])]
        assert source[citation.source_start : citation.source_end] == citation.quote
        assert f"[{citation.number}]" in found.text[citation.start : citation.end]
    assert found.refused or found.text
    assert found.usage.completion_tokens > 0


@pytest.mark.parametrize("on_unsupported", ["mark", "drop"])
@pytest.mark.parametrize("question", ENGLISH)
def test_a_small_model_gives_checked_answers(small, question, on_unsupported):
    turn = answer(small, "en", question, on_unsupported=on_unsupported)
    holds(turn, "en")
    if on_unsupported == "drop":
        assert turn.answer.unsupported == ()
        assert all(citation.supported for citation in turn.answer.citations)


@pytest.mark.parametrize(("question", "expected", "place"), CHINESE)
def test_a_chinese_model_answers_with_the_right_citation(chinese, question, expected, place):
    turn = answer(chinese, "zh", question)
    holds(turn, "zh")
    assert expected in turn.answer.text
    assert f"c{place}" in {c.chunk.id for c in turn.answer.citations if c.supported}


def test_a_chinese_model_claims_nothing_that_is_absent(chinese):
    turn = answer(chinese, "zh", "学校里有多少名教师？", on_unsupported="drop")
    holds(turn, "zh")
    assert turn.answer.refused
