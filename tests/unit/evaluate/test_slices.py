"""Scores of parts of a set, and similarity after a run."""

from __future__ import annotations

import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.types import Answer, EvalCase, EvalSet, Query, Turn
from surefoot.evaluate import Outcome, Row, evaluate
from surefoot.evaluate.similarity import similar
from surefoot.evaluate.slices import slices
from surefoot.models.embed_hash import HashEncoder, HashSettings


def row(name, question, lang, value, **fields):
    return Row(name, question, lang, True, {"token_f1": value}, **fields)


ROWS = [
    row("a", "Who built the harbour?", "en", 1.0, tags=("trade", "new"), cluster="d1", source="human"),
    row("b", "When was it built?", "en", 0.0, tags=("trade",), cluster="d1", source="human"),
    row("c", "港口有多少台起重机？", "zh", 1.0, cluster="d2", source="human"),
    row("d", "谁建成了港口？", "zh", 1.0, cluster="d3", source="log", failure="it fell over"),
]  # fmt: skip


def test_each_division_scores_its_parts():
    found = {
        (part.by, part.value): (part.scores[0].value, part.scores[0].n)
        for part in slices(ROWS, ["token_f1"])
    }
    assert found == {
        ("lang", "en"): (0.5, 2), ("lang", "zh"): (1.0, 2),
        ("type", "name"): (1.0, 2), ("type", "date"): (0.0, 1), ("type", "number"): (1.0, 1),
        ("tag", "trade"): (0.5, 2), ("tag", "new"): (1.0, 1),
        ("source", "human"): (pytest.approx(2 / 3), 3), ("source", "log"): (1.0, 1),
        ("cluster", "d1"): (0.5, 2), ("cluster", "d2"): (1.0, 1), ("cluster", "d3"): (1.0, 1),
    }  # fmt: skip


def test_the_largest_part_comes_first_and_metrics_that_do_not_apply_are_left_out():
    assert [part.value for part in slices(ROWS, ["token_f1", "ndcg@10"], ["source"])] == [
        "human",
        "log",
    ]
    assert all(len(part.scores) == 1 for part in slices(ROWS, ["token_f1", "ndcg@10"], ["lang"]))
    with pytest.raises(ConfigError, match="'colour'"):
        slices(ROWS, ["token_f1"], ["colour"])


@pytest.mark.parametrize(
    ("lang", "answer", "gold"),
    [
        ("en", "Lena Holm built it [1].", "Lena Holm built it."),
        ("zh", "林海建成[1]。", "林海建成。"),
    ],
)
def test_similarity_is_the_cosine_to_the_nearest_gold_answer(lang, answer, gold):
    cases = tuple(
        EvalCase(name, "?", lang, answers=("something quite different", gold))
        for name in ("same", "refused", "failed")
    )
    evalset = EvalSet("s", "d", (*cases, EvalCase("bare", "?", lang)))

    def ask(case):
        if case.id == "failed":
            raise OSError("gone")
        return Outcome(Turn(Query("?", lang), answer=Answer(answer, refused=case.id == "refused")))

    found = similar(evalset, evaluate(evalset, ask), HashEncoder(HashSettings()))
    values = {row.id: row.metrics.get("similarity") for row in found.rows}
    assert values == {"same": pytest.approx(1.0), "refused": 0.0, "failed": 0.0, "bare": None}
    assert found.score("similarity").n == 3
