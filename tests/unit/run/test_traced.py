from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pytest

from surefoot.core.errors import DataError
from surefoot.core.filters import Comparison
from surefoot.core.roles import Call
from surefoot.core.trace import SpanRecord, Tracer, keep_exchange
from surefoot.core.types import Answer, Asker, Chunk, Hit, Note, Query, Turn
from surefoot.run.pipeline import NamedStage, Pipeline
from surefoot.run.replaying import Moved, moved
from surefoot.run.traced import traced


def hit(name, score):
    return Hit(
        Chunk(f"docs/{name}#1", f"docs/{name}", f"text of {name} 文", 0, 11),
        score,
        "keyword",
        {"bm25": score},
    )


class Find:
    takes: ClassVar = "query"
    produces: ClassVar = "hits"

    def __call__(self, turn, call):
        return replace(turn, hits=(hit("a", 3.0), hit("b", 2.0), hit("c", 1.0)))


class Sort:
    takes: ClassVar = "hits"
    produces: ClassVar = "hits"

    def __call__(self, turn, call):
        kept = (turn.hits[1], turn.hits[0])
        note = Note("sort", "left out docs/c#1: it says the same")
        return replace(turn, hits=kept, notes=(*turn.notes, note))


class Say:
    takes: ClassVar = "hits"
    produces: ClassVar = "answer"

    def __call__(self, turn, call):
        keep_exchange("=== user\n多久？", "七天。")
        keep_exchange("=== user\nsure?", "yes")
        return replace(turn, answer=Answer("七天。", confidence=0.5))


@pytest.fixture
def spans():
    found = []
    named = [
        NamedStage(f"stages.{i}", type(s).__name__.lower(), s)
        for i, s in enumerate((Find(), Sort(), Say()))
    ]
    pipeline = Pipeline(named, Tracer(found.append), {"solution": "default"})
    query = Query(
        "多久退款？",
        "zh",
        Comparison("eq", "lang", "zh"),
        Asker("anna"),
        history=(("earlier?", "yes"),),
    )
    pipeline.ask(Turn(query), Call(key="key-1"))
    return sorted(found, key=lambda span: span.start_ns)


def test_a_trace_tells_what_each_stage_did(spans):
    found = traced(spans)
    assert (found.question, found.answer, found.refused) == ("多久退款？", "七天。", False)
    assert (found.user, found.key, found.solution) == ("anna", "key-1", "default")
    assert found.history == (("earlier?", "yes"),)
    assert found.filter == {"type": "eq", "key": "lang", "value": "zh"}
    assert [(one.path, one.kind) for one in found.stages] == [
        ("stages.0", "find"),
        ("stages.1", "sort"),
        ("stages.2", "say"),
    ]
    assert [(one.before, one.after) for one in found.stages] == [(0, 3), (3, 2), (2, 2)]
    assert [one.begin_ms >= 0 for one in found.stages] == [True] * 3


def test_hits_have_the_rank_before_and_after_and_a_reason_to_go(spans):
    find, sort, say = traced(spans).stages
    assert [(one.chunk_id, one.was, one.now) for one in find.ranks] == [
        ("docs/a#1", None, 1),
        ("docs/b#1", None, 2),
        ("docs/c#1", None, 3),
    ]
    assert [(one.document_id, one.was, one.now) for one in sort.ranks] == [
        ("docs/b", 2, 1),
        ("docs/a", 1, 2),
    ]
    assert sort.ranks[0].signals == {"bm25": 2.0}
    (drop,) = sort.drops
    assert (drop.chunk_id, drop.was, sort.dropped) == ("docs/c#1", 3, 1)
    assert drop.why == "left out docs/c#1: it says the same"
    assert (say.ranks, say.answer) == ((), "七天。")
    assert [one.chunk_id for one in traced(spans).hits] == ["docs/b#1", "docs/a#1"]


def test_what_a_chat_model_was_told_is_there(spans):
    said = traced(spans).stages[2].chats
    assert [(one.prompt, one.reply) for one in said] == [
        ("=== user\n多久？", "七天。"),
        ("=== user\nsure?", "yes"),
    ]


def test_a_trace_without_a_beginning_is_none():
    with pytest.raises(DataError):
        traced([SpanRecord("a" * 32, "1" * 16, "2" * 16, "stage x", 0, 1, {})])


def test_rank_changes_name_what_came_and_went(spans):
    find, sort, _ = traced(spans).stages
    assert moved(find.ranks, sort.ranks) == (
        Moved("docs/b#1", 2, 1),
        Moved("docs/a#1", 1, 2),
        Moved("docs/c#1", 3, None),
    )
    assert moved(sort.ranks, sort.ranks) == ()
