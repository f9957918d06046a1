"""What a sweep compares: the ways to cut, and whether the evidence is in what a reader gets."""

from __future__ import annotations

import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.types import Chunk, EvalCase, GoldSpan, Hit
from surefoot.evaluate.learn.sweep import cuts, evidence_within, sized
from surefoot.models.embed_hash import HashEncoder, HashSettings

TEXTS = {
    "en": "The pump is red. It starts at six. Visitors park on the roof. Tea is served at four.",
    "zh": "水泵是红色的。它六点启动。访客把车停在楼顶。四点供应茶水。",
}
ANSWERS = {"en": "on the roof", "zh": "楼顶"}


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


def hit(text, start, end, document="d"):
    return Hit(Chunk(f"{document}{start}", document, text[start:end], start, end), 1.0, "search")


def case(lang, **values):
    return EvalCase("q", "?", lang, relevant={"d": 1}, **values)


def spans(lang, words):
    start = TEXTS[lang].index(words)
    return (GoldSpan("d", words, start, start + len(words)),)


def within(asked, hits, tokens=1000):
    return evidence_within(asked, sized(hits, HashEncoder(HashSettings()), tokens), tokens)


def test_a_gold_span_may_stand_in_two_chunks_together(lang):
    text = TEXTS[lang]
    asked = case(lang, gold=spans(lang, ANSWERS[lang]))
    middle = text.index(ANSWERS[lang]) + 1
    first, second = hit(text, 0, middle), hit(text, middle, len(text))
    assert within(asked, [second, first]) == 1
    assert within(asked, [first]) == 0
    assert within(asked, [hit(text, 0, len(text), "other")]) == 0


def test_only_so_many_tokens_are_read_and_the_last_hit_is_cut(lang):
    text = TEXTS[lang]
    asked = case(lang, gold=spans(lang, text[:4]))
    later = case(lang, gold=spans(lang, text[-4:]))
    whole = [hit(text, 0, len(text))]
    assert (within(asked, whole), within(later, whole)) == (1, 1)
    assert (within(asked, whole, tokens=8), within(later, whole, tokens=8)) == (1, 0)
    filler = hit("word " * 50, 0, 250, "other")
    assert within(asked, [filler, *whole], tokens=50) == 0


def test_without_spans_an_answer_in_a_relevant_document_counts(lang):
    text = TEXTS[lang]
    asked = case(lang, answers=("nothing", ANSWERS[lang]))
    assert within(asked, [hit(text, 0, len(text))]) == 1
    assert within(asked, [hit(text, 0, len(text), "other")]) == 0
    assert within(case(lang), [hit(text, 0, len(text))]) is None


def test_the_present_kind_keeps_its_settings_and_others_have_their_defaults():
    present = {"kind": "sentence", "sentences": 3, "overlap": 1, "max_tokens": 480}
    made = cuts(present, ["sentence", "structure"], [128, 256])
    assert [cut.label for cut in made] == [
        "sentence 128", "sentence 256", "structure 128", "structure 256",
    ]  # fmt: skip
    assert made[0].settings["sentences"] == 3
    assert made[2].settings["pack_tokens"] == 128
    assert [cut.label for cut in cuts(present, [], [64])] == ["sentence 64"]


def test_sizes_and_kinds_that_cannot_be_say_why():
    present = {"kind": "semantic", "min_tokens": 64, "max_tokens": 480}
    with pytest.raises(ConfigError, match="half of max_tokens"):
        cuts(present, [], [100])
    with pytest.raises(ConfigError, match="unknown chunker kind 'sentense'"):
        cuts(present, ["sentense"], [100])
