"""Views say what they promise, in English and Chinese."""

from __future__ import annotations

import numpy as np
import pytest

from surefoot.core.types import Chunk, Document
from surefoot.ingest.views.context import ContextSettings, ContextViewer
from surefoot.ingest.views.questions import (
    QuestionsSettings,
    QuestionsViewer,
    asked_by_heading,
    asked_in,
    defined_in,
    is_question,
)
from surefoot.ingest.views.sentences import SentencesSettings, SentencesViewer
from surefoot.ingest.views.settings import ViewSettings
from surefoot.ingest.views.summary import SummarySettings, SummaryViewer, covering
from surefoot.models.embed_hash import HashEncoder, HashSettings

ENCODER = HashEncoder(HashSettings())
ROOM = HashEncoder(HashSettings(max_tokens=12))


def chunk_of(text, index=0, headings=(), title=""):
    return Chunk(f"d#{index}", "d", text, 0, len(text), index, headings, title)


def texts(viewer, *chunks, text=""):
    return [(v.chunk, v.text) for v in viewer.views(Document("d", "d", "x", text), chunks)]


@pytest.mark.parametrize(
    "text, wanted",
    [
        (
            "The pump pumps water to the tank. It is old. A pump without water breaks. Ann likes tea.",
            "The pump pumps water to the tank.",
        ),
        ("水泵把水送到水箱。它很旧。水泵没有水会损坏。小王喜欢茶。", "水泵把水送到水箱。"),
    ],
)
def test_a_summary_covers_what_the_chunk_repeats(text, wanted):
    made = texts(SummaryViewer(SummarySettings(sentences=1), ENCODER), chunk_of(text))
    assert made == [(0, wanted)]
    assert texts(SummaryViewer(SummarySettings(sentences=4), ENCODER), chunk_of(text)) == []


def test_sentences_of_a_summary_do_not_repeat_each_other():
    matrix = np.array([[1, 0], [0.99, 0.14], [0.1, 0.99]], np.float32)
    assert sorted(covering(matrix, 2)) in ([0, 2], [1, 2])
    assert len(covering(matrix, 9)) == 3


@pytest.mark.parametrize("by", ["terms", "meaning"])
def test_a_section_has_one_summary_for_all_its_chunks(by):
    settings = SummarySettings(scope="section", sentences=1, by=by)
    chunks = [
        chunk_of("水泵输送水。水泵每天运行。", 0, ("一",)),
        chunk_of("水泵需要维护。", 1, ("一",)),
        chunk_of("Tea is served. Tea is hot. Coffee is cold.", 2, ("two",)),
    ]
    made = texts(SummaryViewer(settings, ENCODER), *chunks)
    assert [place for place, _ in made] == [0, 1, 2]
    assert made[0][1] == made[1][1] != made[2][1]


@pytest.mark.parametrize(
    "text, windows",
    [("One is here. Two is there. Three is gone.", 2), ("第一句在这里。第二句在那里。第三句。", 2)],
)
def test_sentences_are_views_of_their_chunk(text, windows):
    one = texts(SentencesViewer(SentencesSettings(), ENCODER), chunk_of(text, 5, title="T"))
    assert [place for place, _ in one] == [5] * len(one)
    assert all(made.startswith("T\n") and made[2:] in text for _, made in one)
    bare = SentencesViewer(SentencesSettings(window=2, title=False), ENCODER)
    assert len(texts(bare, chunk_of(text))) == windows
    assert texts(bare, chunk_of("One sentence. 一句话。")) == []


def test_lines_are_views_too():
    viewer = SentencesViewer(SentencesSettings(unit="line", asks=True, title=False), ENCODER)
    assert viewer.asks
    text = "  lost my card  \n\nwhere is it? I need it.\n我的卡丢了"
    assert [made for _, made in texts(viewer, chunk_of(text))] == [
        "lost my card",
        "where is it? I need it.",
        "我的卡丢了",
    ]


@pytest.mark.parametrize(
    "text, asked",
    [
        ("How do I pay?\nI lost it.\nwhere is it\nCan I go?\nPlease help me.", 5),
        ("怎么付款？\n我丢了卡。\n卡在哪里\n可以走吗？\n请帮帮我。", 5),
        ("The pump is old. Who repairs it? Ann does.\nIt is in the cellar.\nThe end is near.", 1),
        ("水泵很旧。谁来修理它？小王修理。\n它在地下室里。\n完了完了完了。", 1),
        ("Q: How long\nA: Two days.", 1),
        ("问：需要多久\n答：两天时间。", 1),
        ("- When is it open?\n- Nine to five.\n| what | why |", 1),
    ],
)
def test_questions_that_stand_in_a_text(text, asked):
    assert len(asked_in(text)) == asked


def test_marks_and_numbers_are_not_asked():
    assert asked_in("Q1: How long does it take?\n2. 需要多久？") == [
        "How long does it take?",
        "需要多久？",
    ]


@pytest.mark.parametrize(
    "heading, question",
    [
        ("1.2 Opening hours", "What is Opening hours?"),
        ("Installing the pump", "How does installing the pump work?"),
        ("How to pay", "How to pay"),
        ("第三章 安装步骤", "安装步骤是什么？"),
        ("如何付款", "如何付款"),
        ("2.", None),
    ],
)
def test_a_heading_asks(heading, question):
    assert list(asked_by_heading(heading)) == ([question] if question else [])


@pytest.mark.parametrize(
    "text, questions",
    [
        (
            "Ada Lovelace (1815 - 1852) was an English writer. It is a fact.",
            ["What was Ada Lovelace?"],
        ),
        ("The heat pump is a machine. Since then the pump is a toy.", ["What is the heat pump?"]),
        ("热泵（又称暖机）是一种机器。它是旧的。", ["什么是热泵？"]),
        ("所谓知识产权是指智力成果的权利。但是法院不同。", ["什么是知识产权？"]),
        ("He runs. 他跑步。", []),
    ],
)
def test_definitions_ask_for_their_term(text, questions):
    assert list(defined_in(text)) == questions


def test_questions_are_bounded_and_can_be_turned_off():
    faq = "\n".join(f"How many are {n} pieces?" for n in range(50))
    heading = chunk_of(f"{faq}\nA piece is a part.", headings=("Pieces",), title="Shop")
    every = texts(QuestionsViewer(QuestionsSettings(), ENCODER), heading)
    assert len(every) == 32
    assert every[0] == (0, "Shop\nWhat is Pieces?")
    none = QuestionsSettings(headings=False, definitions=False, name="faq")
    assert texts(QuestionsViewer(none, ENCODER), chunk_of("A piece is a part.")) == []
    assert QuestionsViewer(none, ENCODER).name == "faq"
    assert is_question("what is it") and not is_question("What it is, is good.")


@pytest.mark.parametrize(
    "parts, opening",
    [
        (
            (
                "The report is about pumps. More.",
                "They are old. They leak.",
                "Ann mends. Bob helps.",
            ),
            0,
        ),
        (("本报告讨论水泵。还有更多。", "它们很旧。它们漏水。", "小王修理。小李帮忙。"), 0),
    ],
)
def test_context_brings_what_surrounds_the_chunk(parts, opening):
    chunks = [
        chunk_of(text, index, ("Chapter 章",), "Title 题") for index, text in enumerate(parts)
    ]
    made = texts(ContextViewer(ContextSettings(), ENCODER), *chunks, text="".join(parts))
    lines = made[2][1].split("\n")
    assert lines[:2] == ["Title 题", "Chapter 章"]
    assert lines[2] in parts[opening]
    assert lines[3] in parts[1]
    assert lines[4] == parts[2]
    cut = texts(ContextViewer(ContextSettings(), ROOM), *chunks, text="".join(parts))
    assert cut[2][1] == "\n".join(("Title 题", "Chapter 章", parts[2]))


def test_the_names_of_the_text_itself_are_taken():
    with pytest.raises(ValueError, match="passage"):
        ViewSettings(kind="x", name="passage")


@pytest.mark.parametrize(
    "prose, listed",
    [
        (
            "Is it late? The post takes five days.\nQ: Where is it?\nA: In the post.",
            "Where is my card?\nMy card is late\nplease send it again\nThe post lost it",
        ),
        (
            "会迟到吗？邮寄需要五天时间。\n问：在哪里？\n答：在邮局。",
            "我的卡在哪里？\n我的卡迟到了\n请再寄一次\n邮局弄丢了",
        ),
    ],
)
def test_lists_of_what_people_ask_may_be_all_that_is_taken(prose, listed):
    assert len(asked_in(prose)) == 2
    assert len(asked_in(prose, running=False)) == 1
    assert asked_in(listed, running=False) == listed.split("\n")
    assert asked_in("q: str | None = None", running=False) == []
    settings = QuestionsSettings(headings=False, definitions=False, running=False)
    viewer = QuestionsViewer(settings, ENCODER)
    assert (
        texts(viewer, chunk_of("A pump is a machine. 水泵是一种机器。", headings=("Pumps",))) == []
    )
