from __future__ import annotations

import stat

import pytest

from surefoot.core.errors import MissingError
from surefoot.core.trace import SpanRecord, Tracer, annotate
from surefoot.store.ledger import Ledger

DAY_NS = 86_400 * 10**9


def span(trace="a" * 32, span_id="1" * 16, parent=None, start=0, **attributes):
    return SpanRecord(trace, span_id, parent, "ask", start, start + 10**6, attributes)


@pytest.fixture(params=["sqlite", "sqlite+pysqlite"])
def ledger(tmp_path, request):
    """Through Python's own SQLite, and through SQLAlchemy."""
    ledger = Ledger(f"{request.param}:///{tmp_path}/ledger.sqlite")
    yield ledger
    ledger.close()


def test_a_trace_is_kept_whole_when_its_root_ends(ledger):
    ledger.sink(span(span_id="2" * 16, parent="1" * 16, start=1))
    assert ledger.traces() == []
    ledger.sink(span(**{"input.value": "如何退款？"}))
    (line,) = ledger.traces()
    assert (line.question, line.duration_ms) == ("如何退款？", 1.0)
    assert [s.span_id[0] for s in ledger.trace("aaaa")] == ["1", "2"]


def test_real_spans_arrive(ledger):
    tracer = Tracer(ledger.sink)
    with tracer.span("ask", "CHAIN") as trace_id, tracer.span("stage search", "RETRIEVER"):
        annotate({"surefoot.hits": 3})
    names = [s.name for s in ledger.trace(trace_id)]
    assert names == ["ask", "stage search"]


def test_an_unclear_id_is_told(ledger):
    ledger.sink(span())
    ledger.sink(span(trace="ab" * 16, span_id="3" * 16))
    with pytest.raises(MissingError, match="several traces"):
        ledger.trace("a")
    with pytest.raises(MissingError, match="no such trace"):
        ledger.trace("f")
    with pytest.raises(MissingError, match="no such trace"):
        ledger.trace("%")


def test_old_traces_go(tmp_path):
    ledger = Ledger.at(tmp_path, keep_days=2)
    ledger.sink(span(start=0))
    ledger.sink(span(trace="b" * 32, span_id="4" * 16, start=3 * DAY_NS))
    assert [line.trace_id[0] for line in ledger.traces()] == ["b"]
    ledger.close()


def test_content_can_be_left_out(tmp_path):
    ledger = Ledger.at(tmp_path, content=False)
    secret = {
        "input.value": "my secret",
        "retrieval.documents.0.document.content": "my secret",
        "retrieval.documents.0.document.score": 0.5,
        "output.value": "my secret",
        "surefoot.note.0": "my secret",
    }
    ledger.sink(span(**secret))
    (kept,) = ledger.trace("a")
    assert dict(kept.attributes) == {"retrieval.documents.0.document.score": 0.5}
    assert b"my secret" not in (tmp_path / "ledger.sqlite").read_bytes()
    ledger.close()


def test_only_the_owner_reads_the_file(tmp_path):
    ledger = Ledger.at(tmp_path)
    ledger.sink(span())
    assert stat.S_IMODE((tmp_path / "ledger.sqlite").stat().st_mode) == 0o600
    ledger.close()


def test_no_days_keep_nothing(tmp_path):
    ledger = Ledger.at(tmp_path, keep_days=0)
    ledger.sink(span())
    assert ledger.traces() == []
    ledger.close()


def test_both_ways_to_the_database_read_each_other(tmp_path):
    plain = Ledger.at(tmp_path)
    plain.sink(span(**{"input.value": "如何退款？", "surefoot.hits": 3}))
    other = Ledger(f"sqlite+pysqlite:///{tmp_path}/ledger.sqlite")
    other.sink(span(trace="b" * 32, span_id="4" * 16, start=1, **{"input.value": "refund"}))
    assert [line.question for line in plain.traces()] == ["refund", "如何退款？"]
    assert plain.traces() == other.traces()
    assert plain.trace("a") == other.trace("a")
    plain.close()
    other.close()


def test_personal_data_can_be_masked(tmp_path):
    ledger = Ledger.at(tmp_path, mask=True)
    tracer = Tracer(ledger.sink)
    with tracer.span("ask", "CHAIN", **{"input.value": "谁是 a@b.io?", "n": 3}) as trace_id:
        annotate({"names": ["13800138000"]})
    (span,) = ledger.trace(trace_id)
    assert (span.attributes["input.value"], span.attributes["n"]) == ("谁是 [email]?", 3)
    assert list(span.attributes["names"]) == ["[phone]"]
