from __future__ import annotations

from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from surefoot.core.types import Score
from surefoot.optimize.advise.evidence import advise_measured
from surefoot.optimize.advise.interview import Answers
from surefoot.optimize.advise.page import advice_text, table_text
from surefoot.optimize.compare.figures import gap_text, score_text

_spec = spec_from_file_location(
    "made_comparisons", Path(__file__).parents[1] / "compare" / "comparisons.py"
)
made = module_from_spec(_spec)
_spec.loader.exec_module(made)

BOTH = Answers(
    knowledge=True,
    behaviour=True,
    hallucination="costly",
    labelled=900,
    changes="yearly",
    traceable=False,
)
STYLE = Answers(
    knowledge=False,
    behaviour=True,
    hallucination="annoying",
    labelled=900,
    changes="never",
    traceable=False,
)
FACTS = Answers(
    knowledge=True, behaviour=False, hallucination="costly", labelled=0, changes="yearly"
)
LANGS = pytest.mark.parametrize("lang", ["en", "zh"])


def advised(shares, answers=BOTH, lang="en", n=200, **fields):
    return advise_measured(made.comparison(shares, n, **fields), answers, lang)


@LANGS
def test_where_the_rule_is_borne_out_it_says_so_with_figures(lang):
    found = advised({"prompt": 0.1, "rag": 0.4, "lora": 0.2, "lora+rag": 0.8}, lang=lang)
    assert (found.path, found.evidence.standing, found.evidence.chosen) == (
        "both",
        "agrees",
        "lora+rag",
    )
    text = advice_text(found)
    assert ("agree on" if lang == "en" else "与经验法则一致") in text
    gap = next(one.gap for one in found.evidence.against if one.method == "rag")
    turned = replace(gap, value=-gap.value, low=-gap.high, high=-gap.low)
    assert gap_text(turned) in text


@LANGS
def test_a_better_method_goes_before_the_rule(lang):
    found = advised({"prompt": 0.1, "rag": 0.9, "lora+rag": 0.6}, lang=lang)
    assert (found.path, found.evidence.standing, found.evidence.chosen) == ("rag", "better", "rag")
    assert found.evidence.departs
    assert ("disagree" if lang == "en" else "不一致") in advice_text(found)
    assert found.next.command.startswith("surefoot ask --solution .surefoot/compare/c0ffee/")


@LANGS
def test_as_good_and_cheaper_goes_before_the_rule(lang):
    asked = made.cases(200)
    arms = [made.arm("nearest", asked, 0.8), made.arm("lora", asked, 0.805)]
    found = advised({}, STYLE, lang, arms=arms)
    assert (found.evidence.standing, found.evidence.chosen) == ("cheaper", "nearest")
    assert (found.path, found.form) == ("prompt", "prompt_examples")


@LANGS
def test_without_proof_the_cheaper_is_advised_and_how_many_questions_would_tell(lang):
    found = advised({"prompt": 0.1, "rag": 0.5, "lora+rag": 0.56}, lang=lang)
    assert (found.evidence.standing, found.evidence.chosen) == ("open", "rag")
    assert found.evidence.needed > 0
    assert str(found.evidence.needed) in advice_text(found)
    assert found.path == "rag"


def test_what_is_proven_worse_than_another_is_no_cheap_way_out():
    found = advised({"prompt": 0.42, "rag": 0.62, "lora+rag": 0.55})
    kinds = {one.method: one.kind for one in found.evidence.against}
    assert kinds == {"prompt": "not proven", "rag": "not proven"}
    assert found.evidence.chosen == "rag"


@LANGS
def test_with_few_questions_the_rule_stands(lang):
    found = advised({"prompt": 0.3, "rag": 0.5}, FACTS, lang, n=12)
    assert found.evidence.few
    assert (found.path, found.evidence.standing, found.evidence.chosen) == ("rag", "open", "rag")
    assert "evalset create" in found.next.command


@LANGS
def test_what_was_not_measured_leaves_the_rule_and_says_why(lang):
    found = advised({"prompt": 0.1, "rag": 0.5}, lang=lang, left_out={"lora+rag": "no rows"})
    assert (found.path, found.evidence.standing) == ("both", "unmeasured")
    assert "no rows" in advice_text(found)
    assert "surefoot compare" in " ".join(step.command for step in found.steps)


@LANGS
def test_a_method_that_cannot_show_sources_is_not_advised_where_they_are_asked_for(lang):
    answers = BOTH.model_copy(update={"traceable": True})
    found = advised({"rag": 0.3, "lora": 0.9, "lora+rag": 0.6}, answers, lang)
    assert found.evidence.chosen == "lora+rag"
    assert [one.method for one in found.evidence.barred] == ["lora"]
    assert ("cannot show sources" if lang == "en" else "给不出") in advice_text(found)
    changing = BOTH.model_copy(update={"changes": "daily"})
    assert advised({"lora": 0.9, "lora+rag": 0.6}, changing).evidence.because == "stale"


@LANGS
def test_each_dimension_says_whether_the_measurement_agrees(lang):
    def scored(arm, **values):
        scores = {
            name: Score(name, value, value - 0.05, value + 0.05, 200)
            for name, value in values.items()
        }
        return replace(arm, scores=scores)

    plain = made.comparison({"prompt": 0.2, "rag": 0.6, "lora": 0.3})
    values = {
        "prompt": {"freshness": 0.2, "hallucination": 0.5},
        "rag": {"freshness": 0.8, "hallucination": 0.7},
        "lora": {"freshness": 0.1, "hallucination": 0.48},
    }
    arms = tuple(scored(arm, **values[arm.method]) for arm in plain.arms)
    found = advise_measured(replace(plain, arms=arms), FACTS, lang)
    rows = {row.key: row for row in found.table}
    agrees, departs = ("agrees", "disagrees") if lang == "en" else ("一致", "不一致")
    assert rows["cost"].verdict == agrees  # 0 s, 0 s, 300 s
    assert rows["flexibility"].verdict == agrees  # 0.4 s against a training
    assert rows["grounding"].verdict == departs  # retrieval made up most
    assert rows["freshness"].verdict == agrees
    said = score_text(Score("freshness", 0.8, 0.75, 0.85, 200))
    assert rows["freshness"].measured["rag"] == said
    assert rows["complexity"].verdict in ("not measured", "未测量")
    assert any("0.300" in text for text in found.evidence.said)
    assert said in table_text(found)


def test_a_hybrid_is_offered_where_each_half_wins_some_questions():
    asked = made.cases(100)
    rag = made.arm("rag", asked, 0.5)
    lora = made.arm("lora", asked, 0.5, seed=7)
    found = advised({"rag": 0.5}, arms=[rag, lora])
    assert "surefoot hybrid build --compare c0ffee" in [step.command for step in found.steps]
    alike = advised({"rag": 0.5}, arms=[rag, made.arm("lora", asked, 0.3, seed=0)])
    assert not any("hybrid" in step.command for step in alike.steps)
