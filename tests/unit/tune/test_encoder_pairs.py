"""Pair rows as the columns of trainers: every row comes out, those with fewer negatives too."""

import pytest

from surefoot.core.errors import DataError
from surefoot.tune.encoder.pairs import (
    lesson,
    list_columns,
    margin_columns,
    ranking_columns,
    single_columns,
)
from surefoot.tune.rows import ChatRow, ChatTurn, PairRow, TuningRows, write_rows

EN = PairRow(id="en", query="reset?", positive="Reset it.", negatives=("Buy it.", "Sell it."))
ZH = PairRow(
    id="zh", query="如何重置？", positive="请重置密码。", negatives=("请付款。",), lang="zh"
)
BARE = PairRow(id="bare", query="who?", positive="She.", split="dev")


def test_rows_with_fewer_negatives_are_a_data_set_of_their_own():
    found = ranking_columns([EN, ZH, BARE], 2)
    assert {name: len(columns["query"]) for name, columns in found.items()} == {
        "negatives0": 1,
        "negatives1": 1,
        "negatives2": 1,
    }
    assert found["negatives1"]["negative0"] == ["请付款。"]
    assert set(ranking_columns([EN, ZH], 1)) == {"negatives1"}


def test_lists_hold_the_right_passage_first():
    columns = list_columns([EN, ZH], 1)["lists"]
    assert columns["docs"] == [["Reset it.", "Buy it."], ["请重置密码。", "请付款。"]]
    assert columns["labels"] == [[1.0, 0.0], [1.0, 0.0]]
    with pytest.raises(DataError, match="look alike"):
        list_columns([BARE], 4)


def test_singles_are_labelled_one_by_one():
    columns = single_columns([EN], 5)["singles"]
    assert columns["passage"] == ["Reset it.", "Buy it.", "Sell it."]
    assert columns["label"] == [1.0, 0.0, 0.0]


def test_margins_are_how_far_a_teacher_holds_the_right_one_above():
    taught = EN.model_copy(update={"scores": (3.0, 1.0, 0.5)})
    columns = margin_columns([taught], 4)["margins"]
    assert columns["label"] == [2.0, 2.5]
    assert columns["negative"] == ["Buy it.", "Sell it."]
    with pytest.raises(DataError, match="teacher"):
        margin_columns([ZH], 4)


def test_general_rows_are_divided_by_what_they_are_for(tmp_path):
    others = [
        BARE.model_copy(update={"id": f"g{i}", "split": "train" if i < 4 else "dev"})
        for i in range(6)
    ]
    write_rows(TuningRows.of(others), tmp_path / "general.jsonl")
    found = lesson(TuningRows.of([EN, ZH, BARE]), str(tmp_path / "general.jsonl"), 0.5)
    assert [row.id for row in found.train] == ["en", "zh"]
    assert [row.id for row in found.dev] == ["bare"]
    assert [row.id for row in found.replayed] == ["g0"]
    assert [row.id for row in found.general] == ["g4", "g5"]
    assert found.passages[:3] == ["Reset it.", "Buy it.", "Sell it."]


def test_rows_that_teach_nothing_are_refused():
    with pytest.raises(DataError, match="no row is there to learn"):
        lesson(TuningRows.of([BARE]))
    chat = ChatRow(id="c", prompt=(ChatTurn(role="user", content="hi"),), completion="hello")
    with pytest.raises(DataError, match="conversations"):
        lesson(TuningRows.of([chat]))
