"""Retrieval by character spans, against values worked out by hand, in both languages."""

from __future__ import annotations

import pytest

from surefoot.core.types import Chunk, EvalCase, GoldSpan, Hit
from surefoot.evaluate.metrics.spans import (
    evidence_within,
    located,
    merged,
    overlaps,
    sized,
    span_coverage,
    span_precision,
    span_recall,
)
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
    return evidence_within(
        asked, sized(hits, HashEncoder(HashSettings()).count_tokens, tokens), tokens
    )


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


def cut(document, start, end):
    return Hit(
        Chunk(f"{document}{start}", document, "x" * (end - start), start, end), 1.0, "search"
    )


def gold(document, start, end):
    return GoldSpan(document, "", start, end)


def test_coverage_counts_gold_characters_and_precision_what_was_read_for_them():
    spans = [gold("d", 10, 30), gold("e", 0, 20)]
    hits = [cut("d", 0, 20), cut("x", 0, 100), cut("e", 0, 40)]
    # of 40 gold characters the first hit holds 10, the third 20; 20 + 100 + 40 characters are read
    assert span_coverage(hits, spans, 1) == 10 / 40
    assert span_coverage(hits, spans, 5) == 30 / 40
    assert span_precision(hits, spans, 1) == 10 / 20
    assert span_precision(hits, spans, 5) == 30 / 160
    assert span_recall(hits, spans, 1) == 0
    assert span_recall(hits, spans, 5) == 1 / 2


def test_a_large_chunk_covers_more_and_is_less_precise():
    spans = [gold("d", 100, 150)]
    small, large = [cut("d", 120, 170)], [cut("d", 0, 1000)]
    assert span_coverage(small, spans, 5) == 30 / 50 < span_coverage(large, spans, 5) == 1
    assert span_precision(small, spans, 5) == 30 / 50 > span_precision(large, spans, 5) == 50 / 1000


def test_what_stands_twice_counts_once_as_found_and_twice_as_read():
    spans = [gold("d", 0, 10), gold("d", 5, 20)]
    twice = [cut("d", 0, 20), cut("d", 0, 20)]
    assert span_coverage(twice, spans, 5) == 1
    assert span_precision(twice, spans, 5) == 20 / 40
    assert span_recall(twice, spans, 5) == 1


def test_nothing_found_is_0():
    spans = [gold("d", 0, 10)]
    assert [f([], spans, 5) for f in (span_coverage, span_precision, span_recall)] == [0, 0, 0]
    assert [f([cut("d", 0, 5)], [], 5) for f in (span_coverage, span_precision, span_recall)] == [
        0
    ] * 3


def test_only_located_relevant_spans_count(lang):
    known = spans(lang, ANSWERS[lang])[0]
    unknown, wrong = GoldSpan("d", "quote"), GoldSpan("d", "q", 0, 1, grade=0)
    assert located(case(lang, gold=(known, unknown, wrong))) == [known]
    assert overlaps(known, "d", 0, 10_000)
    assert not overlaps(known, "e", 0, 10_000)
    assert not overlaps(known, "d", known.end, known.end + 1)
    assert not overlaps(unknown, "d", 0, 10_000)


def test_ranges_that_touch_are_one():
    assert merged([(5, 9), (0, 5), (20, 30), (22, 25)]) == [(0, 9), (20, 30)]
