import pytest

from surefoot.core.errors import TransientError
from surefoot.core.roles import Call
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.generate.tasks.summarise import Summarise, SummariseSettings
from surefoot.testing.fakes import FakeChat

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
TEXT = {
    "en": "The harbour of Alder was built in 1887 by Lena Holm. It has three cranes. The ferry leaves every hour.",
    "zh": "桦林港由林海于1887年建成。港口有三台起重机。渡轮每小时一班。",
}
SUMMARY = {
    "en": "The harbour of Alder was built in 1887 by Lena Holm [1].",
    "zh": "桦林港由林海于1887年建成[1]。",
}
INVENTED = {"en": "The harbour has nine bridges [1].", "zh": "港口有九座大桥[1]。"}


def given(lang):
    return Turn(Query(TEXT[lang], lang))


def documents(lang, many=1):
    text = TEXT[lang]
    hits = tuple(Hit(Chunk(f"c{i}", "d", text, 0, len(text)), 1.0, "document") for i in range(many))
    return Turn(Query("", lang), hits)


def summarise(parts, model, **settings):
    return Summarise(SummariseSettings(model="m", **settings), parts(model))


@BOTH
def test_a_given_text_is_summed_up_with_sentences_that_cite_it(lang, parts):
    model = FakeChat([SUMMARY[lang]])
    answer = summarise(parts, model, sentences=2)(given(lang), Call()).answer
    assert answer.text == SUMMARY[lang]
    (citation,) = answer.citations
    assert TEXT[lang][citation.source_start : citation.source_end] == citation.quote
    prompt = model.asked[0][0][-1].content
    assert "2" in prompt
    assert TEXT[lang].split("。")[0] in prompt


@BOTH
def test_what_the_text_does_not_say_is_marked_or_dropped(lang, parts):
    said = SUMMARY[lang] + " " + INVENTED[lang]
    marked = summarise(parts, FakeChat([said]))(given(lang), Call()).answer
    assert len(marked.unsupported) == 1
    dropped = summarise(parts, FakeChat([said]), on_unsupported="drop")(given(lang), Call()).answer
    assert dropped.text == SUMMARY[lang]


@BOTH
def test_no_more_sentences_are_kept_than_asked_for(lang, parts):
    said = SUMMARY[lang] + " " + INVENTED[lang] + " " + SUMMARY[lang]
    one = summarise(parts, FakeChat([said]), sentences=1)(given(lang), Call())
    assert one.answer.text == SUMMARY[lang]
    assert len(one.answer.citations) == 1
    assert not one.answer.unsupported
    assert "the first 1 of 3 sentences" in one.notes[-1].message
    two = summarise(parts, FakeChat([said]), sentences=2)(given(lang), Call()).answer
    assert len(two.unsupported) == 1
    dropping = {"sentences": 2, "on_unsupported": "drop"}
    left = summarise(parts, FakeChat([said]), **dropping)(given(lang), Call()).answer
    assert left.text.count(SUMMARY[lang]) == 2


@BOTH
@pytest.mark.parametrize("over", ["map-reduce", "refine"])
def test_long_texts_are_read_in_parts(lang, over, parts):
    model = FakeChat([SUMMARY[lang]])
    stage = summarise(parts, model, of="hits", over=over, context_tokens=90, max_tokens=30)
    answer = stage(documents(lang, 4), Call()).answer
    assert answer.text == SUMMARY[lang]
    assert answer.usage.calls == len(model.asked) > 2


@BOTH
def test_hits_are_summed_up_for_what_is_asked(lang, parts):
    model = FakeChat([SUMMARY[lang]])
    turn = Turn(Query("Alder 1887?", lang), documents(lang).hits)
    summarise(parts, model, of="hits")(turn, Call())
    assert "Alder 1887?" in model.asked[0][0][-1].content


@BOTH
def test_the_lead_needs_no_model(lang, parts):
    answer = summarise(parts, None, method="lead", sentences=2)(given(lang), Call()).answer
    assert len(answer.citations) == 2
    assert all(
        TEXT[lang][citation.source_start : citation.source_end] == citation.quote
        for citation in answer.citations
    )
    assert "1887" in answer.text
    assert "[1]" in answer.text


@BOTH
def test_a_model_that_fails_gives_a_refusal_in_the_texts_language(lang, parts):
    turn = summarise(parts, FakeChat([TransientError("status 503")]))(given(lang), Call())
    assert turn.answer.refused
    assert ("未能" in turn.answer.text) == (lang == "zh")
    assert "503" in turn.notes[0].message


def test_no_hit_is_a_refusal(parts):
    turn = summarise(parts, FakeChat(["x"]), of="hits")(given("en"), Call())
    assert turn.answer.refused
