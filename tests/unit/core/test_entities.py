"""Names, dates, numbers and key phrases, in English and Chinese."""

from itertools import pairwise

import pytest

from surefoot.core.lang.entities import entities, entity_key, key_phrases
from surefoot.core.lang.names import names


def named(text: str) -> list[str]:
    return [name.text for name in names(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The film was directed by R. G. Springsteen.", ["R. G. Springsteen"]),
        ("He fought in the Bay of Pigs in May 1961.", ["Bay of Pigs"]),
        ("Norway's first director, Edith Carlmar's 1954 work", ["Norway", "Edith Carlmar"]),
        ('She wrote "nothing but trouble" there.', ["nothing but trouble"]),
        ("Running costs rose. However, Apollo 11 flew.", ["Apollo 11"]),
        ("nothing here is a name", []),
        ("《流浪地球》的导演郭帆出生于山东省济宁市。", ["流浪地球", "郭帆", "山东省", "济宁市"]),
        ("妻子是玛莎·华盛顿。", ["玛莎·华盛顿"]),
        ("他用 OpenVINO 写了“一只小猫”。", ["OpenVINO", "一只小猫"]),
        ("", []),
    ],
)
def test_names_are_found_where_they_stand(text: str, expected: list[str]) -> None:
    assert named(text) == expected
    assert all(text[name.start : name.end] == name.text for name in names(text))


def test_names_do_not_overlap() -> None:
    text = 'Her film "The Song of Norway" was shot in Oslo by Ole of the Old Mill.'
    found = names(text)
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Goose Woman", "goose woman"),
        ("Inherent Vice (film)", "Inherent Vice"),
        ("Georges Méliès", "GEORGES MELIES"),
        ("Marie- Georges", "Marie-Georges"),
        ("乔治·华盛顿", "乔治华盛顿"),
        ("流浪地球（电影）", "流浪地球"),
    ],
)
def test_spellings_of_one_entity_have_one_key(one: str, other: str) -> None:
    assert entity_key(one) == entity_key(other)


def test_a_title_in_brackets_alone_keeps_its_key() -> None:
    assert entity_key("(500)") == "500"


def test_dates_and_long_numbers_are_entities_and_years_are_not() -> None:
    found = entities("Born 3 May 1955, order 48,215,000, page 12, in 1999.")
    assert {"1955-05-03", "48215000"} <= set(found)
    assert not {"12", "1999"} & set(found)
    assert "1980-12-15" in entities("他于1980年12月15日出生。")
    assert "1955-05-03" not in entities("Born 3 May 1955.", numbers=False)


def test_key_phrases_are_runs_between_stop_words() -> None:
    text = "the solid state battery and a solid state relay; the relay is old"
    assert key_phrases(text)[:2] == ["solid state battery", "solid state relay"]
    assert "量子计算机" in key_phrases("他研究的是量子计算机。")
    assert "born may" not in key_phrases("born May 3, 1955 in Oslo")


def test_limits_hold() -> None:
    text = "Ada Byron met Carl Gauss. The analytical engine and the difference engine were slow."
    assert len(entities(text, limit=3)) == 3
    assert entities(text, phrases=0) == ("ada byron", "carl gauss")
