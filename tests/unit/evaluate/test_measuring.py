"""Every task has its own metrics; what a solution refuses or fails at is 0 where the question asks for it."""

from __future__ import annotations

import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.types import (
    Answer,
    Chunk,
    Citation,
    EvalCase,
    EvalSet,
    GoldSpan,
    Hit,
    Query,
    Turn,
)
from surefoot.evaluate import Outcome, evaluate
from surefoot.evaluate.measuring import question_metrics
from surefoot.evaluate.standard import Standard

ALL = ("documents", "evidence", "answer")
TEXT = {"en": "The harbour has three cranes. Tea is at four.", "zh": "港口有三台起重机。四点喝茶。"}
QUOTE = {"en": "The harbour has three cranes.", "zh": "港口有三台起重机。"}
SAID = {"en": "The harbour has three cranes [1].", "zh": "港口有三台起重机[1]。"}
GOLD = {"en": "three cranes", "zh": "三台起重机"}


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


def turn(lang, said, *, refused=False):
    chunk = Chunk("d0", "d", TEXT[lang], 0, len(TEXT[lang]))
    marks = (Citation(1, 0, len(said), chunk, 0, len(QUOTE[lang]), QUOTE[lang]),)
    answer = Answer(said, () if refused else marks, refused=refused)
    return Turn(Query("?", lang), (Hit(chunk, 1.0, "search"),), answer)


def one(task, answers, said, lang="en", **fields):
    """The scores of one answered question of a task."""
    case = EvalCase("q", "?", lang, answers=tuple(answers), **fields)
    evalset = EvalSet("s", "d", (case,), task)
    found = evaluate(
        evalset, lambda _: Outcome(Turn(Query("?", lang), answer=Answer(said))), judged=("answer",)
    )
    return {score.metric: score.value for score in found.scores}, found


def test_a_right_answer_with_its_evidence(lang):
    gold = (GoldSpan("d", QUOTE[lang], 0, len(QUOTE[lang])),)
    case = EvalCase("q", "?", lang, {"d": 1}, (GOLD[lang],), gold=gold)
    count = lambda texts: [len(text) for text in texts]  # noqa: E731 - a token a character
    found = question_metrics(case, turn(lang, SAID[lang]), ALL, count_tokens=count)
    for name in (
        "ndcg@10", "precision@5", "span_recall@5", "span_coverage@5", "evidence@500", "contains_gold",
        "numeric_match", "right_or_refusal", "answered", "evidence_cited", "citation_support",
        "citation_recall", "citation_precision", "groundedness",
    ):  # fmt: skip
        assert found[name] == 1.0, name
    assert found["span_precision@5"] == pytest.approx(len(QUOTE[lang]) / len(TEXT[lang]))
    assert found["exact_match"] == 0.0


def test_a_failure_is_0_in_all_of_them_and_a_refusal_has_no_citations(lang):
    gold = (GoldSpan("d", QUOTE[lang], 0, len(QUOTE[lang])),)
    case = EvalCase("q", "?", lang, {"d": 1}, (GOLD[lang],), gold=gold)
    count = lambda texts: [len(text) for text in texts]  # noqa: E731 - a token a character
    right = question_metrics(case, turn(lang, SAID[lang]), ALL, count_tokens=count)
    failed = question_metrics(case, None, ALL)
    assert failed == dict.fromkeys(right, 0.0)
    refused = question_metrics(case, turn(lang, "no", refused=True), ALL, count_tokens=count)
    assert set(right) - set(refused) == {
        "citation_support", "citation_recall", "citation_precision", "groundedness",
    }  # fmt: skip
    assert refused["right_or_refusal"] == refused["evidence_cited"] == 0.0


def test_a_question_without_an_answer_asks_for_a_refusal(lang):
    case = EvalCase("q", "?", lang, answerable=False)
    assert question_metrics(case, turn(lang, "no", refused=True), ALL)["f1_or_refusal"] == 1.0
    wrong = question_metrics(case, turn(lang, SAID[lang]), ALL)
    assert wrong["f1_or_refusal"] == wrong["refusal_recall"] == 0.0
    assert "evidence_cited" not in wrong and "citation_precision" not in wrong
    assert wrong["groundedness"] == 1.0


def test_an_english_quote_for_a_chinese_question_is_checked_as_english():
    case = EvalCase("q", "港口有什么？", "zh", {"d": 1}, ("三台起重机",))
    found = question_metrics(case, turn("en", SAID["en"]), ALL)
    assert found["groundedness"] == found["citation_support"] == 1.0


@pytest.mark.parametrize(
    ("task", "answers", "said", "lang", "expected"),
    [
        ("summarise", ["The harbour has cranes"], "The harbour has cranes", "en",
         {"rouge_l": 1.0, "gold_coverage": 1.0}),
        ("summarise", ["港口有起重机"], "港口有起重机", "zh", {"rouge_l": 1.0, "gold_coverage": 1.0}),
        ("translate", ["港口有三台起重机。"], "港口有三台起重机。", "zh", {"chrf": 1.0, "exact_match": 1.0}),
        ("translate", ["The harbour"], "The harbor", "en", {"exact_match": 0.0}),
        ("classify", ["complaint"], "Label: complaint.", "en", {"accuracy": 1.0, "macro_f1": 1.0}),
        ("classify", ["投诉"], "无法判断", "zh", {"accuracy": 0.0, "label_valid": 0.0}),
        ("format", ['{"a": 1}'], '{"a": 2}', "en", {"slot_f1": 0.0, "exact_match": 0.0}),
        ("format", ["名称[港口]，台数[三]"], "名称[港口]，台数[四]", "zh", {"slot_f1": 0.5}),
    ],
)  # fmt: skip
def test_each_task_is_scored_by_its_own_metrics(task, answers, said, lang, expected):
    values, found = one(task, answers, said, lang)
    assert {name: values[name] for name in expected} == pytest.approx(expected)
    assert found.headline in values
    assert not {"token_f1", "right_or_refusal", "groundedness"} & set(values)


def test_a_form_is_checked_before_the_first_question_is_asked():
    asked = []
    evalset = EvalSet("s", "d", (EvalCase("q", "?", "en", meta={"schema": {"type": 1}}),), "format")
    with pytest.raises(ConfigError, match="question q"):
        evaluate(evalset, lambda case: asked.append(case), judged=("answer",))
    assert asked == []


def test_the_schema_decides_what_is_valid():
    values, found = one("format", (), '{"a": 1}', meta={"schema": {"required": ["a"]}})
    assert values["format_valid"] == 1.0 and found.headline == "format_valid"


def test_labels_go_to_the_row_for_macro_f1():
    cases = tuple(
        EvalCase(name, "?", "en", answers=(label,))
        for name, label in (("1", "a"), ("2", "a"), ("3", "b"))
    )
    replies = {"1": "a", "2": "b", "3": "b"}

    def ask(case):
        return Outcome(Turn(Query("?"), answer=Answer(replies[case.id])))

    found = evaluate(EvalSet("s", "d", cases, "classify"), ask, judged=("answer",))
    assert [row.labels for row in found.rows] == [("a", "a"), ("a", "b"), ("b", "b")]
    assert found.score("macro_f1").value == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert found.score("accuracy").value == pytest.approx(2 / 3)
    assert Standard.of(EvalSet("s", "d", cases, "classify")).labels == ("a", "b")
