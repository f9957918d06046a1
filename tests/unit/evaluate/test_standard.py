"""One metric by which solutions are compared: of the task, and of what the gold allows."""

from __future__ import annotations

import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.types import EvalCase, EvalSet, GoldSpan
from surefoot.evaluate.standard import Standard, headline

BOTH = ("documents", "evidence", "answer")
SHORT = EvalCase("s", "How many?", "en", {"d": 1}, ("three cranes",))
KURZ = EvalCase("k", "有几台？", "zh", {"d": 1}, ("三台起重机",))
LONG = EvalCase(
    "l", "Why?", "en", {"d": 1}, ("because the library closes at noon on every Saturday",)
)
LANG = EvalCase("z", "为什么？", "zh", {"d": 1}, ("因为图书馆每个星期六中午十二点就关门",))
FOUND = EvalCase("f", "?", "en", {"d": 1})
SPAN = EvalCase("p", "?", "en", {"d": 1}, gold=(GoldSpan("d", "x", 0, 1),))
NONE = EvalCase("n", "?", "en", answerable=False)


@pytest.mark.parametrize(
    ("task", "judged", "cases", "expected"),
    [
        ("qa", BOTH, [], "right_or_refusal"),
        ("qa", BOTH, [SHORT, KURZ, LONG], "right_or_refusal"),
        ("qa", BOTH, [SHORT, LONG, LANG], "f1_or_refusal"),
        ("qa", BOTH, [FOUND, NONE], "ndcg@10"),
        ("qa", BOTH, [SPAN, NONE], "evidence@1000"),
        ("qa", ("documents",), [SHORT, SPAN], "ndcg@10"),
        ("qa", ("documents",), [SPAN], "ndcg@10"),
        ("qa", ("answer",), [NONE, EvalCase("a", "?", "en")], "answered_or_refused"),
        ("summarise", BOTH, [LONG], "rouge_l"),
        ("translate", ("answer",), [LONG], "chrf"),
        ("classify", ("answer",), [SHORT], "accuracy"),
        ("format", ("answer",), [EvalCase("a", "?", "en", answers=("a[1]",))], "slot_f1"),
        ("format", ("answer",), [EvalCase("a", "?", "en", meta={"pattern": ".*"})], "format_valid"),
        ("format", ("answer",), [SHORT], "exact_match"),
    ],
)
def test_the_headline(task, judged, cases, expected):
    assert headline(task, judged, cases) == expected


def test_without_gold_there_is_none():
    with pytest.raises(ConfigError, match="no question has gold"):
        headline("qa", BOTH, [EvalCase("a", "?", "en")])
    with pytest.raises(ConfigError, match="no question has gold"):
        headline("qa", ("answer",), [FOUND])


def test_labels_are_those_named_or_those_given():
    one = EvalCase("a", "?", "zh", answers=("投诉",))
    other = EvalCase("b", "?", "zh", answers=("咨询",))
    assert Standard.of(EvalSet("s", "d", (one, other), "classify")).labels == ("咨询", "投诉")
    named = EvalCase("c", "?", "zh", answers=("投诉",), meta={"labels": ["投诉", "表扬"]})
    assert Standard.of(EvalSet("s", "d", (named,), "classify")).labels == ("投诉", "表扬")
    assert Standard.of(EvalSet("s", "d", (one,))).labels == ()
    broken = EvalCase("q", "?", "en", meta={"pattern": "("})
    with pytest.raises(ConfigError, match="question q"):
        Standard.of(EvalSet("s", "d", (broken,), "format"))
