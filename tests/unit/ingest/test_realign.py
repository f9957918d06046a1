"""Regions stay on their words whatever cleaning takes out."""

import random

import pytest

from surefoot.core.types import Region
from surefoot.ingest.clean import clean
from surefoot.ingest.realign import moved_places, moved_regions

LINES = {
    "en": [
        "The guaran-",
        "tee of the pump lasts two years.   ",
        "Send it\u200b to the work\u00adshop in Ham-",
        "burg, please.",
        "",
        "",
        "",
        "Cafe\u0301 opens at eight.",
    ],
    "zh": [
        "水泵的保修期从购买之日起计算一共是两年时间，",
        "请把损坏的零件用原来的包装寄到上海的工厂那里",
        "进行检查。   ",
        "",
        "",
        "",
        "咖啡\u200b馆八点开门。",
    ],
}


def of_lines(lines):
    text, regions = "", []
    for number, line in enumerate(lines):
        if line.strip():
            regions.append(
                Region(
                    len(text), len(text) + len(line.rstrip()), page=1, box=(0, number / 10, 1, 1)
                )
            )
        text += line + "\n"
    return text, tuple(regions)


def bare(text):
    import unicodedata

    kept = unicodedata.normalize("NFC", text)
    return "".join(char for char in kept if char.isalnum())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_line_keeps_its_words(lang):
    text, regions = of_lines(LINES[lang])
    cleaned = clean(text, (0,), markup="plain", regions=regions)
    assert cleaned.text != text
    assert len(cleaned.regions) == len(regions)
    for before, after in zip(regions, cleaned.regions, strict=True):
        assert after.box == before.box
        wanted, got = text[before.start : before.end], cleaned.text[after.start : after.end]
        assert bare(got) == bare(wanted)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_repeated_headers_take_their_regions_with_them(lang):
    header = {"en": "Annual report of the company", "zh": "公司年度报告"}[lang]
    text, regions, pages = "", [], []
    for page in range(1, 7):
        pages.append(len(text))
        for line in (header, f"{LINES[lang][0].rstrip('-')} {page}{'xyz'[page % 3]} {page * 37}"):
            regions.append(Region(len(text), len(text) + len(line), page=page))
            text += line + "\n"
        text += "\n"
    cleaned = clean(text, pages, markup="plain", regions=regions)
    assert cleaned.removed["repeated header or footer lines"] == 5
    assert len(cleaned.regions) == 7
    for region in cleaned.regions[1:]:
        assert cleaned.text[region.start : region.end].endswith(f" {region.page * 37}")


def test_a_text_without_regions_has_none_and_costs_nothing():
    assert clean("text\n", (0,)).regions == ()


def test_what_is_taken_out_whole_goes():
    assert moved_regions((Region(0, 3), Region(4, 7)), "abc def", "def") == (Region(0, 3),)


def test_any_deletions_are_followed():
    chance = random.Random(7)
    before = "".join(chance.choice("abcdefghij 的一是了\n") for _ in range(3000))
    kept = [i for i in range(len(before)) if chance.random() > 0.02]
    after = "".join(before[i] for i in kept)
    places = moved_places(range(len(before) + 1), before, after)
    true = {}
    new = 0
    kept_set = set(kept)
    for i in range(len(before) + 1):
        true[i] = new
        new += i in kept_set
    # Where a letter goes beside its like, either of them may have gone.
    assert sum(places[i] != true[i] for i in true) < 0.005 * len(true)
    assert max(abs(places[i] - true[i]) for i in true) <= 3
    assert places[len(before)] == len(after)
