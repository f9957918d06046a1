"""The gate: what passes, what stops a build, what is left open."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from surefoot.core.errors import ConfigError, DataError
from surefoot.evaluate.gate import gate, gate_text, read_rows
from surefoot.evaluate.scoring import Row


def rows(values, *, per_document: int = 1, failed: int = 0):
    return [
        Row(
            f"q{i}",
            f"question {i}" if i % 2 else f"问题 {i}",
            "en" if i % 2 else "zh",
            True,
            {"ndcg@10": float(value)},
            failure="boom" if i < failed else None,
            cluster=f"d{i // per_document}",
        )
        for i, value in enumerate(values)
    ]


def drawn(shift: float, n: int = 300, spread: float = 0.1):
    draw = np.random.default_rng(4)
    before = draw.uniform(0.3, 0.7, n)
    return rows(before), rows(before + draw.normal(shift, spread, n))


def test_an_unchanged_solution_passes():
    same = rows([0.0, 1.0] * 100)
    found = gate(same, same, "ndcg@10")
    assert (found.outcome, found.fails, found.needed, found.lost) == ("passed", False, None, ())
    assert found.difference.low > -0.02


def test_a_loss_stops_the_build_and_names_the_questions():
    before, now = drawn(-0.05)
    found = gate(before, now, "ndcg@10")
    assert (found.outcome, found.fails) == ("worse", True)
    assert found.difference.high < 0
    assert set(found.lost) <= {row.id for row in now} and len(found.lost) > 150


def test_a_gain_passes_also_where_it_is_strict():
    before, now = drawn(0.05)
    assert gate(before, now, "ndcg@10", strict=True).outcome == "passed"


def test_a_proven_loss_smaller_than_the_margin_passes():
    before, now = drawn(-0.02)
    assert gate(before, now, "ndcg@10", margin=0.0).outcome == "worse"
    assert gate(before, now, "ndcg@10", margin=0.05).outcome == "passed"


def test_what_it_cannot_tell_fails_only_where_it_is_strict():
    before, now = drawn(0.0, n=60, spread=0.3)
    open_, strict = (gate(before, now, "ndcg@10", strict=strict) for strict in (False, True))
    assert (open_.outcome, open_.fails, strict.fails) == ("cannot tell", False, True)
    assert open_.needed is not None and open_.needed > 60
    assert open_.few


def test_questions_of_one_document_count_as_little_as_they_tell():
    before = [1.0] * 200
    now = [0.0] * 40 + [1.0] * 160
    alone = gate(rows(before), rows(now), "ndcg@10").difference
    together = gate(rows(before), rows(now, per_document=20), "ndcg@10").difference
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_only_shared_questions_are_compared_and_that_is_said():
    before, now = drawn(0.0)
    found = gate(before[:200], rows([0.5] * 200, failed=3), "ndcg@10")
    assert found.notes == ("3 questions failed and count as wrong",)
    found = gate(before[:100], now, "ndcg@10")
    assert found.difference.n == 100
    assert found.notes == ("only over the 100 questions that both runs were asked, of 300",)


def test_wrong_arguments_say_what_helps():
    same = rows([1.0] * 5)
    with pytest.raises(ConfigError, match=r"known: ndcg@10"):
        gate(same, same, "f1")
    with pytest.raises(ConfigError, match="below 0"):
        gate(same, same, "ndcg@10", margin=-1)
    with pytest.raises(DataError, match="none of these questions"):
        gate([], same, "ndcg@10")


def test_the_line_says_it_in_both_languages():
    same = rows([0.0, 1.0] * 100)
    assert gate_text(gate(same, same, "ndcg@10")).startswith("passed: ndcg@10 did not fall")
    assert gate_text(gate(same, same, "ndcg@10"), "zh").startswith("通过：ndcg@10")
    worse = gate(*drawn(-0.05), "ndcg@10")
    assert gate_text(worse).startswith("worse: ndcg@10 -0.0")
    assert gate_text(worse, "zh").startswith("变差")
    unsure = gate(*drawn(0.0, n=60, spread=0.3), "ndcg@10")
    assert f"needs {unsure.needed} more questions" in gate_text(unsure)
    assert f"还需要 {unsure.needed} 个问题" in gate_text(unsure, "zh")


def test_a_baseline_is_read_from_a_file(tmp_path):
    file = tmp_path / "baseline.json"
    kept = rows([0.25, 1.0])
    file.write_text(json.dumps({"rows": [asdict(row) for row in kept]}), encoding="utf-8")
    assert list(read_rows(file)) == kept
    for text in ("{}", "[1]", "no json", '{"rows": [{"id": "a"}]}'):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match="evaluate EVALSET --json"):
            read_rows(file)
