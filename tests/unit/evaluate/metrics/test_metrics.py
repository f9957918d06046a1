"""Metrics against values worked out by hand, in both languages, and against laws they must keep."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.core.types import Chunk, Hit
from surefoot.evaluate.metrics import (
    all_evidence,
    contains_gold,
    exact_match,
    ndcg,
    plain_answer,
    ranked_documents,
    recall,
    reciprocal_rank,
    token_f1,
)


def _hit(document: str, score: float) -> Hit:
    return Hit(Chunk(f"{document}-{score}", document, "text", 0, 4), score, "keyword")


def test_a_document_ranks_where_its_first_chunk_stands() -> None:
    hits = [_hit("b", 3.0), _hit("a", 2.0), _hit("b", 1.5), _hit("c", 1.0)]
    assert ranked_documents(hits) == ["b", "a", "c"]


def test_ndcg_takes_the_grade_as_gain() -> None:
    grades = {"a": 3, "b": 2, "c": 0, "d": 1}
    # found: b(2) c(0) a(3); ideal: a(3) b(2) d(1)
    expected = (2 / 1 + 0 + 3 / 2) / (3 / 1 + 2 / log2(3) + 1 / 2)
    assert ndcg(["b", "c", "a"], grades) == pytest.approx(expected)
    assert expected == pytest.approx(0.7350, abs=5e-5)


def test_ndcg_counts_the_first_ten_only() -> None:
    ranking = [f"x{place}" for place in range(10)]
    assert ndcg([*ranking, "gold"], {"gold": 1}) == 0.0
    assert ndcg([*ranking[:9], "gold"], {"gold": 1}) == pytest.approx(1 / log2(11))


def test_ndcg_agrees_with_the_definition_written_out() -> None:
    """The formula of trec_eval's ndcg_cut, written out term by term for twelve judged documents."""
    grades = {f"d{place}": place % 4 for place in range(12)}
    ranking = ["d3", "x", "d2", "d7", "d1", "d0", "d11", "d4", "d6", "y", "d5"]
    gains = [3, 0, 2, 3, 1, 0, 3, 0, 2, 0]
    dcg = sum(gain / log2(place + 2) for place, gain in enumerate(gains))
    ideal = sum(gain / log2(place + 2) for place, gain in enumerate([3, 3, 3, 2, 2, 2, 1, 1, 1]))
    assert ndcg(ranking, grades) == pytest.approx(dcg / ideal)


def test_recall_rank_and_evidence() -> None:
    grades = {"a": 1, "b": 2, "c": 0}
    assert recall(["x", "a", "y", "z", "w", "b"], grades, 5) == 0.5
    assert recall(["x", "a", "y", "z", "w", "b"], grades, 10) == 1.0
    assert reciprocal_rank(["c", "x", "b"], grades) == pytest.approx(1 / 3)
    assert reciprocal_rank(["x"] * 10 + ["a"], grades) == 0.0
    assert all_evidence(["x", "a", "b"], grades) == 1.0
    assert all_evidence(["a", "x", "y", "z", "w", "b"], grades) == 0.0


@pytest.mark.parametrize(
    ("said", "gold", "lang", "exact", "f1", "contains"),
    [
        ("The 308 points [1].", ["308 points"], "en", 1.0, 1.0, 1.0),
        ("Denver Broncos won", ["the Denver Broncos"], "en", 0.0, 4 / 5, 1.0),
        ("It was in 1995", ["1995", "the year 1995"], "en", 0.0, 2 / 5, 1.0),
        ("category", ["cat"], "en", 0.0, 0.0, 0.0),
        ("１３６ 次。[2]", ["136次"], "zh", 1.0, 1.0, 1.0),
        ("有 136 次擒杀", ["136 次"], "zh", 0.0, 2 * 2 / 7, 1.0),
        ("丹佛野马队", ["野马"], "zh", 0.0, 4 / 7, 1.0),
        ("卡罗来纳黑豹队", ["野马"], "zh", 0.0, 0.0, 0.0),
        ("丹佛野馬隊", ["丹佛野马队"], "zh", 1.0, 1.0, 1.0),
        ("ＮＢＡ總決賽", ["NBA总决赛"], "zh", 1.0, 1.0, 1.0),
    ],
)
def test_answers_in_both_languages(said, gold, lang, exact, f1, contains) -> None:
    assert exact_match(said, gold, lang) == exact
    assert token_f1(said, gold, lang) == pytest.approx(f1)
    assert contains_gold(said, gold, lang) == contains


def test_citation_marks_are_no_part_of_an_answer() -> None:
    assert plain_answer("308 points [1][12].") == "308 points."
    assert plain_answer("三百分[1]。") == "三百分。"


_IDS = st.lists(st.sampled_from([f"d{place}" for place in range(15)]), unique=True, max_size=15)
_GRADES = st.dictionaries(st.sampled_from([f"d{place}" for place in range(15)]), st.integers(0, 3))


@given(_IDS, _GRADES)
def test_every_retrieval_metric_lies_between_0_and_1(ranking, grades) -> None:
    values = [
        ndcg(ranking, grades),
        recall(ranking, grades, 5),
        recall(ranking, grades, 10),
        reciprocal_rank(ranking, grades),
        all_evidence(ranking, grades),
    ]
    assert all(0.0 <= value <= 1.0 + 1e-12 for value in values)


@given(_GRADES)
def test_the_ideal_ranking_scores_1(grades) -> None:
    best = sorted(grades, key=lambda name: -grades[name])
    if any(grades.values()):
        assert ndcg(best, grades) == pytest.approx(1.0)
        assert reciprocal_rank(best, grades) == 1.0


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["en", "zh"]))
def test_f1_is_symmetric_bounded_and_1_for_the_same_text(left, right, lang) -> None:
    forward = token_f1(left, [right], lang)
    assert 0.0 <= forward <= 1.0
    if "[" not in left + right:
        assert forward == pytest.approx(token_f1(right, [left], lang))
        assert token_f1(left, [left], lang) == 1.0
