from __future__ import annotations

from dataclasses import replace

import pytest

from surefoot.core.errors import DataError
from surefoot.core.types import Usage
from surefoot.evaluate.comparing import compare_runs
from surefoot.evaluate.runs import KeptRun
from surefoot.evaluate.scoring import Row
from surefoot.store.runs import Run


def kept(name: str, values: list[float], *, cost: float = 0.0, corpus: str = "c") -> KeptRun:
    rows = tuple(
        Row(
            f"q{i}",
            f"question {i}" if i % 2 else f"问题 {i}",
            "en" if i % 2 else "zh",
            True,
            {"ndcg@10": value},
            latency_ms=10.0,
            cpu_ms=12.0,
            usage=Usage(cost=cost, encoder_tokens=9),
            cluster=f"d{i}",
        )
        for i, value in enumerate(values)
    )
    return KeptRun(Run("evaluate", 1, name, name, "set", "digest", corpus), (), rows)


def words(base: KeptRun, other: KeptRun) -> dict[str, str]:
    found = compare_runs(base, other)
    return {one.metric: one.verdict for one in (*found.metrics, *found.expenses)}


def test_what_is_proven_is_said():
    base, other = kept("a", [0.2] * 60, cost=0.1), kept("b", [0.8] * 55 + [0.1] * 5, cost=0.01)
    found = compare_runs(base, other)
    assert words(base, other)["ndcg@10"] == "better"
    assert words(other, base)["ndcg@10"] == "worse"
    assert words(base, other)["cost_usd"] == "cheaper"
    assert words(other, base)["cost_usd"] == "dearer"
    (quality,) = found.metrics
    assert quality.difference.value == pytest.approx((55 * 0.6 - 5 * 0.1) / 60)
    assert quality.difference.n == 60
    assert {one.metric for one in found.expenses} == {
        "latency_ms",
        "cpu_ms",
        "encoder_tokens",
        "cost_usd",
    }


def test_what_is_not_proven_is_not_claimed():
    base, other = kept("a", [0.0, 1.0] * 10), kept("b", [1.0, 0.0] * 10)
    assert words(base, other)["ndcg@10"] == "not proven"


def test_only_shared_questions_count_and_it_is_told():
    found = compare_runs(kept("a", [0.5] * 6), kept("a", [0.5] * 4, corpus="later"))
    assert found.metrics[0].difference.n == 4
    assert found.notes == (
        "only over the 4 questions that both asked, of 6",
        "the documents changed between the two runs",
        "both ran the same solution",
    )


def test_nothing_in_common_is_told():
    base = kept("a", [1.0])
    other = replace(base, rows=(replace(base.rows[0], question="another one"),))
    with pytest.raises(DataError, match="no question in common"):
        compare_runs(base, other)
