from __future__ import annotations

import threading
from contextvars import ContextVar

import pytest

from surefoot.core.parallel import pmap

name: ContextVar[str] = ContextVar("name")


def test_results_come_in_order_with_the_callers_context():
    name.set("caller")
    results = list(pmap(lambda i: (i, name.get()), range(20), workers=3))
    assert results == [(i, "caller") for i in range(20)]


def test_no_more_than_two_batches_are_taken_ahead():
    taken = []
    gate = threading.Event()

    def feed():
        for i in range(100):
            taken.append(i)
            yield i

    results = pmap(lambda i: gate.wait(5) and i, feed(), workers=2)
    gate.set()
    assert next(results) == 0
    assert len(taken) <= 6


def test_an_exception_comes_at_its_place():
    def half(i):
        if i == 3:
            raise ValueError("three")
        return i

    results = pmap(half, range(10), workers=2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(results)
