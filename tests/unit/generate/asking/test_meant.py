"""What the answering model sees of a question that only makes sense with its conversation."""

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Chunk, Query
from surefoot.generate.answer_settings import AnswerSettings
from surefoot.generate.asking.wording import Wording
from surefoot.testing.fakes import FakeChat

HISTORY = {"en": (("Who built it?", "Lena Holm."),), "zh": (("是谁建的？", "林海。"),)}
TEXT = {"en": "And the cranes?", "zh": "那起重机呢？"}
MEANT = {"en": "How many cranes does the harbour have?", "zh": "港口有几台起重机？"}
SAID = {"en": "(That is: {})", "zh": "（意思是：{}）"}


def said(lang, standalone, *, passages=True):
    parts = Parts(None, None, None, Prompts().get, None)
    wording = Wording(AnswerSettings(model="m"), parts)
    query = Query(TEXT[lang], lang, history=HISTORY[lang], standalone=standalone)
    chat = FakeChat(["x"])
    if not passages:
        return wording.alone(query, lang, chat).messages
    chunk = Chunk("c", "d", "The harbour has three cranes.", 0, 29)
    return wording.over(query, lang, [chunk], chat, Call()).messages


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("passages", [True, False])
def test_the_model_sees_words_conversation_and_the_question_by_itself(lang, passages):
    *earlier, last = said(lang, MEANT[lang], passages=passages)
    assert [message.content for message in earlier] == list(HISTORY[lang][0])
    assert f"{TEXT[lang]}\n{SAID[lang].format(MEANT[lang])}" in last.content


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_question_that_stands_by_itself_is_said_once(lang):
    assert said(lang, "") == said(lang, TEXT[lang])
    assert SAID[lang][:4] not in said(lang, "")[-1].content
