from dataclasses import replace
from html import escape

import pytest

from surefoot.core.trace import SpanRecord
from surefoot.core.types import EvalCase, EvalSet, Score
from surefoot.evaluate.scoring import Row
from surefoot.optimize.report import report_html, report_markdown
from surefoot.optimize.report.experiment import Told, experiment_page
from surefoot.optimize.result import (
    AxisEffect,
    Compared,
    Curse,
    FrontierPoint,
    OptionEffect,
    PerQuestion,
    Searched,
    Tried,
    Unseen,
)
from surefoot.optimize.trial import Candidate

QUESTIONS = {"en": "How long is leave?", "zh": "假期有多长？"}


@pytest.fixture(params=["en", "zh"])
def lang(request) -> str:
    return request.param


def score(value: float, n: int = 40) -> Score:
    return Score("ndcg@10", value, value - 0.02, value + 0.02, n)


def tried(digest: str, value: float, standing: str, views: str, *, ms: float = 30) -> Tried:
    candidate = Candidate(digest, {"search": "hybrid", "views": views})
    expense = PerQuestion(cpu_ms=ms, latency_p50_ms=ms)
    return Tried(candidate, standing, "", score(value), score(value), 0.5, expense, 40)  # type: ignore[arg-type]


def searched(kind: str = "better") -> Searched:
    gap = Score("ndcg@10", 0.05, 0.01, 0.09, 60)
    pair = Compared("new", "old", "holdout", kind, gap, 0.01, 120, wins=("b",), losses=("a",))
    options = (
        OptionEffect("none", Score("", 0, 0, 0, 0), 2),
        OptionEffect("sentences", score(0.05), 2),
    )
    return Searched(
        metric="ndcg@10", objectives=("quality",), seed=7, chosen="new", winner="new", present="old",
        baseline="bm25",
        tried=(
            tried("old", 0.8, "tied", "none"),
            tried("new", 0.86, "chosen", "sentences", ms=60),
            tried("bm25", 0.7, "worse", "bm25", ms=4),
            tried("slow", 0.85, "behind", "all", ms=90),
        ),
        n_dev=60, n_holdout=60, asked=160, possible=240, rounds=3, detectable=0.04,
        unseen=Unseen({"new": score(0.85), "old": score(0.8)}, (pair,), 60),
        curse=Curse(score(0.86), score(0.84)),
        frontier=tuple(
            FrontierPoint(digest, score(value), ms, ms, "cpu ms")
            for digest, value, ms in (("bm25", 0.7, 4), ("new", 0.86, 60))
        ),
        effects=(AxisEffect("views", 0.06, 0.9, options),),
    )  # fmt: skip


def told(lang: str, kind: str = "better") -> Told:
    cases = [
        EvalCase("a", QUESTIONS[lang], lang, {"leave.md": 1}, ("25",)),  # type: ignore[arg-type]
        EvalCase("b", QUESTIONS[lang] + "?", lang, {"leave.md": 1}),  # type: ignore[arg-type]
    ]
    rows = {
        "new": [row(cases[0], 0.5), row(cases[1], 1.0)],
        "old": [row(cases[0], 1.0), row(cases[1], 0.0)],
    }
    evalset = EvalSet("staff", "d" * 16, tuple(cases))
    return Told("staff", searched(kind), evalset, rows, 'name = "w"', ("surefoot optimize staff",))


def row(case: EvalCase, value: float) -> Row:
    return Row(
        case.id, case.question, case.lang, True, {"ndcg@10": value}, ("it.md",), trace_id="t1"
    )


def test_the_verdict_names_the_winner_its_gap_and_the_unseen_questions(lang) -> None:
    page = experiment_page(told(lang), lang)
    assert "views sentences" in page.verdict
    assert "+0.050" in page.verdict
    assert "60" in page.verdict
    assert [figure.value for figure in page.figures] == [0.85, 0.8, 0.05]


@pytest.mark.parametrize("kind", ["better", "worse", "equivalent", "not proven"])
def test_each_verdict_has_its_own_words(lang, kind) -> None:
    said = experiment_page(told(lang, kind), lang).verdict
    others = {
        experiment_page(told(lang, other), lang).verdict
        for other in ("better", "worse", "equivalent", "not proven")
        if other != kind
    }
    assert said not in others
    assert "{" not in said


def test_what_makes_a_verdict_doubtful_is_said(lang) -> None:
    found = searched("not proven")
    doubtful = replace(
        found,
        stopped="15m",
        unseen=replace(found.unseen, spent=True, compared=(replace(found.unseen.compared[0], few=True),)),
    )  # fmt: skip
    remarks = " ".join(experiment_page(replace(told(lang), searched=doubtful), lang).remarks)
    for part in ("15m", "120", "0.860", "0.840"):
        assert part in remarks
    assert len(experiment_page(replace(told(lang), searched=doubtful), lang).remarks) == 5


def test_no_verdict_without_unseen_questions(lang) -> None:
    bare = replace(told(lang), searched=replace(searched(), unseen=None))
    page = experiment_page(bare, lang)
    assert page.figures == ()
    assert page.verdict != experiment_page(told(lang), lang).verdict


def test_solutions_come_with_their_roles_and_what_sets_them_apart() -> None:
    page = experiment_page(told("en"), "en")
    assert [(one.label, one.role) for one in page.solutions] == [
        ("views sentences", "chosen"),
        ("present solution", "present"),
        ("views bm25", "baseline"),
        ("views all", "other"),
    ]
    assert page.solutions[0].quality.n == 40
    assert [effect.option for effect in page.effects] == ["sentences"]


def test_questions_won_lost_and_failing_show_both_values_and_the_stages(lang) -> None:
    spans = [
        SpanRecord("t1", "s", "r", "stage search", 0, 31_000_000, {"surefoot.note.0": "kept 10"})
    ]
    page = experiment_page(replace(told(lang), trace=lambda _: spans), lang)
    assert [(one.id, one.value, one.before) for one in page.lost] == [("a", 0.5, 1.0)]
    assert [(one.id, one.value, one.before) for one in page.won] == [("b", 1.0, 0.0)]
    assert [one.id for one in page.failing] == ["a"]
    assert page.failing[0].wanted == ("25", "leave.md")
    assert (page.failing[0].steps[0].stage, page.failing[0].steps[0].said) == (
        "search",
        ("kept 10",),
    )


def test_the_page_can_be_written(lang) -> None:
    page = experiment_page(told(lang), lang)
    assert escape(page.verdict) in report_html(page)
    assert "surefoot optimize staff" in report_markdown(page)


def test_an_early_stop_is_told_in_the_language_of_the_report() -> None:
    why = "the budget of 15m is used up (15 min of 15 min)"
    found = replace(searched("not proven"), stopped=why)
    english, chinese = (
        " ".join(experiment_page(replace(told(lang), searched=found), lang).remarks)
        for lang in ("en", "zh")
    )
    assert why in english
    assert "预算 15m 已用完（15 min，上限 15 min）" in chinese and "used up" not in chinese
