"""Ids of traces."""

from __future__ import annotations

import random

from surefoot.core.trace import SpanRecord, Tracer


def test_ids_do_not_come_again_when_somebody_seeds_random():
    told: list[SpanRecord] = []
    tracer = Tracer(told.append)
    for _ in range(3):
        random.seed(7)
        with tracer.span("ask", "CHAIN"):
            pass
    tracer.close()
    assert len({span.trace_id for span in told}) == 3
    assert len({span.span_id for span in told}) == 3
