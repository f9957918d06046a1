import pytest

from surefoot.models.asking import Heard
from surefoot.retrieve.rewrite.wordings import lines, same, wordings

EN = "How much is the ferry to Wen island?"
ZH = "去文岛的渡轮多少钱？"


def read(reply, question=EN, lang="en", limit=3):
    return wordings(Heard(reply), question, lang=lang, limit=limit)


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("1. First one?\n2) Second one?", ["First one?", "Second one?"]),
        ("- “第一个？”\n（2）第二个？", ["第一个？", "第二个？"]),
        ("Here are two:\n* One?", ["One?"]),
        ("Standalone question: Who is it?", ["Who is it?"]),
        ("改写的问题：他是谁？", ["他是谁？"]),
        ("\n\n", []),
    ],
)
def test_lines_are_bared_of_what_stands_around_them(reply, found):
    assert lines(reply) == found


def test_wordings_differ_from_the_question_and_from_one_another():
    reply = "how much is the ferry to wen island\nPrice of the ferry?\nprice of the ferry\nFare to the island?\nMore?"
    told = read(reply, limit=2)
    assert told.texts == ("Price of the ferry?", "Fare to the island?")
    assert not told.notes


def test_a_line_that_was_cut_is_none():
    heard = Heard("Price of the ferry?\nHow much does the", cut=True)
    assert wordings(heard, EN, lang="en", limit=3).texts == ("Price of the ferry?",)


def test_chinese_wordings_are_taken_likewise():
    told = read("1. 去文岛的船票价格是多少？\n2. 去文岛的渡轮多少钱", ZH, "zh")
    assert told.texts == ("去文岛的船票价格是多少？",)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("What does the ferry to Firth cost?", "nobody said Firth"),
        ("The ferry costs a lot.", "no question"),
        ("What does the ferry to [island] cost?", "gap"),
        ("文岛的船票价格是多少？", "another language"),
        ("How much " + "very " * 40 + "much?", "too long"),
    ],
)
def test_what_is_not_fit_is_left_out_and_told(line, reason):
    told = read(line)
    assert told.texts == ()
    assert reason in told.notes[0]


def test_signs_and_case_make_no_other_question():
    assert same("Who is it?", "who is it")
    assert same("他是谁？", "他是谁")
    assert not same("Who is it?", "Who was it?")
