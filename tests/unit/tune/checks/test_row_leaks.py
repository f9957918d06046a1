"""Rows that give a question of the eval set away are found: word for word, by a run of words, by meaning."""

from __future__ import annotations

import numpy as np
import pytest

from surefoot.core.errors import DataError
from surefoot.core.types import EvalCase
from surefoot.tune.checks import find_leaks, refuse_leaks
from surefoot.tune.rows import ChatRow, ChatTurn, PairRow

EN = "What is the fee for a new access card when the old one was lost on the way to work?"
ZH = "门禁卡在上班路上遗失以后，补办一张新卡需要缴纳多少费用？"


def row(question):
    turn = ChatTurn(role="user", content=question)
    return ChatRow(id="r", prompt=(turn,), completion="15 euros")


def case(question, name="c"):
    return EvalCase(name, question, "en")


@pytest.mark.parametrize(
    "asked, question, by",
    [
        (EN, EN, "hash"),
        (EN.upper().replace(" ", "  "), EN, "hash"),
        (f"Tell me, please: {EN[5:-4]}, and how to pay?", EN, "n-gram"),
        ("Context. What is the annual leave in Europe? More.", "What is the annual leave in Europe?", "n-gram"),
        (ZH, ZH, "hash"),
        (f"请问：{ZH[:16]}，应该怎么办？", ZH, "n-gram"),
    ],
)  # fmt: skip
def test_leaks_are_found(asked, question, by):
    (leak,) = find_leaks([row(asked)], [case(question)])
    assert (leak.by, leak.case, leak.row) == (by, "c", "r")
    pair = PairRow(id="p", query=asked, positive="x")
    assert find_leaks([pair], [case(question)])[0].by == by


@pytest.mark.parametrize(
    "asked, question",
    [
        ("What is the fee for a parking card?", EN),
        ("补办工牌需要多少费用？", ZH),
        ("Where is it?", "Where is it now?"),
        (f"Passage: the fee is 15 euros. {EN[:30]}", EN),
    ],
)
def test_other_questions_are_no_leaks(asked, question):
    assert find_leaks([row(asked)], [case(question)]) == []


def test_an_instruction_that_all_share_is_no_leak():
    frame = "Write the facts of the text in the form that our house has always used so far: "
    names = ["Aromi", "Cotto", "Eagle", "Punter", "Mill", "Vaults"]
    cases = [case(f"{frame}{name} is a pub.", name) for name in names]
    assert find_leaks([row(f"{frame}Strada is a restaurant near the river.")], cases) == []
    assert find_leaks([row(f"{frame}Aromi is a pub.")], cases)[0].case == "Aromi"


def embed(texts):
    """Counts of characters: alike where the letters are."""
    vectors = np.zeros((len(texts), 128), dtype=np.float32)
    for place, text in enumerate(texts):
        for char in text:
            vectors[place, ord(char) % 128] += 1
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_same_question_in_other_order_is_found_by_meaning():
    words = ["harbour", "lantern", "orchard", "violin", "granite", "saddle", "pepper", "anchor"]
    cases = [case(f"{word} {word[::2]} {word * 2}?", word) for word in words]
    asked = row("harbourharbour? hror harbour")
    assert find_leaks([asked], cases) == []
    (leak,) = find_leaks([asked], cases, embed=embed)
    assert (leak.by, leak.case) == ("embedding", "harbour")
    assert leak.likeness > 0.99
    assert find_leaks([row("harbourharbour? hror harbour 7")], cases, embed=embed) == []


def test_leaks_are_refused_with_examples():
    refuse_leaks([])
    leaks = find_leaks([row(EN)], [case(EN)])
    with pytest.raises(DataError, match=r"1 rows give away questions.*by hash.*--drop-leaks"):
        refuse_leaks(leaks)


def test_what_a_row_asks_may_be_told():
    asked = row(f"Passages: {EN} Question: where?")
    assert find_leaks([asked], [case(EN)])
    assert find_leaks([asked], [case(EN)], asked=lambda _: "where?") == []
