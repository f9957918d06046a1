"""Lists of traces and runs on a real PostgreSQL server are those of SQLite."""

from __future__ import annotations

import pytest

from surefoot.core.trace import SpanRecord
from surefoot.store.feedback import Feedback, FeedbackBook
from surefoot.store.ledger import Ledger
from surefoot.store.runs import Run, Runs
from surefoot.store.traces import WantedTraces


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.sqlite"
    return request.getfixturevalue("postgres")


def test_traces_are_found_in_pages_and_by_filter(url):
    ledger, book = Ledger(url, keep_days=10_000), FeedbackBook(url)
    for n in range(60):
        said = {
            "input.value": f"退款 100%_{n}?",
            "surefoot.key": "anna" if n % 2 else "bert",
            "surefoot.refused": n == 3,
        }
        end = n // 2 + 10**6 * (n + 1)
        ledger.sink(SpanRecord(f"{n:032x}", f"{n:016x}", None, "ask", n // 2, end, said))
    book.add(Feedback(f"{4:032x}", 1, True, "q"))
    found, before = [], None
    while lines := ledger.find(WantedTraces(limit=7, before=before)):
        found += [int(line.trace_id, 16) for line in lines[:7]]
        before = lines[:7][-1].start_ns, lines[:7][-1].trace_id
    assert found == list(range(59, -1, -1))

    def ids(**wanted):
        return [int(line.trace_id, 16) for line in ledger.find(WantedTraces(**wanted))]

    assert ids(text="退款 100%_7") == [7]
    assert ids(refused=True) == [3]
    assert ids(key="anna", limit=2) == [59, 57, 55]
    assert ids(judged=True) == [4]
    assert ids(least_ms=60) == [59]
    ledger.close()
    book.close()


def test_runs_are_listed_in_pages_and_the_newest_of_each_solution(url):
    runs = Runs(url)
    made = [
        runs.record(
            Run("evaluate", n // 2, f"s{n % 3}", f"d{n % 3}", "题_目", "e", details={"n": n})
        )
        for n in range(10)
    ]
    assert runs.runs(limit=1)[0].id in made
    found, before = [], None
    while page := runs.runs(limit=3, evalset="题_目", before=before):
        found += [run.id for run in page]
        before = page[-1].at_ns, page[-1].id
    assert sorted(found) == sorted(made)
    assert runs.runs(evalset="题x目") == []
    newest = runs.newest_of("e", kind="evaluate")
    assert {run.solution for run in newest} == {"s0", "s1", "s2"}
    assert runs.versions_of("题_目", kind="evaluate") == 1
    assert runs.last_indexing("r") is None
    runs.record_indexing("r", 5, {"documents": 3})
    assert runs.last_indexing("r") == (5, {"documents": 3})
    runs.close()
