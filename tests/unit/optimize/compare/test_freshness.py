"""Facts are swapped for others of their kind, in the documents and in gold, in both languages."""

from __future__ import annotations

import pytest

from surefoot.core.types import Document, EvalCase, GoldSpan
from surefoot.evaluate.evalsets import make_evalset
from surefoot.evaluate.metrics.sourced import Sourced
from surefoot.evaluate.scoring import Row
from surefoot.optimize.compare.freshness import (
    FRESH_BEFORE,
    FRESHNESS,
    STALE,
    change_facts,
    freshness_scores,
)
from surefoot.optimize.compare.swapping import kind_of, swap_for

TEXTS = {
    "en": [
        ("The harbour has 12 cranes. Anna Holm runs it.", "How many cranes has the harbour?", "12"),
        ("The library opened in 1887 and has 40,000 books.", "When did the library open?", "1887"),
        ("The school was founded in 1921 by Erik Lind.", "When was the school founded?", "1921"),
        ("The mill employs 35 people.", "How many people does the mill employ?", "35"),
        ("The ferry takes an hour, as everybody knows.", "Why is the ferry late?", "as everybody knows"),
    ],
    "zh": [
        ("港口有12台起重机，由林海管理。", "港口有多少台起重机？", "12台"),
        ("图书馆于1887年开放，藏书四万册。", "图书馆哪一年开放？", "1887年"),
        ("学校由李明在1921年创办。", "学校哪一年创办？", "1921年"),
        ("工厂有35台机器。", "工厂有多少台机器？", "35台"),
        ("渡船要开一个小时。", "渡船为什么晚点？", "渡船要开"),
    ],
}  # fmt: skip


def documents(lang):
    return {f"d{i}": Document(f"d{i}", "", "", text) for i, (text, _, _) in enumerate(TEXTS[lang])}


def evalset(lang, *, form=False, spans=False):
    cases = []
    for i, (text, question, answer) in enumerate(TEXTS[lang]):
        said = f"answer[{answer}], source[Guide {i}]" if form else answer
        start = text.index(answer)
        gold = (GoldSpan(f"d{i}", answer, start, start + len(answer)),) if spans else ()
        cases.append(EvalCase(f"q{i}", question, lang, {f"d{i}": 1}, (said,), gold=gold))
    return make_evalset("town", cases, task="format" if form else "qa")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("spans", [True, False])
def test_answers_are_swapped_for_others_of_their_kind(lang, spans):
    changes = change_facts(evalset(lang, spans=spans), documents(lang))
    assert changes is not None and changes.metric == "right_or_refusal"
    assert {swap.case.id for swap in changes.swaps} == {"q0", "q1", "q2", "q3"}
    values = {answer for _, _, answer in TEXTS[lang]}
    for swap in changes.swaps:
        text, before = changes.texts[swap.document], documents(lang)[swap.document].text
        assert swap.new in text and swap.old in before and swap.old not in text
        assert swap.new in values and swap.case.answers == (swap.new,)
        assert swap.case.meta["changed"] == {"old": swap.old, "new": swap.new}
        assert text == before.replace(swap.old, swap.new)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_house_form_keeps_its_source(lang):
    changes = change_facts(evalset(lang, form=True), documents(lang))
    assert changes is not None and changes.metric == "answer_contains"
    for swap in changes.swaps:
        said = Sourced.of(swap.case.answers[0])
        assert said.answer == swap.new and said.source == f"guide {swap.document[1:]}"


def test_the_same_seed_changes_the_same_and_the_limit_holds():
    docs, questions = documents("en"), evalset("en")
    assert change_facts(questions, docs, seed=3) == change_facts(questions, docs, seed=3)
    few = change_facts(questions, docs, limit=2)
    assert few is not None and len(few.swaps) == len(few.texts) == 2


def test_tasks_and_questions_without_facts_have_nothing_to_change():
    docs = documents("en")
    cases = evalset("en").cases
    assert change_facts(make_evalset("s", cases, task="summarise"), docs) is None
    assert change_facts(make_evalset("s", cases[-1:]), docs) is None
    twice = EvalCase("q", "How many?", "en", {"d": 1}, ("12",))
    text = {"d": Document("d", "", "", "There are 12 cranes and 12 boats.")}
    assert change_facts(make_evalset("s", [twice]), text) is None


def test_only_the_evidence_is_changed_where_a_short_value_stands_elsewhere_too():
    text = "There are 12 cranes and 12 boats."
    case = EvalCase(
        "q", "How many boats?", "en", {"d": 1}, ("12",), gold=(GoldSpan("d", "12 boats", 24, 32),)
    )
    changes = change_facts(make_evalset("s", [case]), {"d": Document("d", "", "", text)})
    assert changes is not None
    assert changes.texts["d"].startswith("There are 12 cranes and ")
    assert changes.swaps[0].new + " boats." in changes.texts["d"]


@pytest.mark.parametrize(
    ("value", "question", "kind"),
    [
        ("1887", "When?", "year"),
        ("1887 年", "哪一年？", "year 年"),
        ("5 March 1990", "When?", "date:# m #"),
        ("1990年3月5日", "哪一天？", "date:#年#月#日"),
        ("34 million", "How many?", "number:# million"),
        ("三台", "几台？", "number:#台"),
        ("Anna Holm", "Who runs it?", "name:name"),
        ("Bank of England", "Which bank?", "name:"),
        ("林海", "谁管理港口？", "han:name"),
        ("港口很大", "为什么？", ""),
        ("lower case words", "What?", ""),
        ("a" * 60, "What?", ""),
        ("", "What?", ""),
    ],
)
def test_what_kind_of_thing_an_answer_is(value, question, kind):
    assert kind_of(value, question) == kind


def test_a_swap_avoids_what_stands_in_the_document_and_digits_are_turned_where_nothing_fits():
    assert swap_for("12", ["35", "40"], "there are 35", "s") == "40"
    assert swap_for("12", ["12"], "12", "s") not in ("12", "")
    assert swap_for("Anna", ["Anna", "Erik"], "Erik knows Anna", "s") == ""
    assert swap_for("9:05", [], "9:05", "s") == "1:16"


def rows(changes, said, right):
    return [
        Row(swap.case.id, "?", "en", answerable=True, metrics={changes.metric: right}, answer=said(swap))
        for swap in changes.swaps
    ]  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_new_values_are_fresh_and_old_ones_stale(lang):
    changes = change_facts(evalset(lang, form=True), documents(lang))
    assert changes is not None
    before = rows(changes, lambda swap: swap.old, 1.0)
    fresh = freshness_scores(changes, rows(changes, lambda s: f"answer[{s.new}]", 1.0), before)
    assert [fresh[name].value for name in (FRESHNESS, STALE, FRESH_BEFORE)] == [1.0, 0.0, 1.0]
    stale = freshness_scores(changes, rows(changes, lambda s: f"answer[{s.old}]", 0.0), before)
    assert [stale[name].value for name in (FRESHNESS, STALE)] == [0.0, 1.0]
    assert stale[FRESHNESS].n == len(changes.swaps)
    assert FRESH_BEFORE not in freshness_scores(changes, before, [])


def test_a_refusal_is_neither_fresh_nor_stale():
    changes = change_facts(evalset("en"), documents("en"))
    assert changes is not None
    refused = [
        Row(swap.case.id, "?", "en", answerable=True, answer=swap.old, refused=True)
        for swap in changes.swaps
    ]
    found = freshness_scores(changes, refused, [])
    assert found[FRESHNESS].value == found[STALE].value == 0.0
