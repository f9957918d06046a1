from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pytest

from surefoot.core.errors import CapReached, ConfigError, SurefootError
from surefoot.core.roles import Call
from surefoot.core.trace import Tracer
from surefoot.core.types import Answer, Chunk, Hit, Note, Query, Turn
from surefoot.run.pipeline import NamedStage, Pipeline


class Find:
    takes: ClassVar = "query"
    produces: ClassVar = "hits"

    def __call__(self, turn, call):
        hit = Hit(Chunk("c1", "d1", "退款需要七天。", 0, 7), 0.9, "keyword", {"bm25": 3.0})
        return replace(turn, hits=(hit,), notes=(*turn.notes, Note("find", "one side was blind")))


class Say:
    takes: ClassVar = "hits"
    produces: ClassVar = "answer"

    def __call__(self, turn, call):
        return replace(turn, answer=Answer(turn.hits[0].chunk.text))


class Fail:
    takes: ClassVar = "hits"
    produces: ClassVar = "answer"

    def __init__(self, problem):
        self.problem = problem

    def __call__(self, turn, call):
        raise self.problem


@pytest.fixture
def spans():
    return []


def pipeline(spans, *stages):
    named = [NamedStage(f"stages.{i}", type(s).__name__.lower(), s) for i, s in enumerate(stages)]
    return Pipeline(named, Tracer(spans.append), {"solution": "default"})


def test_stages_run_in_order_each_in_a_span(spans):
    turn, trace_id = pipeline(spans, Find(), Say()).ask(Turn(Query("多久退款？", "zh")), Call())
    assert turn.answer.text == "退款需要七天。"
    assert [s.name for s in spans] == ["stage find", "stage say", "ask"]
    find, _, root = spans
    assert find.attributes["openinference.span.kind"] == "RETRIEVER"
    assert find.attributes["retrieval.documents.0.document.signal.bm25"] == 3.0
    assert find.attributes["surefoot.note.0"] == "one side was blind"
    assert (root.attributes["input.value"], root.attributes["output.value"]) == (
        "多久退款？",
        "退款需要七天。",
    )
    assert root.trace_id == trace_id


def test_a_search_stops_before_the_answer(spans):
    turn, _ = pipeline(spans, Find(), Say()).search(Turn(Query("refund")), Call())
    assert turn.answer is None
    assert len(turn.hits) == 1


def test_an_unforeseen_error_is_wrapped_with_its_place(spans):
    with pytest.raises(SurefootError) as problem:
        pipeline(spans, Find(), Fail(KeyError("x"))).ask(Turn(Query("refund")), Call())
    assert str(problem.value).startswith("stages.1 (fail): KeyError: 'x'")
    assert isinstance(problem.value.__cause__, KeyError)


def test_a_told_error_keeps_its_kind_and_gains_its_place(spans):
    with pytest.raises(ConfigError) as problem:
        pipeline(spans, Fail(ConfigError("no model"))).ask(Turn(Query("refund")), Call())
    assert problem.value.__notes__ == ["in stages.0 (fail)"]


def test_a_used_up_deadline_stops_between_stages(spans):
    ticks = iter([0.0, 0.0, 0.0, 5.0])
    call = Call(deadline_s=1.0, clock=lambda: next(ticks))
    with pytest.raises(CapReached):
        pipeline(spans, Find(), Say()).ask(Turn(Query("refund")), call)
    assert [s.name for s in spans] == ["stage find", "ask"]
