"""The page of a comparison of methods: verdict, tables, claims, how it was measured; in both languages."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from surefoot.core.types import Score
from surefoot.optimize.compare.verdict import verdict_words
from surefoot.optimize.compare.words import say
from surefoot.optimize.report import ComparisonTold, comparison_page, report_html, report_markdown
from surefoot.tune.artefact import Parity

_HERE = Path(__file__).parent
_spec = spec_from_file_location("comparisons", _HERE.parent / "compare" / "comparisons.py")
made = module_from_spec(_spec)
_spec.loader.exec_module(made)


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


def told(lang, **fields):
    """Five methods, three seeds, everything measured that may be."""
    found = made.comparison(
        {"prompt": 0.1, "nearest": 0.12, "rag": 0.4, "lora": 0.1, "lora+rag": [0.7, 0.72, 0.69]},
        seeds=(1, 2, 3), lang=lang, absent=20, left_out={"full": "no training rows were given (--train)"},
        command="surefoot compare --evalset town --seeds 1,2,3", **fields,
    )  # fmt: skip
    scores = {
        name: Score(name, 0.4, 0.3, 0.5, 40)
        for name in (
            "hallucination",
            "freshness",
            "source_right",
            "refused_rightly",
            "refused_wrongly",
        )
    }
    parity = Parity(
        form="gguf",
        engine="llama.cpp",
        prompts=50,
        agreement=0.98,
        same=0.9,
        tolerance=0.95,
        good=True,
    )
    arms = [
        replace(arm, scores=scores, parity=parity if arm.method == "lora" else None)
        for arm in found.arms
    ]
    cases = {case.id: case for case in made.cases(200, lang, 20)}
    return ComparisonTold(replace(found, arms=tuple(arms)), cases)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)

    def handle_data(self, data) -> None:
        self.text.append(data)


def read(html):
    parser = _Text()
    parser.feed(html)
    return parser.tags, "".join(parser.text)


def test_the_page_tells_the_whole_comparison(lang):
    page = comparison_page(told(lang), lang)
    tags, text = read(report_html(page))
    words = verdict_words(told(lang).comparison, lang)
    assert page.verdict == words[0] and all(line in text for line in words)
    for key in ("sheet_answers", "sheet_asking", "sheet_building", "claims", "pairs", "rule"):
        assert say(key, lang) in text
    for method in ("prompt", "nearest", "rag", "lora", "lora+rag", "full"):
        assert say(f"method_{method}", lang) in text
    assert "surefoot compare --evalset town --seeds 1,2,3" in text and "schema = 1" in text
    assert "0.980" in text and "llama.cpp" in text
    assert "script" not in tags and tags.count("svg") > 5


def test_the_plot_names_every_method_and_marks_the_winner(lang):
    page = comparison_page(told(lang), lang)
    assert {one.role for one in page.solutions} >= {"chosen", "baseline"}
    assert all(one.named for one in page.solutions)
    assert page.solutions[-1].label == say("method_lora+rag", lang)


def test_the_questions_that_the_winner_fails_are_shown_with_what_was_wanted(lang):
    page = comparison_page(told(lang), lang)
    assert page.failing and page.failing[0].wanted
    assert page.asked == 200 and len(page.failing) <= 40


def test_figures_have_the_winner_what_it_beats_and_the_difference(lang):
    page = comparison_page(told(lang), lang)
    labels = [one.metric for one in page.figures]
    assert labels[:2] == [say("method_lora+rag", lang), say("method_prompt", lang)]
    assert len(labels) == 3 and page.figures[2].value > 0.3
    tie = made.comparison({"prompt": 0.2, "nearest": 0.8, "rag": 0.82}, metric="slot_f1", lang=lang)
    named = [one.metric for one in comparison_page(ComparisonTold(tie, {}), lang).figures]
    assert named[:2] == [say("method_nearest", lang), say("method_rag", lang)]


def test_markdown_and_json_have_the_same_numbers(lang):
    page = comparison_page(told(lang), lang)
    text = report_markdown(page)
    for sheet in page.sheets:
        assert f"## {sheet.title}" in text
        assert sheet.rows[0][0].split()[0] in text
    plain = json.loads(json.dumps(page.to_json(), ensure_ascii=False))
    assert [one["title"] for one in plain["sheets"]] == [one.title for one in page.sheets]


def test_a_comparison_of_one_method_and_of_none_has_a_page(lang):
    one = made.comparison({"rag": 0.5}, lang=lang)
    assert report_html(comparison_page(ComparisonTold(one, {}), lang))
    none = replace(one, arms=(), joined=(), differences=())
    page = comparison_page(ComparisonTold(none, {}), lang)
    assert page.verdict == say("verdict_nothing", lang) and report_html(page)


def test_texts_of_models_and_documents_stay_text(lang):
    evil = "<img src=x onerror=alert(1)>"
    found = told(lang)
    arms = tuple(
        replace(
            arm,
            evaluation=replace(
                arm.evaluation,
                rows=tuple(replace(row, answer=evil, question=evil) for row in arm.evaluation.rows),
            ),
        )
        for arm in found.comparison.arms
    )
    page = comparison_page(replace(found, comparison=replace(found.comparison, arms=arms)), lang)
    tags, text = read(report_html(page))
    assert "img" not in tags and evil in text
    assert "<img" not in report_markdown(page)
