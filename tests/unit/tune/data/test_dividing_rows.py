"""Train and dev are divided by document, alike for the same rows; rows without passages are made and counted."""

from __future__ import annotations

import pytest

from surefoot.core.roles import Message
from surefoot.tune.data import Taught, chat_rows, divide, style_rows, summarise
from surefoot.tune.left_out import counted
from surefoot.tune.rows import ChatRow, ChatTurn, Origin


def row(name, document="", cluster="", question="", split="train"):
    turn = ChatTurn(role="user", content=question or f"What is {name}?")
    return ChatRow(
        id=name, prompt=(turn,), completion="x", split=split,
        origin=Origin(document=document, cluster=cluster),
    )  # fmt: skip


def test_documents_are_not_torn_and_order_does_not_matter():
    rows = [row(f"{d}-{i}", document=f"doc{d}") for d in range(20) for i in range(3)]
    divided, notes = divide(rows, 0.2)
    assert notes == ()
    sides = {}
    for one in divided:
        sides.setdefault(one.origin.document, set()).add(one.split)
    assert all(len(side) == 1 for side in sides.values())
    assert sum(one.split == "dev" for one in divided) == 12
    again = {one.id: one.split for one in divide(rows[::-1], 0.2)[0]}
    assert again == {one.id: one.split for one in divided}
    assert again != {one.id: one.split for one in divide(rows, 0.2, seed=1)[0]}
    assert all(one.split == "train" for one in divide(rows, 0.0)[0])


@pytest.mark.parametrize("first, second", [("How long?", "how long"), ("多久？", "多久")])
def test_rows_that_ask_the_same_or_share_a_cluster_stay_together(first, second):
    rows = [row(str(i)) for i in range(30)]
    rows += [
        row("a", "d1", question=first),
        row("b", "d2", question=second),
        row("c", cluster="d2"),
    ]
    for seed in range(8):
        splits = {one.id: one.split for one in divide(rows, 0.3, seed=seed)[0]}
        assert splits["a"] == splits["b"] == splits["c"]


def test_a_split_that_is_given_stays_and_draws_what_hangs_together():
    rows = [row("a", "d1", split="dev"), row("b", "d2"), row("c", "d1", question="other?")]
    splits = {one.id: one.split for one in divide(rows, 0.3, kept=frozenset("ab"))[0]}
    assert splits == {"a": "dev", "b": "train", "c": "dev"}


def test_rows_of_one_document_are_divided_singly_and_it_is_said():
    divided, notes = divide([row(str(i), "d") for i in range(20)], 0.2)
    assert sum(one.split == "dev" for one in divided) == 4
    assert "one document" in notes[0]
    assert (
        "no row is left for dev" in divide([row("a"), row("b", question="What is a?")], 0.4)[1][-1]
    )


def say(question):
    return [Message("user", question)]


@pytest.mark.parametrize("lang, refusal", [("en", "I do not know."), ("zh", "我不知道。")])
def test_questions_become_rows_and_what_nothing_answers_declines(lang, refusal):
    asked = [
        Taught("a", "q", "answer", lang, origin=Origin(document="d")),
        Taught("b", "r", lang=lang, answerable=False),
        Taught("c", "s", lang=lang),
    ]
    made = chat_rows(asked, say, lambda _: refusal)
    assert [one.completion for one in made.rows] == ["answer", refusal]
    assert counted(made.left_out) == {"nothing answers it": 1}
    assert len(chat_rows(asked, say).rows) == 1
    assert len(chat_rows(asked, lambda _: []).left_out) == 3


def test_texts_as_they_stand_are_learnt_from_heading_or_plain_words():
    sections = [
        Taught("a", "Leave", "You have 24 days.", "en", answers=("Handbook",)),
        Taught("b", "休假", "年假24天。", "zh", answers=("手册",)),
    ]
    en, zh = style_rows(sections).rows
    assert "“Leave” of “Handbook”" in en.prompt[0].content
    assert "《手册》" in zh.prompt[0].content
    assert (en.completion, zh.completion) == ("You have 24 days.", "年假24天。")
    plain = style_rows(sections, lambda one: "plain words" if one.lang == "zh" else "")
    assert "plain words" in plain.rows[0].prompt[0].content
    assert len(plain.left_out) == 1


def test_rows_in_numbers():
    rows = [row(str(i), split="dev" if i == 0 else "train") for i in range(10)]
    summary = summarise(rows, {str(i): 10 * (i + 1) for i in range(10)})
    assert summary.counts["split"] == {"train": 9, "dev": 1}
    assert (summary.tokens_p50, summary.tokens_p95, summary.tokens) == (50, 100, 550)
    assert summarise([], {}).rows == 0
