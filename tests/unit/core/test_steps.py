from __future__ import annotations

import pytest

from surefoot.core.filters import Comparison
from surefoot.core.html import answer_html, asked_html, hits_html
from surefoot.core.steps import Step, moves, query_changes
from surefoot.core.types import Answer, Chunk, Citation, Hit, Hits, Note, Query, Turn

EN = Chunk("d1#a", "d1", "A refund takes <b>seven</b> days.", 0, 33, title="Refunds")
ZH = Chunk("d2#b", "d2", "退款需要七天。", 0, 7, headings=("退款", "时间"), page=2)


def hit(chunk: Chunk, score: float = 1.0) -> Hit:
    return Hit(chunk, score, "search", {"bm25": 3.0})


def step(before: Turn, after: Turn) -> Step:
    return Step("stages.1", "rerank", 0.0125, before, after)


@pytest.mark.parametrize("question", ["How long does a refund take?", "退款要多久？"])
def test_ranks_before_and_after_and_what_was_dropped(question: str) -> None:
    third = Chunk("d3#c", "d3", "…", 0, 1)
    before = Turn(Query(question), (hit(EN), hit(ZH), hit(third)))
    after = Turn(before.query, (hit(ZH, 0.9), hit(Chunk("d4#d", "d4", "x", 0, 1)), hit(EN)))
    kept, dropped = moves(step(before, after))
    assert [(m.hit.chunk.id, m.was, m.now) for m in kept] == [
        ("d2#b", 2, 1),
        ("d4#d", None, 2),
        ("d1#a", 1, 3),
    ]
    assert [(m.hit.chunk.id, m.was) for m in dropped] == [("d3#c", 3)]


def test_what_a_stage_does_to_the_query_is_told() -> None:
    before = Turn(Query("退款", variants=("退钱",)))
    after = Turn(
        Query("退款", variants=("退钱", "返款"), filter=Comparison("eq", "year", 2024)),
        notes=(Note("synonyms", "one text was added"),),
    )
    told = step(before, after)
    assert list(query_changes(told)) == [
        ("variant", "返款"),
        ("filter", '{"type": "eq", "key": "year", "value": 2024}'),
    ]
    assert told.notes == ("one text was added",)
    assert list(query_changes(step(after, Turn(Query("退款", variants=("退钱", "返款")))))) == [
        ("filter", "null")
    ]


def test_what_a_stage_makes_of_a_question_is_told() -> None:
    before = Turn(Query("那要多久？", guesses=("三天。",)))
    after = Turn(Query("那要多久？", standalone="退款要多久？", guesses=("三天。", "七天。")))
    assert list(query_changes(step(before, after))) == [
        ("standalone", "退款要多久？"),
        ("guess", "七天。"),
    ]


def test_a_notebook_shows_no_markup_of_documents() -> None:
    citation = Citation(1, 0, 5, EN, 0, 33, EN.text)
    shown = answer_html(Answer("<script>x</script> [1]", (citation, citation)))
    assert "<script>" not in shown
    assert "A refund takes &lt;b&gt;seven&lt;/b&gt; days." in shown
    assert shown.count("<li") == 1
    assert Hits([hit(EN)])._repr_html_() == hits_html([hit(EN)])
    assert "&lt;b&gt;seven" in hits_html([hit(EN)])


def test_a_notebook_shows_every_stage_with_its_ranks() -> None:
    before = Turn(Query("退款要多久？"), (hit(EN), hit(ZH)))
    after = Turn(before.query, (hit(ZH),), Answer("七天。", refused=True))
    shown = asked_html(after, [step(before, after)])
    assert "退款要多久？" in shown
    assert "rerank, 12.5 ms, 1 hits" in shown
    assert "<td>1</td><td>2</td>" in shown
    assert "dropped: d1#a (rank 1)" in shown
    assert "退款 › 时间, p. 2" in shown
    assert "opacity" in shown
