"""Verdicts: when something is proven, when it is not, and what is said of it in both languages."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from surefoot.evaluate.stats import (
    compare,
    mcnemar,
    mean_score,
    paired_difference,
    quantile_score,
    ratio_score,
    too_few,
    verdict_text,
)
from surefoot.evaluate.stats.student import student_quantile


def answered(gains: int, losses: int, n: int) -> tuple[list[float], list[float]]:
    base = [0.0] * gains + [1.0] * (n - gains)
    other = [1.0] * (n - losses) + [0.0] * losses
    return base, other


def test_better_and_worse_need_interval_and_test():
    base, other = answered(30, 5, 200)
    better, worse = compare(base, other), compare(other, base)
    assert (better.kind, worse.kind) == ("better", "worse")
    assert better.p == pytest.approx(mcnemar(30, 5))
    assert better.difference.value == pytest.approx(25 / 200) == -worse.difference.value
    assert (better.needed, better.few) == (None, False)


def test_not_proven_says_how_many_questions_it_would_take():
    base, other = answered(12, 8, 200)
    found = compare(base, other)
    assert found.kind == "not proven"
    assert found.difference.low < 0 < found.difference.high
    more = found.needed
    assert more is not None and 200 < more < 5000
    nearer = compare(*answered(24, 16, 400)).needed
    assert nearer == pytest.approx(more - 200, rel=0.05)


def test_equal_answers_over_enough_questions_are_equivalent():
    base = [0.0, 1.0] * 200
    found = compare(base, base)
    assert (found.kind, found.p, found.needed) == ("equivalent", 1.0, None)
    assert compare(base[:60], base[:60]).kind == "not proven"
    assert compare(base, base, margin=0.001).kind == "not proven"


def test_five_changes_are_not_proof_whatever_the_interval_says():
    base, other = answered(5, 0, 400)
    found = compare(base, other)
    assert found.kind != "better" and found.p > 0.05
    assert found.difference.low <= 0


def test_a_family_asks_more_of_each_comparison():
    base, other = answered(22, 8, 200)
    assert compare(base, other).kind == "better"
    many = compare(base, other, family=24)
    assert many.kind == "not proven" and many.p == pytest.approx(24 * mcnemar(22, 8))
    assert many.difference.high > compare(base, other).difference.high


def test_one_document_with_all_the_gains_proves_nothing():
    base, other = answered(40, 0, 200)
    names = ["one"] * 40 + [f"d{i // 4}" for i in range(160)]
    assert compare(base, other).kind == "better"
    assert compare(base, other, clusters=names).kind == "not proven"


def test_documents_that_agree_leave_the_verdict_as_it_is():
    draw = np.random.default_rng(2)
    gain = draw.normal(0.05, 0.1, 300)
    names = [f"d{i // 5}" for i in range(300)]
    base = np.full(300, 0.5)
    alone, by_document = (paired_difference("", base, base + gain, clusters=c) for c in ((), names))
    assert by_document.low == pytest.approx(alone.low, abs=0.005)
    assert compare(base, base + gain, clusters=names).kind == "better"


def test_no_questions_or_no_pairs_are_refused():
    with pytest.raises(ValueError, match="no question"):
        compare([], [])
    with pytest.raises(ValueError, match="not pairs"):
        compare([1.0], [])


def test_too_few_questions_or_documents():
    assert too_few(99) and not too_few(100)
    assert too_few(400, [str(i // 100) for i in range(400)])
    assert not too_few(400, [str(i // 10) for i in range(400)])
    assert compare(*answered(3, 3, 30)).few


def test_scores_widen_where_documents_hang_together():
    values = [1.0] * 80 + [0.0] * 20
    names = [f"d{i // 10}" for i in range(100)]
    alone, together = mean_score("m", values), mean_score("m", values, clusters=names)
    assert together.high - together.low > 1.5 * (alone.high - alone.low)
    ratio = ratio_score("m", values, [1.0] * 100, clusters=names)
    assert (ratio.low, ratio.high) == (together.low, together.high)
    slow = [float(i // 10) for i in range(100)]
    wide = quantile_score("ms", slow, 0.5, clusters=names)
    narrow = quantile_score("ms", slow, 0.5)
    assert wide.high - wide.low > narrow.high - narrow.low


@pytest.mark.parametrize(
    ("share", "freedom", "known"),
    [
        (0.975, 1, 12.7062),
        (0.975, 2, 4.3027),
        (0.975, 4, 2.7764),
        (0.975, 10, 2.2281),
        (0.995, 30, 2.75),
        (0.9995, 20, 3.8495),
        (0.95, 100, 1.6602),
    ],
)
def test_students_quantiles_are_those_of_the_tables(share, freedom, known):
    assert student_quantile(share, freedom) == pytest.approx(known, rel=0.005)
    assert student_quantile(1 - share, freedom) == pytest.approx(-known, rel=0.005)


def test_students_quantiles_fall_with_freedom():
    values = [student_quantile(0.975, freedom) for freedom in np.arange(0.5, 6, 0.25)]
    assert all(first >= second for first, second in pairwise(values))


@pytest.mark.parametrize(
    ("changes", "n", "english", "chinese"),
    [
        ((30, 5), 200, "Better: the difference is +0.125", "更好：差别为 +0.125"),
        ((5, 30), 200, "Worse: the difference is -0.125", "更差：差别为 -0.125"),
        ((0, 0), 400, "Equivalent: the difference (+0.000", "相当：差别（+0.000"),
        ((12, 8), 200, "Not proven: the difference (+0.020", "未能证明：差别（+0.020"),
    ],
)
def test_a_verdict_reads_in_both_languages(changes, n, english, chinese):
    verdict = compare(*answered(*changes, n))
    assert verdict_text(verdict).startswith(english)
    assert verdict_text(verdict, "zh").startswith(chinese)
    assert f"{n} questions" in verdict_text(verdict)
    assert f"{n} 个问题" in verdict_text(verdict, "zh")


def test_few_and_needed_questions_are_said():
    verdict = compare(*answered(3, 2, 30))
    assert "too few questions (30)" in verdict_text(verdict)
    assert "问题太少（30 个）" in verdict_text(verdict, "zh")
    assert f"about {verdict.needed} more questions would tell" in verdict_text(verdict)
    assert f"大约还需要 {verdict.needed} 个问题" in verdict_text(verdict, "zh")


def test_a_proven_but_small_gain_is_called_small():
    draw = np.random.default_rng(2)
    base = draw.uniform(0.4, 0.6, 400)
    verdict = compare(base, base + draw.normal(0.01, 0.03, 400))
    assert verdict.kind == "better"
    assert "by less than 0.02" in verdict_text(verdict)
    assert "幅度小于 0.02" in verdict_text(verdict, "zh")
