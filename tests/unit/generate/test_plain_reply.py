"""A plain reply is the model's words; thoughts are taken out; the guard is asked only where it is on."""

from __future__ import annotations

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.errors import ConfigError, TransientError
from surefoot.core.roles import Call, Parts
from surefoot.core.trace import Tracer
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.generate.answer import AnswerSettings, AnswerStage
from surefoot.generate.guard import RefusalSettings
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.fakes import FakeChat

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
QUESTION = {"en": "Who built the harbour?", "zh": "谁建了港口？"}
PASSAGE = {"en": "The harbour was built in 1887 by Lena Holm.", "zh": "港口由林海于1887年建成。"}
HOUSE = {"en": "answer[Lena Holm], source[1]", "zh": "答案[林海]，来源[1]"}
NAME = {"en": "Lena Holm", "zh": "林海"}
DECLINED = {"en": "The documents do not answer this question.", "zh": "这些文档没有回答这个问题。"}
UNKNOWN = {"en": "I do not know the answer.", "zh": "我不知道答案。"}


class Frequencies:
    def frequencies(self, terms):
        return [1] * len(terms), 10


def no_corpus():
    raise ConfigError("this solution has no [corpus]")


def ask(replies, lang, *, corpus=True, found=True, call=None, **settings):
    model = FakeChat(replies)
    encoder = HashEncoder(HashSettings())
    parts = Parts(
        Frequencies if corpus else no_corpus,
        (lambda: encoder) if corpus else no_corpus,
        lambda *_: model,
        Prompts().get,
        lambda raw: None,
    )
    told = {"model": "m", "reply": "plain", "prompt": "answer/house", **settings}
    chunk = Chunk("c", "d", PASSAGE[lang], 0, len(PASSAGE[lang]), title="T")
    hits = (Hit(chunk, 1.0, "search"),) if found else ()
    turn = AnswerStage(AnswerSettings(**told), parts)(
        Turn(Query(QUESTION[lang], lang), hits), call or Call()
    )
    return turn, model


def notes(turn):
    return [note.message for note in turn.notes]


@BOTH
def test_the_words_stay_and_what_they_rest_on_is_cited(lang):
    turn, _ = ask([HOUSE[lang]], lang)
    answer = turn.answer
    assert (answer.text, answer.refused, answer.confidence) == (HOUSE[lang], False, None)
    (citation,) = answer.citations
    assert answer.text[citation.start : citation.end] == NAME[lang]
    assert citation.supported
    assert turn.notes == ()


@BOTH
def test_a_focus_weighs_sentences_without_asking_the_guard(lang):
    turn, model = ask([HOUSE[lang]], lang, focus=1)
    assert PASSAGE[lang] in model.asked[0][0][-1].content
    assert (turn.answer.text, turn.answer.confidence, turn.notes) == (HOUSE[lang], None, ())


@BOTH
def test_a_short_or_repeated_form_is_no_nonsense(lang):
    form = "yes[1] " * 60
    assert ask([form, ""], lang, max_tokens=1000)[0].answer.text == form.strip()
    assert ask(["-"], lang)[0].answer.text == "-"


@BOTH
@pytest.mark.parametrize("frame", ["{}", "answer[{}], source[]", "答案[{}]，来源[]"])
def test_a_refusal_is_recognised_in_any_form(lang, frame):
    for sentence in (DECLINED[lang], UNKNOWN[lang]):
        text = frame.format(sentence)
        answer = ask([text], lang)[0].answer
        assert (answer.text, answer.refused, answer.citations) == (text, True, ())


@pytest.mark.parametrize(
    ("told", "said", "refused"),
    [
        (
            "answer[not in the documents], source[none]",
            "Answer[not in the documents], source[none]",
            True,
        ),
        ("not told", "answer[not told], source[]", True),
        ("not told", "answer[Lena Holm was not told of it]", False),
        ("没有记载", "答案[没有记载]，来源[]", True),
    ],
)
def test_another_refusal_may_be_asked_for(told, said, refused):
    turn, model = ask([said], "en", refusal=told)
    assert told in model.asked[0][0][-1].content
    assert (turn.answer.text, turn.answer.refused) == (said, refused)
    assert ask([said], "en", refusal=told, found=False)[0].answer.text == told


def test_an_answer_that_doubts_itself_is_no_refusal():
    text = "The harbour was built by Lena Holm in 1887, they say. I do not know the answer."
    assert not ask([text], "en")[0].answer.refused


@BOTH
def test_the_guard_is_asked_only_where_it_is_on(lang):
    always = RefusalSettings(threshold=1)
    assert not ask([HOUSE[lang]], lang, refuse=always)[0].answer.refused
    turn, model = ask([HOUSE[lang]], lang, refuse=always, guard=True)
    assert (turn.answer.text, turn.answer.refused) == (DECLINED[lang], True)
    assert model.asked == []
    assert turn.answer.confidence is not None
    cited = {"reply": "cited", "prompt": "answer/cited", "refuse": always}
    assert ask([PASSAGE[lang]], lang, **cited)[0].answer.refused
    turn, model = ask([PASSAGE[lang]], lang, **cited, guard=False)
    assert not turn.answer.refused
    assert turn.answer.citations


@BOTH
def test_where_nothing_is_found_or_the_model_fails_it_is_refused(lang):
    turn, model = ask([HOUSE[lang]], lang, found=False)
    assert (turn.answer.text, turn.answer.refused) == (DECLINED[lang], True)
    assert notes(turn) == ["no passage was found"]
    assert model.asked == []
    turn, _ = ask([TransientError("too slow")], lang)
    assert turn.answer.refused
    assert "too slow" in notes(turn)[0]
    turn, _ = ask(["  "], lang)
    assert turn.answer.refused
    assert notes(turn) == ["the model's reply says nothing"]


@BOTH
def test_without_a_corpus_the_words_are_the_answer(lang):
    turn, _ = ask(["name[X]"], lang, corpus=False, found=False, plain="answer/direct")
    assert (turn.answer.text, turn.answer.refused) == ("name[X]", False)
    turn, _ = ask([UNKNOWN[lang]], lang, corpus=False, found=False)
    assert (turn.answer.text, turn.answer.refused) == (UNKNOWN[lang], True)


THOUGHTS = {"en": "Holm is named.\nAnswer: ", "zh": "资料提到林海。\n答案："}


@BOTH
@pytest.mark.parametrize("reply", ["plain", "cited"])
def test_thoughts_are_taken_out_and_not_streamed(lang, reply):
    said = HOUSE[lang] if reply == "plain" else PASSAGE[lang]
    heard = []
    turn, _ = ask(
        [THOUGHTS[lang] + said],
        lang,
        thinking=True,
        reply=reply,
        refuse=RefusalSettings(threshold=0),
        call=Call(on_text=heard.append),
    )
    assert turn.answer.text.startswith(said[:-1])
    assert THOUGHTS[lang].split("\n")[0] not in turn.answer.text
    assert heard == [turn.answer.text]
    assert turn.notes == ()


@BOTH
def test_thoughts_stay_in_the_trace(lang):
    spans = []
    tracer = Tracer(spans.append)
    with tracer.span("stage answer", "CHAIN"):
        ask([THOUGHTS[lang] + HOUSE[lang]], lang, thinking=True)
    tracer.close()
    (span,) = spans
    told = span.attributes["llm.output_messages.0.message.reasoning"]
    assert told == THOUGHTS[lang].split("\n")[0]


@BOTH
def test_a_reply_without_a_marked_answer_is_noted(lang):
    turn, _ = ask([f"...\n{HOUSE[lang]}"], lang, thinking=True)
    assert turn.answer.text == HOUSE[lang]
    assert notes(turn) == ["the reply marks no final answer"]


@BOTH
def test_a_refusal_after_thoughts_is_recognised(lang):
    turn, _ = ask([THOUGHTS[lang] + DECLINED[lang]], lang, thinking=True)
    assert turn.answer.refused


def test_thinking_names_its_prompt():
    assert AnswerSettings(model="m").thoughts == ""
    assert AnswerSettings(model="m", thinking=True).thoughts == "answer/thinking"
    own = AnswerSettings(model="m", thinking=True, thoughts="own/thinking")
    assert own.thoughts == "own/thinking"


def test_the_adapter_is_asked_of_the_parts():
    asked = []

    def chat(*names):
        asked.append(names)
        return FakeChat(["x"])

    parts = Parts(no_corpus, no_corpus, chat, Prompts().get, lambda raw: None)
    for adapter in ("", "tuned"):
        AnswerStage(AnswerSettings(model="m", adapter=adapter), parts)(
            Turn(Query("Why?", "en")), Call()
        )
    assert asked == [("m",), ("m", "tuned")]
