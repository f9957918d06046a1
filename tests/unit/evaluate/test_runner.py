"""Every question is asked and counted, failed ones too; only what the data allow is scored."""

from __future__ import annotations

import json
from itertools import count

import pytest

from surefoot.core.errors import ConfigError, MissingError, SurefootError
from surefoot.core.filters import Comparison
from surefoot.core.roles import Call
from surefoot.core.types import (
    Answer,
    Chunk,
    EvalCase,
    EvalSet,
    Hit,
    Query,
    Turn,
    Usage,
)
from surefoot.evaluate import Evaluation, Outcome, asking, evaluate
from surefoot.run.workspace import Asked

EN = EvalCase("en", "How many points?", "en", {"d1": 1}, ("308",))
ZH = EvalCase("zh", "有多少次擒杀？", "zh", {"d2": 1, "d3": 1}, ("136 次",))
NONE = EvalCase("none", "Who painted it?", "en", answerable=False)


def _turn(case: EvalCase, documents: list[str], text: str, *, refused: bool = False) -> Turn:
    hits = tuple(
        Hit(Chunk(f"{name}-0", name, "text", 0, 4), 1.0 / rank, "hybrid")
        for rank, name in enumerate(documents, 1)
    )
    return Turn(Query(case.question, case.lang), hits, Answer(text, refused=refused))


TURNS = {
    "en": _turn(EN, ["d1", "d9"], "308 [1]."),
    "zh": _turn(ZH, ["d8", "d2"], "136 次[1]。"),
    "none": _turn(NONE, ["d5"], "The documents do not answer this.", refused=True),
}


def _set(*cases: EvalCase) -> EvalSet:
    return EvalSet("small", "digest", cases)


def _ask(case: EvalCase) -> Outcome:
    return Outcome(TURNS[case.id], Usage(10, 5, cost=0.25), f"trace-{case.id}")


def _values(found: Evaluation) -> dict[str, tuple[float, int]]:
    return {score.metric: (round(score.value, 4), score.n) for score in found.scores}


def test_scores_are_those_worked_out_by_hand() -> None:
    ticks = count()
    found = evaluate(_set(EN, ZH, NONE), _ask, clock=lambda: next(ticks) / 100)
    # zh: relevant d2, d3; found at rank 2: (1/log2 3) / (1 + 1/log2 3) = .3869
    values = _values(found)
    assert (
        values.pop("cpu_ms")[1] == 2
    )  # measured: the first question, which opens things, is left out
    assert values == {
        "ndcg@10": (round((1 + 0.38685) / 2, 4), 2),
        "recall@5": (0.75, 2),
        "recall@10": (0.75, 2),
        "precision@5": (0.5, 2),
        "mrr@10": (0.75, 2),
        "all_evidence@5": (0.5, 2),
        "exact_match": (1.0, 2),
        "token_f1": (1.0, 2),
        "contains_gold": (1.0, 2),
        "rouge_l": (1.0, 2),
        "numeric_match": (1.0, 2),
        "right_or_refusal": (1.0, 3),
        "f1_or_refusal": (1.0, 3),
        "answered": (1.0, 2),
        "answered_or_refused": (1.0, 3),
        "evidence_cited": (0.0, 2),  # the marks are bare text: nothing is cited
        "citation_recall": (0.0, 2),
        "groundedness": (0.0, 2),
        "refusal_recall": (1.0, 1),
        "refusal_precision": (1.0, 1),
        "refusal_balanced": (1.0, 3),
        "latency_p50_ms": (10.0, 2),
        "latency_p95_ms": (10.0, 2),
        "cost_usd": (0.25, 3),
        "answer_chars": (5.0, 2),
    }
    assert found.failures == ()
    assert [row.trace_id for row in found.rows] == ["trace-en", "trace-zh", "trace-none"]


def test_a_failed_question_counts_as_wrong_and_is_listed() -> None:
    def ask(case: EvalCase) -> Outcome:
        if case is ZH:
            raise SurefootError("the model fell over", where="stages.1")
        if case is NONE:
            raise KeyError("no message class")
        return _ask(case)

    found = evaluate(_set(EN, ZH, NONE), ask)
    values = _values(found)
    assert values["exact_match"] == (0.5, 2)
    assert values["answered"] == (0.5, 2)
    assert values["refusal_recall"] == (0.0, 1)
    assert values["mrr@10"] == (0.5, 2)
    assert [row.id for row in found.failures] == ["zh", "none"]
    assert "the model fell over" in (found.failures[0].failure or "")
    assert "refusal_precision: nothing was refused" in found.left_out


def test_a_refusal_of_an_answerable_question_is_wrong_in_every_answer_metric() -> None:
    refusal = _turn(EN, ["d1"], "308 is not in the documents", refused=True)
    found = evaluate(_set(EN, NONE), lambda case: Outcome(refusal if case is EN else TURNS["none"]))
    values = _values(found)
    assert values["contains_gold"] == (0.0, 1)
    assert values["answered"] == (0.0, 1)
    assert values["refusal_precision"] == (0.5, 2)


def test_what_the_data_do_not_allow_is_said() -> None:
    bare = EvalCase("en", "How many points?", "en")
    found = evaluate(_set(bare), _ask)
    assert {score.metric for score in found.scores} == {
        "answered", "citation_recall", "groundedness",
        "latency_p50_ms", "latency_p95_ms", "cpu_ms", "cost_usd", "answer_chars",
    }  # fmt: skip
    assert len(found.left_out) == 3
    assert found.headline == ""
    assert any("no question names a relevant document" in reason for reason in found.left_out)
    with pytest.raises(MissingError, match="no question names"):
        found.score("ndcg@10")


def test_a_search_that_finds_nothing_scores_0_and_one_that_is_not_there_is_left_out() -> None:
    empty = Outcome(Turn(Query("q"), (), Answer("308")))
    assert evaluate(_set(EN), lambda _: empty).score("ndcg@10").value == 0.0
    found = evaluate(_set(EN), lambda _: empty, judged=["answer"])
    assert "ndcg@10" not in _values(found)
    assert any("does not search" in reason for reason in found.left_out)
    assert "exact_match" not in _values(evaluate(_set(EN), lambda _: empty, judged=["documents"]))


def test_a_wrong_set_up_ends_the_run_at_once() -> None:
    def ask(case: EvalCase) -> Outcome:
        raise ConfigError("no such model")

    with pytest.raises(ConfigError):
        evaluate(_set(EN, ZH), ask)


def test_progress_and_json(capsys) -> None:
    seen: list[tuple[int, int]] = []
    found = evaluate(_set(EN, ZH), _ask, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
    plain = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert plain["n"] == 2 and plain["rows"][1]["documents"] == ["d8", "d2"]
    assert plain["rows"][0]["metrics"]["exact_match"] == 1.0
    assert {"metric", "value", "low", "high", "n"} == set(plain["scores"][0])


class _Space:
    """What `asking` uses of a workspace: it runs a query and meters what that consumed."""

    def __init__(self) -> None:
        self.asked: list[Query] = []

    def run(self, query: Query, call: Call) -> Asked:
        self.asked.append(query)
        call.meter.add(Usage(7, 3, cost=0.5, calls=1))
        return Asked(Turn(query), "trace-1")


def test_a_workspace_is_asked_with_the_language_and_filter_of_the_case() -> None:
    space = _Space()
    case = EvalCase("zh", "有多少次擒杀？", "zh", filter=Comparison("eq", "year", 2024))
    outcome = asking(space)(case)  # type: ignore[arg-type]
    assert space.asked == [Query("有多少次擒杀？", "zh", Comparison("eq", "year", 2024))]
    assert (outcome.usage.cost, outcome.trace_id) == (0.5, "trace-1")
    assert asking(space)(case).usage.cost == 0.5  # type: ignore[arg-type]
