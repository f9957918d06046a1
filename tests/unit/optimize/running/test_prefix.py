"""What solutions share is computed once and charged each time; what is long unused goes."""

import numpy as np
import pytest

from surefoot.core.metering import tokens_read
from surefoot.core.roles import Call, Meter
from surefoot.core.types import Answer, Chunk, Expense, Hit, Query, Turn, Usage
from surefoot.optimize.running.prefix import SharedEncoder, SharedIndex, Shelf, Step, walked


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1.0
        return self.now


class Stage:
    """Adds a hit, reads seven tokens, and counts how often it ran."""

    takes, produces = "query", "hits"

    def __init__(self, name):
        self.name = name
        self.ran = 0

    def __call__(self, turn, call):
        self.ran += 1
        tokens_read(7)
        hit = Hit(Chunk(self.name, "d", "", 0, 0), 1.0, "test")
        return Turn(turn.query, (*turn.hits, hit), turn.answer)


@pytest.mark.parametrize("text", ["where is it?", "它在哪里？"])
def test_equal_beginnings_run_once_and_cost_the_same(text):
    first, second, other = Stage("a"), Stage("b"), Stage("c")
    shelf, turn = Shelf(), Turn(Query(text))
    one, two = Call(meter=Meter()), Call(meter=Meter())
    after, expense = walked([Step("a", first), Step("a b", second)], turn, one, shelf)
    again, charged = walked([Step("a", first), Step("a c", other)], turn, two, shelf)
    assert (first.ran, second.ran, other.ran) == (1, 1, 1)
    assert [hit.chunk.id for hit in after.hits] == ["a", "b"]
    assert [hit.chunk.id for hit in again.hits] == ["a", "c"]
    assert one.meter.usage == two.meter.usage == Usage(encoder_tokens=14)
    assert charged.usage == expense.usage
    assert charged.wall_s > 0
    walked([Step("a", first)], Turn(Query(text + "?")), Call(meter=Meter()), shelf)
    assert first.ran == 2


def test_nothing_runs_after_an_answer():
    late = Stage("late")
    turn = Turn(Query("q"), answer=Answer("no"))
    after, expense = walked([Step("late", late)], turn, Call(), Shelf())
    assert (after, expense, late.ran) == (turn, Expense(), 0)


def test_what_is_taken_is_charged_what_it_took():
    shelf = Shelf(wall=Clock())
    made = [shelf.once("key", lambda: [1, 2], len) for _ in range(2)]
    assert made == [[1, 2], [1, 2]]
    charged = shelf.settled()
    assert charged.wall_s == 1.0
    assert shelf.settled() == Expense()


def test_an_idle_shelf_keeps_nothing():
    shelf, made = Shelf(), []
    shelf.idle = True
    for _ in range(2):
        shelf.once("key", lambda: made.append(1), lambda _: 1)
    assert made == [1, 1]
    shelf.idle = False
    assert shelf.get("key") is None


def test_what_was_unused_for_longest_goes_first():
    shelf = Shelf(room=4)
    for key in ("a", "b"):
        shelf.once(key, lambda: 0, lambda _: 2)
    shelf.get("a")
    shelf.once("c", lambda: 0, lambda _: 2)
    assert [shelf.get(key) is not None for key in ("a", "b", "c")] == [True, False, True]


class Index:
    """Counts what it is asked."""

    def __init__(self):
        self.asked = []

    def keyword(self, text, *, limit, scope, view):
        self.asked.append(("keyword", text, limit))
        return [Hit(Chunk("c", "d", text, 0, 1), 1.0, "keyword")]

    def vector(self, vector, *, limit, scope, view):
        self.asked.append(("vector", limit))
        return [Hit(Chunk("c", "d", "", 0, 1), 0.5, "vector")]

    def keys(self):
        return ["year"]


def test_an_index_is_asked_once_for_each_question_and_depth():
    index = Index()
    shared = SharedIndex(index, Shelf(), "recipe")
    found = [shared.keyword("词", limit=limit) for limit in (5, 5, 9)]
    near = shared.vector(np.ones(2, np.float32), limit=5)
    shared.vector(np.ones(2, np.float32), limit=5)
    assert index.asked == [("keyword", "词", 5), ("keyword", "词", 9), ("vector", 5)]
    assert found[0] == found[1]
    assert found[0] is not found[1]
    assert near[0].chunk is found[0][0].chunk
    assert shared.keys() == ["year"]


def test_indexes_of_different_recipes_do_not_mix():
    shelf, one, two = Shelf(), Index(), Index()
    SharedIndex(one, shelf, "a").keyword("x", limit=1)
    SharedIndex(two, shelf, "b").keyword("x", limit=1)
    assert len(one.asked) == len(two.asked) == 1


class Encoder:
    digest = "test"

    def __init__(self):
        self.read = []

    def embed_queries(self, texts):
        self.read += texts
        tokens_read(3)
        return np.ones((len(texts), 2), np.float32)

    def embed_passages(self, texts):
        self.read += texts
        return np.ones((len(texts), 2), np.float32)


def test_a_question_is_embedded_once_and_its_tokens_are_counted_each_time():
    encoder, shelf = Encoder(), Shelf()
    shared = SharedEncoder(encoder, shelf)
    for _ in range(2):
        shared.embed_queries(["问"])
        assert shelf.settled().usage == Usage(encoder_tokens=3)
    shared.embed_passages(["p"])
    assert encoder.read == ["问", "p"]
    assert not hasattr(shared, "embed_tokens")
