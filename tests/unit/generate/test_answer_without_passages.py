from __future__ import annotations

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.generate.answer import AnswerSettings, AnswerStage
from surefoot.testing.fakes import FakeChat

SAID = {
    "en": ("Which form does a refund take?", "It takes form R2."),
    "zh": ("退款用什么表格？", "用表格 R2。"),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("found", [0, 1])
def test_with_no_passages_the_model_answers_from_itself_beside_a_corpus(lang, found):
    question, reply = SAID[lang]
    model = FakeChat([reply])
    parts = Parts(object, object, lambda *_: model, Prompts().get, lambda _: None)
    stage = AnswerStage(AnswerSettings(model="m", passages=0), parts)
    hits = (Hit(Chunk("c", "d", "A passage.", 0, 10), 1.0, "search"),) * found
    answer = stage(Turn(Query(question, lang), hits), Call()).answer
    assert (answer.text, answer.citations, answer.refused) == (reply, (), False)
    assert "A passage." not in model.asked[0][0][-1].content
