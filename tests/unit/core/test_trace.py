from __future__ import annotations

import pytest

from surefoot.core.parallel import pmap
from surefoot.core.trace import Tracer, annotate, untraced


def test_spans_nest_across_threads_and_keep_their_attributes():
    records = []
    tracer = Tracer(records.append)

    def work(i):
        with tracer.span("stage", "RETRIEVER"):
            annotate({"问题": f"第{i}个"})

    with tracer.span("ask", "CHAIN", question="q") as trace_id:
        list(pmap(work, range(3), workers=2))
    tracer.close()
    root = next(r for r in records if r.parent_id is None)
    stages = [r for r in records if r.name == "stage"]
    assert root.attributes["openinference.span.kind"] == "CHAIN"
    assert {r.trace_id for r in records} == {trace_id}
    assert {r.parent_id for r in stages} == {root.span_id}
    assert sorted(r.attributes["问题"] for r in stages) == ["第0个", "第1个", "第2个"]


def test_an_error_is_recorded_and_raised_on():
    records = []
    tracer = Tracer(records.append)
    with pytest.raises(ValueError), tracer.span("ask", "CHAIN"):
        raise ValueError("broken")
    assert "broken" in records[0].error


def test_many_attributes_are_kept():
    records = []
    tracer = Tracer(records.append)
    with tracer.span("ask", "CHAIN"):
        annotate({f"key.{i}": i for i in range(500)})
    assert len(records[0].attributes) > 500


def test_what_a_program_asks_itself_is_not_kept() -> None:
    kept = []
    tracer = Tracer(kept.append)
    with untraced(), tracer.span("search", "CHAIN"), tracer.span("stage", "RETRIEVER"):
        pass
    with tracer.span("ask", "CHAIN"):
        pass
    assert [span.name for span in kept] == ["ask"]
    tracer.close()
