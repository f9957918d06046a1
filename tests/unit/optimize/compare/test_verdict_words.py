"""The verdict of made-up comparisons: who wins, what is said of costs, doubts and what to do, in both languages."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from importlib import resources
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from surefoot.core.types import Score
from surefoot.optimize.compare import verdict as verdict_module
from surefoot.optimize.compare.choice import break_evens, choose, frontier
from surefoot.optimize.compare.figures import (
    bytes_text,
    gap_text,
    mib_text,
    ms_text,
    p_text,
    score_text,
    seconds_text,
)
from surefoot.optimize.compare.result import METHODS, Build, Service
from surefoot.optimize.compare.rule_of_thumb import rule_sheet, rule_words, ruled
from surefoot.optimize.compare.table import sheets, table_rows
from surefoot.optimize.compare.verdict import claims_sheet, pairs_sheet, verdict_words
from surefoot.optimize.compare.words import note_text, say, why_text

_spec = spec_from_file_location("comparisons", Path(__file__).parent / "comparisons.py")
made = module_from_spec(_spec)
_spec.loader.exec_module(made)


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


def said(found, lang):
    return "\n".join(verdict_words(found, lang))


def with_scores(found, method, **values):
    scores = {name: Score(name, v, max(-1, v - 0.1), v + 0.1, 40) for name, v in values.items()}
    arms = [
        replace(a, scores={**a.scores, **scores}) if a.method == method else a for a in found.arms
    ]
    return replace(found, arms=tuple(arms))


def served(found, method, **fields):
    arms = [
        replace(a, service=replace(a.service, **fields)) if a.method == method else a
        for a in found.arms
    ]
    return replace(found, arms=tuple(arms))


def test_a_winner_is_named_with_its_lead(lang):
    found = made.comparison({"prompt": 0.1, "rag": 0.7, "lora": 0.1}, lang=lang)
    chosen = choose(found)
    assert chosen is not None and (chosen.winner, chosen.best, chosen.tied) == (
        "rag",
        "rag",
        ("rag",),
    )
    assert (
        chosen.over is not None and chosen.over.against == "prompt" and chosen.over.kind == "better"
    )
    first = verdict_words(found, lang)[0]
    assert say("method_rag", lang) in first and "answer_f1" in first and "200" in first
    assert gap_text(chosen.over.difference) in first
    assert say("behind", lang, best=say("method_rag", lang), methods="").rstrip("。.：: ")[
        :8
    ] in said(found, lang)


def test_of_equals_the_cheapest_to_build_wins(lang):
    found = made.comparison(
        {"prompt": 0.2, "nearest": 0.8, "lora": 0.82, "full": 0.8}, metric="slot_f1", lang=lang
    )
    chosen = choose(found)
    assert chosen is not None
    assert (chosen.winner, chosen.best) == ("nearest", "lora")
    assert set(chosen.tied) == {"nearest", "lora", "full"}
    text = said(found, lang)
    assert (
        gap_text(
            next(
                o for o in found.differences if o.method == "lora" and o.against == "nearest"
            ).difference
        )
        in text
    )
    assert say("next_seeds", lang, id="c0ffee") in text


def test_what_is_not_proven_better_than_the_prompt_does_not_win(lang):
    found = made.comparison({"prompt": 0.50, "rag": 0.54}, n=60, lang=lang)
    chosen = choose(found)
    assert chosen is not None and chosen.winner == "prompt" and chosen.best == "rag"
    words = verdict_words(found, lang)
    assert words[0] == say(
        "verdict_keep", lang, winner=say("method_prompt", lang), metric="answer_f1", n=60,
        score=score_text(found.joined[0].score), best=say("method_rag", lang),
        best_score=score_text(found.joined[1].score),
    )  # fmt: skip
    assert say("few", lang) in words and words[-1] == say("next_questions", lang)


def test_equals_are_called_equals(lang):
    found = made.comparison({"prompt": 0.5, "rag": 0.5}, lang=lang)
    text = said(found, lang)
    assert (
        say(
            "equivalent_one",
            lang,
            method=say("method_rag", lang),
            gap=gap_text(found.differences[0].difference),
        )
        in text
    )
    assert "arms/prompt/solution.toml" in text


def test_a_single_method_is_no_contest_and_none_no_verdict(lang):
    alone = made.comparison(
        {"rag": 0.6}, lang=lang, left_out={"lora": "no training rows were given (--train)"}
    )
    words = verdict_words(alone, lang)
    assert words[0].startswith(("Only", "只测了"))
    assert any(why_text("no training rows were given (--train)", lang) in line for line in words)
    empty = replace(alone, joined=(), differences=(), arms=())
    assert verdict_words(empty, lang)[0] == say("verdict_nothing", lang)
    assert (
        claims_sheet(empty, lang) is None
        and table_rows(empty) == ()
        and frontier(empty) == frozenset()
    )


def test_what_was_seen_besides_is_told_of_the_winner(lang):
    found = made.comparison({"prompt": 0.1, "lora+rag": 0.7}, lang=lang)
    found = with_scores(
        found, "lora+rag", hallucination=0.2, refused_rightly=0.65, refused_wrongly=0.1, freshness=0.6,
        freshness_before=0.7, forgetting=0.15, general=0.3, general_base_en=0.6, general_base_zh=0.1,
    )  # fmt: skip
    text = said(found, lang)
    for figure in ("0.20 [", "0.65 [", "0.60 [", "+0.150 ["):
        assert figure in text
    assert say("language_zh", lang) in text and "0.10" in text
    assert say("changes_sync", lang, update="0.4 s") in text


def test_seeds_are_counted(lang):
    three = made.comparison({"prompt": 0.1, "lora": [0.7, 0.72, 0.69]}, seeds=(1, 2, 3), lang=lang)
    text = said(three, lang)
    assert three.joined[1].spread is not None and f"{three.joined[1].spread:.3f}" in text
    assert say("few_seeds", lang, n=1) not in text
    assert "--seeds 2,3" not in text and "solution.toml" in text
    assert "×3" in table_rows_text(three, lang)


def table_rows_text(found, lang):
    return "\n".join(cell for sheet in sheets(found, lang) for row in sheet.rows for cell in row)


def test_a_weak_field_says_that_the_base_is_weak(lang):
    assert say("weak", lang) in said(made.comparison({"prompt": 0.1, "rag": 0.2}, lang=lang), lang)
    assert say("weak", lang) not in said(
        made.comparison({"prompt": 0.1, "rag": 0.6}, lang=lang), lang
    )


def test_building_pays_from_so_many_questions_on(lang):
    found = made.comparison(
        {"prompt": 0.1, "nearest": 0.8, "lora": 0.8}, metric="slot_f1", lang=lang
    )
    found = served(found, "nearest", cpu_ms=390.0)
    (even,) = [one for one in break_evens(found) if one.against == "nearest"]
    # 600 s of processor time more to build, 0.3 s less a question
    assert (even.method, even.questions) == ("lora", 2000)
    assert "2,000" in said(found, lang)


def test_the_frontier_is_what_nothing_beats_in_everything():
    found = made.comparison({"prompt": 0.1, "nearest": 0.8, "rag": 0.5, "lora": 0.6})
    for method, ms in (("prompt", 50), ("nearest", 400), ("rag", 500), ("lora", 60)):
        found = served(found, method, cpu_ms=float(ms), latency_p50_ms=float(ms))
    assert frontier(found) == {"prompt", "nearest", "lora"}
    marked = {row.method for row in table_rows(found) if row.ahead}
    assert marked == {"prompt", "nearest", "lora"}
    paid = served(found, "rag", usd=0.001)
    assert "lora" in frontier(paid)


def test_tables_have_a_column_only_for_what_was_measured(lang):
    plain = made.comparison({"prompt": 0.1, "rag": 0.7}, lang=lang)
    answers, asking, building = sheets(plain, lang)
    assert len(answers.columns) == 3 and answers.marked == (1,)
    assert all(
        len(row) == len(sheet.columns)
        for sheet in (answers, asking, building)
        for row in sheet.rows
    )
    rich = with_scores(plain, "rag", freshness=0.5, source_right=0.4, hallucination=0.3)
    columns = sheets(rich, lang)[0].columns
    for key in ("freshness", "citation", "hallucination"):
        assert say(f"column_{key}", lang) in columns
    assert "–" in sheets(rich, lang)[0].rows[0]


def test_costs_of_training_and_of_asking_stand_in_the_table(lang):
    rows = {
        row.method: row
        for row in table_rows(made.comparison({"rag": 0.4, "lora": [0.5, 0.6]}, seeds=(1, 2)))
    }
    assert (rows["lora"].build_s, rows["lora"].build_cpu_s, rows["lora"].update_how) == (
        300.0,
        600.0,
        "train",
    )
    assert (rows["rag"].build_s, rows["rag"].update_s, rows["rag"].update_how) == (0.0, 0.4, "sync")
    assert rows["lora"].seeds == (1, 2) and rows["rag"].seeds == ()
    text = table_rows_text(made.comparison({"rag": 0.4, "lora": 0.5}, lang=lang), lang)
    for figure in ("5 min", "10 min", "2.0 GB", "977 kB", "0.4 s", say("update_train", lang)):
        assert figure in text


def test_pairs_and_claims_are_tables_too(lang):
    found = made.comparison({"prompt": 0.1, "rag": 0.4, "lora": 0.1}, lang=lang)
    pairs, held = pairs_sheet(found, lang), claims_sheet(found, lang)
    assert pairs is not None and len(pairs.rows) == 3
    assert (
        held is not None and [row[-1] for row in held.rows] == [say("standing_confirmed", lang)] * 2
    )


def test_the_rule_of_thumb_stands_beside_the_measurement(lang):
    found = made.comparison({"prompt": 0.1, "rag": 0.4, "lora": 0.1, "lora+rag": 0.8}, lang=lang)
    for method, fresh, untrue in (("prompt", 0.1, 0.3), ("rag", 0.7, 0.6), ("lora", 0.1, 0.32)):
        found = with_scores(found, method, freshness=fresh, hallucination=untrue)
    told = {one.dimension: one for one in ruled(found)}
    assert told["freshness"].standing == "as" and told["freshness"].best == "rag"
    assert told["grounding"].standing == "other" and told["grounding"].best == "prompt"
    assert "terms" not in told and "traceability" not in told
    words = rule_words(found, lang)
    assert len(words) == 2 and any(say("dimension_grounding", lang) in line for line in words)
    sheet = rule_sheet(found, lang)
    assert sheet is not None and {row[-1] for row in sheet.rows} == {
        say("outcome_as", lang),
        say("outcome_other", lang),
    }
    near = with_scores(found, "rag", hallucination=0.35)
    assert {one.dimension: one.standing for one in ruled(near)}["grounding"] == "open"
    form = made.comparison({"prompt": 0.1, "lora": 0.5, "full": 0.8}, metric="slot_f1", lang=lang)
    assert [(one.dimension, one.standing) for one in ruled(form)] == [("terms", "as")]
    assert rule_sheet(made.comparison({"rag": 0.4}), lang) is None


def test_figures_read_well():
    assert [seconds_text(s) for s in (None, 0.31, 45, 119, 600, 9000)] == [
        "–",
        "0.3 s",
        "45 s",
        "119 s",
        "10 min",
        "2.5 h",
    ]
    assert [bytes_text(b) for b in (0, 2048, 5 * 1024**2, 3 * 1024**3)] == [
        "0",
        "2 kB",
        "5 MB",
        "3.0 GB",
    ]
    assert [mib_text(0), mib_text(512), ms_text(90), ms_text(65_000)] == [
        "–",
        "512 MB",
        "90 ms",
        "65 s",
    ]
    assert [p_text(None), p_text(0.0004), p_text(0.04)] == ["", "< 0.001", "0.040"]
    assert score_text(None) == gap_text(Score("m", 0, 0, 0, 0)) == "–"


def test_every_word_has_both_languages_and_is_used():
    file = resources.files("surefoot.optimize.compare") / "data" / "words.toml"
    listed = tomllib.loads(file.read_text(encoding="utf-8"))
    folder = Path(verdict_module.__file__).parent
    sources = [*folder.glob("*.py"), *(folder.parent / "report").glob("*.py")]
    source = "".join(path.read_text(encoding="utf-8") for path in sources)
    families = ("method_", "update_", "changes_", "standing_", "bound_", "column_", "sheet_", "note_", "kind_",
                "rule_", "dimension_", "outcome_", "language_")  # fmt: skip
    for key, both in listed.items():
        if key in ("why", "note"):
            continue
        assert set(both) == {"en", "zh"}, key
        assert set(re.findall(r"{(\w+)", both["en"])) == set(re.findall(r"{(\w+)", both["zh"])), key
        assert not re.search("[\u4e00-\u9fff]", both["en"]), key
        assert f'"{key}"' in source or key.startswith(families), f"{key} is not used"
    for method in METHODS:
        assert f"method_{method}" in listed
    columns = {key.removeprefix("column_") for key in listed if key.startswith("column_")}
    assert all(f'"{name}"' in source for name in columns), columns


def test_no_reason_is_left_in_english():
    from surefoot.optimize.compare.methods import Means, possible

    lacking = Means(searches=False, train=False, sourced=False, local=False, torch=False)
    steps = ("searches", "train", "local", "torch")
    reasons = {
        why
        for count in range(len(steps) + 1)
        for why in possible(METHODS, replace(lacking, **dict.fromkeys(steps[:count], True)))[
            1
        ].values()
    }
    assert len(reasons) == 5
    assert all(re.search("[\u4e00-\u9fff]", why_text(why, "zh")) for why in reasons)
    assert why_text("something else", "zh") == "something else"


def test_known_notes_are_told_in_both_languages():
    notes = (
        "without nearest (it was taken out) nothing here says that tuning is worth more than showing the closest "
        "rows as examples",
        "12 training rows are left out: a row is repeated",
        "3 questions that are sentences of the documents are left out",
    )
    for note in notes:
        assert note_text(note, "en") == note
        assert re.search("[\u4e00-\u9fff]", note_text(note, "zh"))
    assert "未选用" in note_text(notes[0], "zh") and "12" in note_text(notes[1], "zh")
    assert note_text("something else", "zh") == "something else"


def test_builds_and_services_may_be_empty(lang):
    found = made.comparison({"prompt": 0.4, "rag": 0.5}, lang=lang)
    bare = replace(
        found, arms=tuple(replace(a, build=Build(), service=Service()) for a in found.arms)
    )
    assert verdict_words(bare, lang) and sheets(bare, lang)
