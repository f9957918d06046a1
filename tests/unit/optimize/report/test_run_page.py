from dataclasses import replace

import pytest

from surefoot.core.types import EvalCase, Score, Usage
from surefoot.evaluate.runs import KeptRun
from surefoot.evaluate.scoring import Row
from surefoot.optimize.report import RunTold, report_html, report_markdown, run_page
from surefoot.store.runs import Run

QUESTIONS = {"en": "How long is leave?", "zh": "假期有多长？"}
N = 60


@pytest.fixture(params=["en", "zh"])
def lang(request) -> str:
    return request.param


def run(lang: str, name: str, values: list[float], **details) -> KeptRun:
    rows = tuple(
        Row(
            f"q{place}", f"{QUESTIONS[lang]} {place}", lang, True, {"ndcg@10": value, "answered": 1.0},
            ("it.md",), latency_ms=20.0, cpu_ms=18.0, usage=Usage(cost=0.002),
        )
        for place, value in enumerate(values)
    )  # fmt: skip
    mean = sum(values) / len(values)
    scores = (
        Score("answered", 1.0, 0.9, 1.0, len(values)),
        Score("ndcg@10", mean, mean - 0.1, mean + 0.1, len(values)),
    )
    kept = {
        "headline": "ndcg@10",
        "command": "surefoot evaluate staff",
        "gold": {row.id: ["leave.md"] for row in rows},
        "settings": {"name": name, "corpus": {"graph": None, "sources": []}},
        "versions": {"surefoot": "1"},
    }
    record = Run("evaluate", 0, name, "s" * 16, "staff", "e" * 16, "c" * 16, 3, {**kept, **details})
    return KeptRun(record, scores, rows)


def test_a_run_alone_is_told_with_its_interval(lang) -> None:
    page = run_page(RunTold(run(lang, "default", [0.5] * N)), lang)
    for part in ("ndcg@10", "0.500", "0.400", str(N)):
        assert part in page.verdict
    assert page.figures[0].metric == "ndcg@10"
    assert page.solutions == ()
    assert page.failing[0].wanted == ("leave.md",)
    assert 'name = "default"' in page.solution_file
    assert "graph" not in page.solution_file
    assert page.commands == ("surefoot evaluate staff",)


def test_a_run_is_held_against_an_earlier_one(lang) -> None:
    base = run(lang, "old", [0.2] * N)
    page = run_page(RunTold(run(lang, "new", [0.9] * (N - 1) + [0.1]), base), lang)
    assert "new" in page.verdict
    assert "old" in page.verdict
    assert "+0.687" in page.verdict
    assert [(one.id, one.before) for one in page.lost] == [(f"q{N - 1}", 0.2)]
    assert len(page.won) == 10
    assert [(one.role, round(one.usd, 2)) for one in page.solutions] == [
        ("chosen", 2.0), ("present", 2.0),
    ]  # fmt: skip
    assert "<svg" in report_html(page)


def test_no_difference_is_called_none(lang) -> None:
    same = [0.0, 1.0] * (N // 2)
    page = run_page(RunTold(run(lang, "new", same), run(lang, "old", same[::-1])), lang)
    better = run_page(RunTold(run(lang, "new", [0.9] * N), run(lang, "old", [0.1] * N)), lang)
    assert page.verdict.split("+")[0] != better.verdict.split("+")[0]
    assert page.remarks != better.remarks


def test_gold_answers_are_shown_where_the_eval_set_is_at_hand(lang) -> None:
    case = EvalCase("q0", QUESTIONS[lang], lang, {"leave.md": 1}, ("24",))  # type: ignore[arg-type]
    told = RunTold(run(lang, "default", [0.0]), cases={"q0": case})
    assert run_page(told, lang).failing[0].wanted == ("24", "leave.md")


def test_a_run_without_scores_says_so(lang) -> None:
    kept = replace(run(lang, "default", [0.5], headline=""), scores=(), rows=())
    page = run_page(RunTold(kept), lang)
    assert page.figures == ()
    assert page.verdict


def test_parts_of_the_questions_stand_side_by_side(lang) -> None:
    def tagged(kept: KeptRun) -> KeptRun:
        rows = [
            replace(row, tags=("hr",) if place % 2 else ("it",), cluster=f"d{place % 4}")
            for place, row in enumerate(kept.rows)
        ]
        return replace(kept, rows=tuple(rows))

    base, kept = run(lang, "old", [0.2, 0.4] * 20), run(lang, "new", [0.5, 0.9] * 20)
    page = run_page(RunTold(tagged(kept), tagged(base)), lang)
    found = {
        (part.by, part.name): [round(score.value, 1) for score in part.scores.values()]
        for part in page.slices
    }
    by = {"en": ("tag", "document"), "zh": ("标签", "文档")}[lang]
    assert found[by[0], "hr"] == [0.4, 0.9]
    assert found[by[1], "d0"] == [0.2, 0.5]
    assert [part.scores[base.run.id].n for part in page.slices if part.name == "it"] == [20]


def test_why_a_run_ended_early_and_what_failed_are_told(lang) -> None:
    spent = "the budget of 15m is used up (900s of 900s)"
    kept = run(lang, "new", [0.5] * N, left_out=[f"8 of 68 questions were not asked: {spent}"])
    failed = replace(kept.rows[0], failure="the time allowed for this question is used up")
    page = run_page(RunTold(replace(kept, rows=(failed, *kept.rows[1:]))), lang)
    wanted = {"en": (spent, failed.failure), "zh": ("预算 15m 已用完", "回答这个问题的限时已到")}[
        lang
    ]
    for shown in (report_html(page), report_markdown(page)):
        assert all(one in shown for one in wanted)
        assert ("is used up" in shown) == (lang == "en")
