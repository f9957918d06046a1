"""Numbers agree by value, not by how they are written."""

from __future__ import annotations

import pytest

from surefoot.evaluate.metrics import asks_number, numeric_match


@pytest.mark.parametrize(
    "answer",
    ["308", "$1.2 million", "12.5%", "four", "-3.2%", "about 40 km", "2,500 meters", "1995",
     "136 次", "百分之十二", "3.5万元", "三千二百", "1.2亿人", "约 300 人"],
)  # fmt: skip
def test_one_number_asks_for_a_number(answer):
    assert asks_number([answer])


@pytest.mark.parametrize(
    "answer",
    [
        "Super Bowl 50",
        "5 March 1990",
        "Chapter 5",
        "Kawann Short",
        "7–9",
        "golden",
        "",
        "1990年3月5日",
        "野马队",
    ],
)
def test_names_dates_and_ranges_do_not(answer):
    assert not asks_number([answer])


@pytest.mark.parametrize(
    ("said", "gold"),
    [
        ("The defense gave up 308 points [1].", "308"),
        ("Sales were 1,204,000 dollars", "$1.2 million"),  # .3 % off a rounded number
        ("a share of 0.125", "12.5%"),
        ("12 percent", "12%"),
        ("12.1%", "12%"),  # .8 % off
        ("four teams", "4"),
        ("4", "four"),
        ("40,000 m", "40 km"),
        ("one thousand five hundred", "0.15万"),
        ("in 1995", "1995"),
        ("35,000元", "3.5万元"),
        ("35100元", "3.5万元"),  # .3 % off
        ("一万二千", "12000"),
        ("12345万", "1.2345亿"),
        ("全长2.5公里。", "2500 meters"),
        ("共有三个", "3"),
        ("占百分之十二", "12%"),
        ("１３６ 次", "136次"),
    ],
)
def test_the_same_number_written_otherwise_matches(said, gold):
    assert numeric_match(said, [gold]) == 1


@pytest.mark.parametrize(
    ("said", "gold"),
    [
        ("307 points", "308"),  # written in full: exact
        ("in 1996", "1995"),
        ("36000元", "3.5万元"),  # 2.9 % off
        ("12.2%", "12%"),  # 1.7 % off
        ("1.2 million euros", "$1.2 million"),
        ("10 km", "10 kg"),
        ("no number here", "308"),
        ("没有数字", "308"),
        ("", "308"),
    ],
)
def test_another_number_does_not(said, gold):
    assert numeric_match(said, [gold]) == 0


def test_one_of_several_gold_answers_is_enough():
    assert numeric_match("roughly 5 km", ["3 miles", "5 km"]) == 1
    assert numeric_match("5", ["five or so people came", "5"]) == 1
