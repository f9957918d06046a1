"""Pairs with passages that look alike: never of the right one's section, never one that may answer as well."""

from __future__ import annotations

import pytest

from surefoot.core.errors import DataError
from surefoot.core.types import Chunk, GoldSpan
from surefoot.tune.data import PairParts, PairSettings, Taught, pair_rows
from surefoot.tune.left_out import counted


def chunk(name, document, start=0, headings=(), text=""):
    text = text or f"text {name}"
    return Chunk(name, document, text, start, start + len(text), headings=headings)


RIGHT = chunk("r", "d0", headings=("Leave",))
SCORES = {"r": 0.8, "near": 0.79, "far": 0.5, "low": 0.2, "own": 0.6, "same": 0.6, "copy": 0.6}
TAUGHT = Taught("q", "How long?", gold=(GoldSpan("d0", "text r", 0, 6),))


def parts(found, **more):
    kept = {
        "search": lambda _query, limit: found[:limit],
        "right": lambda taught: [RIGHT] if taught.gold else [],
        "text": lambda one, _taught: f"Title\n{one.text}",
        "score": lambda _query, chunks: [SCORES[one.id] for one in chunks],
    }
    return PairParts(**{**kept, **more})


FAR, LOW, NEAR = chunk("far", "d1"), chunk("low", "d2"), chunk("near", "d3")


def test_negatives_score_clearly_below_and_are_as_many_as_wanted():
    found = [RIGHT, NEAR, FAR, LOW]
    (row,) = pair_rows([TAUGHT], parts(found), PairSettings()).rows
    assert row.positive == "Title\ntext r"
    assert row.negatives == ("Title\ntext far", "Title\ntext low")
    (row,) = pair_rows([TAUGHT], parts(found), PairSettings(negatives=1)).rows
    assert row.negatives == ("Title\ntext far",)
    (row,) = pair_rows([TAUGHT], parts(found), PairSettings(margin=0.01)).rows
    assert row.negatives[0] == "Title\ntext near"
    assert (row.origin.document, row.origin.start, row.origin.end) == ("d0", 0, 6)


def test_nothing_of_the_same_section_or_text_and_not_first_of_the_document():
    same = chunk("same", "d0", 10, headings=("Leave",))
    own = chunk("own", "d0", 100, headings=("Pay",))
    copy = chunk("copy", "d7", text="TEXT  r")
    (row,) = pair_rows([TAUGHT], parts([same, own, copy, FAR]), PairSettings()).rows
    assert row.negatives == ("Title\ntext far",)
    (row,) = pair_rows([TAUGHT], parts([FAR, own]), PairSettings()).rows
    assert row.negatives == ("Title\ntext far", "Title\ntext own")


def test_a_miner_that_finds_nothing_is_told():
    with pytest.raises(DataError, match=r"none|no passage that looks alike"):
        pair_rows([TAUGHT], parts([RIGHT, NEAR]), PairSettings())
    (row,) = pair_rows([TAUGHT], parts([RIGHT, NEAR]), PairSettings(negatives=0)).rows
    assert row.negatives == ()
    made = pair_rows([TAUGHT, Taught("n", "none?")], parts([FAR]), PairSettings())
    assert counted(made.left_out) == {"no passage is known to answer it": 1}
    assert "1.0 passages" in made.notes[0]


def test_a_teacher_scores_the_positive_first():
    (row,) = pair_rows(
        [TAUGHT],
        parts([FAR, LOW], teacher=lambda _query, texts: [len(text) for text in texts]),
        PairSettings(),
    ).rows
    assert row.scores == tuple(float(len(text)) for text in (row.positive, *row.negatives))
