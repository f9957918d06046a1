"""Numbers, dates and denials are read as values, in the forms of both languages."""

from __future__ import annotations

import subprocess
import sys

import pytest

from surefoot.core.lang.dictionary import is_common
from surefoot.generate.checking.facts import prepare
from surefoot.generate.checking.facts.dates import dates
from surefoot.generate.checking.facts.numbers import numbers


def _values(text: str) -> list[float]:
    return sorted({number.value for number in numbers(prepare(text)) if not number.weak})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,000 and 1000", [1000]),
        ("１２ %", [12]),
        ("1.5 million", [1_500_000]),
        ("$5bn, 3k", [3000, 5e9]),
        ("one hundred and twenty-three", [123]),
        ("two or three", [2, 3]),
        ("the twenty-first and the 3rd", [3, 21]),
        ("a dozen eggs, two dozen nuts", [24]),
        ("6½ sacks", [6.5]),
        ("COVID-19, A-135, MP3 and H2O", []),
        ("one of the first", []),
        ("三百零八", [308]),
        ("两千零二十四", [2024]),
        ("3万, 1.5亿", [30_000, 150_000_000]),
        ("3万5千人, 3亿2000万元", [35_000, 320_000_000]),
        ("百分之十二，百分之36.9", [12, 36.9]),
        ("第三届，二十次", [3, 20]),
        ("二〇二四", [2024]),
        ("三点一四", [3.14]),
        ("一般来说，四川十分美丽，万一下雨", []),
        ("12千米", [12]),
    ],
)
def test_numbers(text: str, values: list[float]) -> None:
    assert _values(text) == pytest.approx(values)


def test_a_number_has_its_unit() -> None:
    units = {
        number.value: number.unit.dimension
        for number in numbers(prepare("5 km, 3公斤, $20, 12 percent, 4 hours, 100元"))
        if number.unit
    }
    assert units == {5: "length", 3: "mass", 20: "dollar", 12: "share", 4: "time", 100: "yuan"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 March 1990", (1990, 3, 5)),
        ("March 5th, 1990", (1990, 3, 5)),
        ("Mar. 5 1990", (1990, 3, 5)),
        ("1990-03-05", (1990, 3, 5)),
        ("1990年3月5日", (1990, 3, 5)),
        ("一九九〇年三月五日", (1990, 3, 5)),
        ("１９９０年１２月２５日", (1990, 12, 25)),
        ("十二月二十五日", (None, 12, 25)),
        ("in March 1990", (1990, 3, None)),
        ("1990年3月", (1990, 3, None)),
        ("二〇二四年", (2024, None, None)),
        ("in October", (None, 10, None)),
    ],
)
def test_dates(text: str, expected: tuple[int | None, int | None, int | None]) -> None:
    found = dates(prepare(text))
    assert [(date.year, date.month, date.day) for date in found] == [expected]


@pytest.mark.parametrize("text", ["13月40日", "March on Washington", "May I ask", "三个月"])
def test_what_only_looks_like_a_date(text: str) -> None:
    assert dates(prepare(text)) == ()


@pytest.mark.parametrize(
    ("word", "common"),
    [
        ("方面", True),
        ("市长", True),
        ("北京", False),
        ("李娜", False),
        ("蒈蒉", False),
        ("国", False),
        ("AB", False),
    ],
)
def test_a_common_word_is_no_name(word: str, common: bool) -> None:
    assert is_common(word) is common


@pytest.mark.slow
def test_the_dictionary_is_loaded_when_a_chinese_name_is_looked_for() -> None:
    code = (
        "import sys; from surefoot.generate.checking.support import check_support; "
        "check_support('It has three cranes.', 'It has three cranes.', 'en'); "
        "print('rjieba' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
