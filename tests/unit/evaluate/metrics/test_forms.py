"""Answers in a form: JSON, patterns, name-value pairs and labels, in both languages."""

from __future__ import annotations

import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.types import EvalCase
from surefoot.evaluate.metrics.forms import (
    check_form,
    format_valid,
    has_slots,
    label_of,
    slot_f1,
    slots,
)
from surefoot.evaluate.metrics.labels import macro_f1, macro_f1_score

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "people": {"type": "integer"}},
    "required": ["city"],
    "additionalProperties": False,
}


def asked(**meta):
    return EvalCase("q", "?", "en", meta=meta)


@pytest.mark.parametrize(
    ("said", "valid"),
    [
        ('{"city": "Alder", "people": 12}', 1),
        ('{"city": "桦林镇"}', 1),
        ('{"people": 12}', 0),
        ('{"city": "Alder", "mayor": "Holm"}', 0),
        ('```json\n{"city": "Alder"}\n```', 0),
        ("Alder has 12 people.", 0),
        ("null", 0),
    ],
)
def test_the_whole_answer_fits_the_schema_or_does_not(said, valid):
    assert format_valid(said, asked(schema=SCHEMA)) == valid


def test_a_pattern_is_of_the_whole_answer():
    case = asked(pattern=r"(?:是|否)：.+")
    assert format_valid("是：图书馆开门。", case) == 1
    assert format_valid("答案是：开门", case) == 0


@pytest.mark.parametrize(
    "meta",
    [{"schema": {"type": "objekt"}}, {"pattern": "("}, {"schema": {"$ref": "http://localhost/x"}}],
)
def test_a_form_that_cannot_be_read_is_refused_before_anything_is_asked(meta):
    with pytest.raises(ConfigError, match="question q"):
        check_form(asked(**meta))
        format_valid("{}", asked(**meta))


def test_pairs_are_read_from_three_forms():
    assert slots("name[Alder Inn], area[riverside]") == [
        ("name", "alder inn"),
        ("area", "riverside"),
    ]
    assert slots('{"call": {"args": ["a", 2]}}') == [("call.args", "a"), ("call.args", "2")]
    assert slots("姓名：林海\n年份：１８８７") == [("姓名", "林海"), ("年份", "1887")]
    assert not has_slots(["no pairs here"])


@pytest.mark.parametrize(
    ("said", "gold", "expected"),
    [
        # two of three said pairs are right, two of four gold pairs are said: 2 * 2 / 7
        ("a[1], b[2], c[9]", "a[1], b[2], c[3], d[4]", 4 / 7),
        ('```json\n{"a": 1}\n```', '{"a": 1}', 1.0),
        ("名称：港口，开放", "名称：港口，开放", 1.0),
        ("nothing", "a[1]", 0.0),
    ],
)
def test_slot_f1(said, gold, expected):
    assert slot_f1(said, [gold]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("said", "labels", "expected"),
    [
        ("card_lost", ["card", "card_lost"], "card_lost"),
        ("The label is: Card lost.", ["card", "card_lost"], "card_lost"),
        ("card", ["card", "card_lost"], "card"),
        ("top-up or card", ["card", "top_up"], ""),
        ("something else", ["card"], ""),
        ("这是一条投诉。", ["投诉", "咨询"], "投诉"),
        ("投诉或咨询", ["投诉", "咨询"], ""),
    ],
)
def test_the_label_that_an_answer_gives(said, labels, expected):
    assert label_of(said, labels) == expected


def test_macro_f1_counts_every_label_the_same():
    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("c", "")]
    # a: 2/3, b: 2/3, c: 0
    assert macro_f1(pairs) == pytest.approx(4 / 9)
    score = macro_f1_score("macro_f1", pairs * 25)
    assert score.low < score.value < score.high
    assert score.n == 100


def test_macro_f1_of_clusters_is_less_sure():
    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("b", "a")] * 25
    alone = macro_f1_score("m", pairs)
    together = macro_f1_score("m", pairs, clusters=[f"{p[0]}{p[1]}" for p in pairs])
    assert together.high - together.low > 2 * (alone.high - alone.low)
