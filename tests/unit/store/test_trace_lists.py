from __future__ import annotations

import pytest

from surefoot.core.trace import SpanRecord
from surefoot.store.feedback import Feedback, FeedbackBook
from surefoot.store.ledger import Ledger
from surefoot.store.traces import WantedTraces

MS = 10**6


@pytest.fixture(params=["sqlite", "sqlite+pysqlite"])
def ledger(tmp_path, request):
    url = f"{request.param}:///{tmp_path}/ledger.sqlite"
    ledger = Ledger(url)
    for number in range(7):
        ask(ledger, number)
    yield ledger
    ledger.close()


def ask(ledger, number, *, at=None, **said):
    trace = f"{number:032x}"
    found = {
        "input.value": f"Question {number}: 如何退款 100%_{number}?",
        "surefoot.key": "anna" if number % 2 else "owner",
        "surefoot.solution": "default",
        "surefoot.refused": number == 3,
        **said,
    }
    end = (number if at is None else at) + (number + 1) * MS
    start = number if at is None else at
    ledger.sink(SpanRecord(trace, f"{number:016x}", None, "ask", start, end, found))


def numbers(lines):
    return [int(line.trace_id, 16) for line in lines]


def test_the_newest_come_first_and_pages_follow_each_other(ledger):
    found, before = [], None
    while True:
        lines = ledger.find(WantedTraces(limit=3, before=before))
        found += numbers(lines[:3])
        if len(lines) <= 3:
            break
        before = lines[2].start_ns, lines[2].trace_id
    assert found == [6, 5, 4, 3, 2, 1, 0]


def test_traces_of_the_same_moment_are_all_listed(ledger):
    for number in (20, 21, 22):
        ask(ledger, number, at=100)
    first = ledger.find(WantedTraces(limit=1))[0]
    later = ledger.find(WantedTraces(limit=9, before=(first.start_ns, first.trace_id)))
    assert [*numbers([first]), *numbers(later)] == [22, 21, 20, 6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (WantedTraces(text="QUESTION 5"), [5]),
        (WantedTraces(text="退款 100%_2"), [2]),
        (WantedTraces(text="owner"), []),
        (WantedTraces(text="none"), []),
        (WantedTraces(key="anna"), [5, 3, 1]),
        (WantedTraces(refused=True), [3]),
        (WantedTraces(refused=False, key="anna"), [5, 1]),
        (WantedTraces(solution="other"), []),
        (WantedTraces(least_ms=6), [6, 5]),
    ],
)
def test_filters(ledger, wanted, expected):
    assert numbers(ledger.find(wanted)) == expected


def test_a_question_cannot_pass_for_anothers_key(ledger):
    ask(ledger, 30, **{"surefoot.key": "eve", "input.value": '"surefoot.key": "anna"'})
    assert 30 not in numbers(ledger.find(WantedTraces(key="anna")))


def test_verdicts_are_told_and_found(tmp_path):
    ledger, book = Ledger.at(tmp_path), FeedbackBook.at(tmp_path)
    for number in range(3):
        ask(ledger, number)
    for at, right in ((1, True), (2, False)):
        book.add(Feedback(f"{1:032x}", at, right, "q"))
    assert [line.right for line in ledger.find(WantedTraces())] == [None, False, None]
    assert numbers(ledger.find(WantedTraces(judged=True))) == [1]
    assert numbers(ledger.find(WantedTraces(judged=False))) == [2, 0]
    ledger.close()
    book.close()
