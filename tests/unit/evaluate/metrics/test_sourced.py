"""House forms with an answer and its source, and lists of keywords, in both languages."""

from __future__ import annotations

import pytest

from surefoot.core.types import Answer, EvalCase, EvalSet, Query, Turn
from surefoot.evaluate import Outcome, evaluate
from surefoot.evaluate.measuring import question_metrics
from surefoot.evaluate.metrics.forms import equal_form, slots, written_alike
from surefoot.evaluate.metrics.keywords import (
    are_keywords,
    keyword_f1,
    keyword_list,
    keywords_valid,
)
from surefoot.evaluate.metrics.sourced import is_sourced, sourced_valid
from surefoot.evaluate.standard import Standard, headline

GOLD = {
    "en": "answer[three cranes], source[Harbour guide]",
    "zh": "答案[三台起重机]，来源[港口指南]",
}
RIGHT = {
    "en": "answer[the three cranes], source[harbour guide]",
    "zh": "答案[三臺起重機]，来源[港口指南]",
}


def scored(lang, said, gold=None, *, refused=False, **fields):
    case = EvalCase("q", "?", lang, answers=(gold or GOLD[lang],), **fields)
    turn = Turn(Query("?", lang), answer=Answer(said, refused=refused))
    return question_metrics(case, turn, ("answer",), Standard("format"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_right_answer_in_the_form_with_its_source(lang):
    found = scored(lang, RIGHT[lang])
    for name in ("answer_f1", "answer_contains", "source_right", "format_valid", "joint"):
        assert found[name] == 1.0, name
    assert is_sourced([GOLD[lang]])


@pytest.mark.parametrize(
    ("lang", "said", "expected"),
    [
        ("en", "There are three cranes there.", {"answer_contains": 1, "format_valid": 0, "joint": 0}),
        ("zh", "那里有三台起重机。", {"answer_contains": 1, "format_valid": 0, "joint": 0}),
        ("en", "answer[three cranes], source[Tea]", {"source_right": 0, "format_valid": 1, "joint": 0}),
        ("zh", "答案[两台起重机]，来源[港口指南]", {"answer_contains": 0, "source_right": 1, "joint": 0}),
        ("en", "source[Harbour guide], answer[three cranes]", {"answer_contains": 1, "format_valid": 0}),
        ("en", "answer[three cranes], source[Harbour guide]!", {"format_valid": 0, "joint": 0}),
        ("en", "answer[three cranes]", {"format_valid": 0, "source_right": 0}),
        ("en", "answer[four], source[Harbour guide]", {"answer_f1": 0.0, "format_valid": 1}),
    ],
)  # fmt: skip
def test_each_part_counts_by_itself(lang, said, expected):
    found = scored(lang, said)
    assert {name: found[name] for name in expected} == expected


def test_a_reply_without_the_form_is_the_answer_whole():
    found = scored("en", "Three cranes stand there")
    assert found["answer_f1"] == pytest.approx(2 * 2 / (4 + 2))


def test_the_better_of_two_golds_counts_and_joint_needs_one_of_them_whole():
    case = EvalCase("q", "?", "en", answers=("answer[a b], source[x]", "answer[c], source[y]"))
    turn = Turn(Query("?"), answer=Answer("answer[a b], source[y]"))
    found = question_metrics(case, turn, ("answer",), Standard("format"))
    assert (found["answer_f1"], found["source_right"], found["joint"]) == (1.0, 1.0, 0.0)


def test_a_form_without_sources_asks_for_none():
    found = scored("en", '{"answer": "3", "unit": "cranes"}', '{"answer": "3", "unit": "crane"}')
    assert "source_right" not in found and found["joint"] == 1.0


def test_the_pattern_of_a_case_decides_what_is_valid():
    found = scored(
        "en", "answer[three cranes], source[Harbour guide].", meta={"pattern": r"answer.*\."}
    )
    assert (found["format_valid"], found["joint"]) == (1.0, 1.0)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_unanswerable_questions_ask_for_a_refusal(lang):
    def ask(case):
        refused = case.id != "b"
        return Outcome(Turn(Query("?"), answer=Answer(RIGHT[lang], refused=refused)))

    cases = (
        EvalCase("a", "?", lang, answerable=False),
        EvalCase("b", "?", lang, answers=(GOLD[lang],)),
        EvalCase("c", "?", lang, answers=(GOLD[lang],)),
    )
    found = evaluate(EvalSet("s", "d", cases, "format"), ask, judged=("answer",))
    assert found.headline == "joint_or_refusal"
    assert found.score("joint_or_refusal").value == pytest.approx(2 / 3)
    assert found.score("joint").value == 0.5
    assert found.score("refusal_recall").value == 1.0
    assert headline("format", ("answer",), cases[1:]) == "joint"


def test_numbers_in_slots_are_no_citation_marks():
    assert slots("answer[308], source[a] [1]") == [("answer", "308"), ("source", "a")]
    assert equal_form("answer[308], source[a]", ["answer[308], source[a]"], "en") == 1.0
    assert equal_form("answer[307], source[a]", ["answer[308], source[a]"], "en") == 0.0
    assert equal_form("harbour [1]", ["harbour"], "en") == 1.0


@pytest.mark.parametrize(
    ("said", "gold", "valid"),
    [
        ("name[A], area[B]", "name[C], area[D], food[E]", 1),
        ("名称[甲]，地区[乙]", "名称[丙]，地区[丁]", 1),
        ("Sure: name[A]", "name[C]", 1),
        ("name[A]\narea[B]", "name[C], area[D]", 0),
        ("name[A], name[B]", "name[C]", 0),
        ("name: A\narea: B", "name: C", 1),
        ("name: A\nand so on", "name: C", 0),
        ('{"name": "A"}', '{"name": "B"}', 1),
        ("name[A]", '{"name": "B"}', 0),
        ("nothing", "name[C]", 0),
    ],
)
def test_what_is_written_as_gold_is(said, gold, valid):
    assert written_alike(said, [gold]) == valid


def test_a_sourced_form_has_exactly_the_names_of_gold():
    assert sourced_valid("answer[a], source[b]", ["answer[c], source[d]"]) == 1.0
    assert sourced_valid("answer[a], source[b], note[c]", ["answer[c], source[d]"]) == 0.0


KEYWORDS = {
    "en": ("salt marsh, tides, carbon", "Carbon, salt marsh, storms"),
    "zh": ("盐沼；潮汐；碳汇", "碳匯；盐沼；风暴"),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_keywords_are_a_set(lang):
    gold, said = KEYWORDS[lang]
    assert keyword_f1(said, [gold]) == pytest.approx(2 * 2 / 6)
    case = EvalCase("q", "?", lang, answers=(gold,))
    assert headline("format", ("answer",), (case,)) == "keyword_f1"
    found = evaluate(
        EvalSet("s", "d", (case,), "format"),
        lambda _: Outcome(Turn(Query("?"), answer=Answer(said))),
        judged=("answer",),
    )
    assert found.score("keyword_f1").value == pytest.approx(2 / 3)
    assert found.score("format_valid").value == 1.0


def test_lists_are_read_however_they_are_separated_and_labelled():
    assert keyword_list("关键词：盐沼、潮汐，碳汇。") == ["盐沼", "潮汐", "碳汇"]
    assert keyword_list("Keywords: a b\n- c\n- 1,500 t") == ["a b", "c", "1,500 t"]
    assert keyword_f1("", ["a, b"]) == 0.0


@pytest.mark.parametrize(
    ("said", "gold", "valid"),
    [
        ("盐沼；潮汐", "碳汇；风暴；海", 1),
        ("盐沼", "碳汇；风暴", 1),
        ("盐沼、潮汐", "碳汇；风暴", 0),
        ("盐沼；盐沼", "碳汇；风暴", 0),
        ("关键词：盐沼；潮汐", "碳汇；风暴", 0),
        ("本文研究了盐沼在潮汐作用下的碳汇能力及其变化规律", "碳汇；风暴", 0),
        ("salt marsh, tides", "carbon, storms", 1),
        ("salt marsh; tides", "carbon, storms", 0),
    ],
)
def test_a_valid_list_is_one_line_separated_as_gold_is(said, gold, valid):
    assert keywords_valid(said, [gold]) == valid


def test_a_set_asks_for_keywords_where_it_says_so_or_most_golds_are_lists():
    lists = [
        EvalCase("a", "?", "zh", answers=("盐沼；潮汐",)),
        EvalCase("b", "?", "zh", answers=("海",)),
    ]
    assert not are_keywords(lists)
    assert are_keywords([*lists, EvalCase("c", "?", "zh", answers=("风；雨",))])
    assert are_keywords([EvalCase("a", "?", "en", answers=("one",), meta={"form": "keywords"})])
    assert not are_keywords([EvalCase("a", "?", "en", answers=("a, b",), meta={"form": "free"})])
    prose = EvalCase(
        "a", "?", "en", answers=("The harbour, which is old, has three cranes. Tea is at four.",)
    )
    assert not are_keywords([prose])
