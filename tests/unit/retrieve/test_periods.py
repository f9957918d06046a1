"""Times of questions are read in English and Chinese."""

from __future__ import annotations

from datetime import date

import pytest

from surefoot.core.filters import Comparison, Compound
from surefoot.retrieve.filters.moments import Moment
from surefoot.retrieve.filters.periods import plain, read_times
from surefoot.retrieve.filters.time_keys import TimeKeys, find_time_keys

TODAY = date(2023, 10, 15)


def year(number, quarter=None):
    return Moment(number, quarter)


def day(number, month, day=None):
    return Moment(number, None, month, day)


@pytest.mark.parametrize(
    "question, first, last",
    [
        ("revenue in Q3 2022", year(2022, 3), year(2022, 3)),
        ("the third quarter of fiscal 2022", year(2022, 3), year(2022, 3)),
        ("3Q22 results", year(2022, 3), year(2022, 3)),
        ("FY22 results", year(2022), year(2022)),
        ("２０２２年第三季度的收入", year(2022, 3), year(2022, 3)),
        ("二〇二二年三季度", year(2022, 3), year(2022, 3)),
        ("in Q3 alone", year(None, 3), year(None, 3)),
        ("from 2020 to 2022", year(2020), year(2022)),
        ("2020年至2022年", year(2020), year(2022)),
        ("between Q3 2022 and Q2 2023", year(2022, 3), year(2023, 2)),
        ("since 2021", year(2021), None),
        ("after 2021", year(2022), None),
        ("2021年以后", year(2022), None),
        ("prior to Q1 2022", None, year(2021, 4)),
        ("2022年之前", None, year(2021)),
        ("on 5 March 2023", day(2023, 3, 5), day(2023, 3, 5)),
        ("2023年3月的会议", day(2023, 3), day(2023, 3)),
        ("last month", day(2023, 9), day(2023, 9)),
        ("上个月", day(2023, 9), day(2023, 9)),
        ("last quarter", year(2023, 3), year(2023, 3)),
        ("去年", year(2022), year(2022)),
        ("the last three months", day(2023, 7, 15), day(2023, 10, 15)),
        ("最近两周", day(2023, 10, 1), day(2023, 10, 15)),
        ("yesterday", day(2023, 10, 14), day(2023, 10, 14)),
        ("上周", day(2023, 10, 2), day(2023, 10, 8)),
        ("the first quarter of last year", year(2022, 1), year(2022, 1)),
        ("今年第一季度", year(2023, 1), year(2023, 1)),
    ],
)
def test_one_period(question, first, last):
    (period,) = read_times(plain(question), TODAY).periods
    assert (period.first, period.last) == (first, last)
    assert period.said


@pytest.mark.parametrize(
    "question, moments",
    [
        ("compare 2022 and 2023", [year(2022), year(2023)]),
        ("Q1 and Q2 2023", [year(2023, 1), year(2023, 2)]),
        ("2022 Q3 and Q4", [year(2022, 3), year(2022, 4)]),
        ("2022年和2023年", [year(2022), year(2023)]),
        ("the past quarters", []),
        ("it cost $2022 and 1,999 of 2023.5", []),
        ("次季度之外没有", []),
    ],
)
def test_several_or_none(question, moments):
    assert [period.first for period in read_times(plain(question), TODAY).periods] == moments


@pytest.mark.parametrize(
    "question, latest, contrast",
    [
        ("in its most recent annual report", True, False),
        ("the latest quarter against prior quarters", True, True),
        ("the latest trends in fashion", False, False),
        ("最新的财报说了什么", True, False),
        ("最新季报同比如何", True, True),
        ("before 2022, prior to that", False, False),
    ],
)
def test_the_latest_and_what_it_is_set_against(question, latest, contrast):
    times = read_times(plain(question), TODAY)
    assert (bool(times.latest), bool(times.contrast)) == (latest, contrast)


def test_without_a_day_relative_times_say_nothing():
    assert read_times(plain("last month, 去年"), None).periods == ()


def levels(keys, question):
    (period,) = read_times(plain(question), TODAY).periods
    return keys.levels(period)


def test_keys_are_told_by_values_and_names():
    keys = find_time_keys(
        {
            "year": [2022, 2023],
            "季度": ["第一季度", "第三季度"],
            "pages": [28, 50],
            "modified": ["2024-01-02"],
            "created": ["2023-02-03", "2022-05"],
            "company": ["2022"[:1]],
        }
    )
    assert (keys.year, keys.quarter, keys.day, keys.newest) == (
        "year",
        "季度",
        "created",
        "2023-02-03",
    )
    assert keys.today() == date(2023, 2, 3)
    exact, wide = levels(keys, "2022年第三季度")
    assert exact == Compound(
        "and", (Comparison("eq", "year", 2022), Comparison("eq", "季度", "第三季度"))
    )
    assert wide == Comparison("eq", "year", 2022)


def test_a_date_key_alone_tells_years_quarters_and_days():
    keys = TimeKeys(day="date", newest="2023-05-06")
    (found,) = levels(keys, "Q3 2022")
    assert found == Compound(
        "and", (Comparison("gte", "date", "2022-07"), Comparison("lt", "date", "2022-10"))
    )
    assert levels(keys, "since 2021") == (Comparison("gte", "date", "2021"),)
    assert levels(keys, "2023年3月5日")[0] == Compound(
        "and", (Comparison("gte", "date", "2023-03-05"), Comparison("lt", "date", "2023-03-06"))
    )


def test_a_run_of_quarters_and_years_as_text():
    keys = find_time_keys({"year": ["2022", "2023"], "quarter": ["Q1", "Q2", "Q3"]})
    run = levels(keys, "between Q3 2022 and Q2 2023")[0]
    assert run == Compound(
        "or",
        (
            Compound(
                "and",
                (Comparison("eq", "year", "2022"), Comparison("in", "quarter", ("Q3", "Q4"))),
            ),
            Compound(
                "and",
                (Comparison("eq", "year", "2023"), Comparison("in", "quarter", ("Q1", "Q2"))),
            ),
        ),
    )
    assert levels(keys, "since 2022") == (Comparison("in", "year", ("2022", "2023")),)
    assert levels(keys, "in 2031") == (Comparison("eq", "year", "2031"),)
