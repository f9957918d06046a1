"""A passage that another program read is found although words are lost and added; one that is not there is not."""

from __future__ import annotations

import pytest

from surefoot.evaluate.evalsets.passages import Searchable

TEXT = {
    "en": "The harbour office opens at seven in the morning. Boats longer than thirty metres pay double, and those"
    " that carry timber pay nothing at all. In winter the office stays closed on Sundays and on public holidays.",
    "zh": "港口办公室每天上午七点开门。长度超过三十米的船只须付双倍费用，而运送木材的船只则完全免费。"
    "冬季的周日以及法定节假日，办公室不对外开放，紧急情况请拨打值班电话联系工作人员。",
}
PASSAGE = {
    "en": "Boats longer than thirty metres [2] pay double, those that carry timber pay nothing at all",
    "zh": "长度超过三十米的船只须付双倍费用【2】，而运送木材的船只则完全免费。冬季的周日及法定节假日，办公室不对外开放",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_passage_is_nearly_found(lang):
    text = Searchable("x " * 500 + TEXT[lang] + " y" * 500)
    assert text.find(PASSAGE[lang]) is None
    start, end = text.find_near(PASSAGE[lang])
    found = text.text[start:end]
    assert found[:4] == PASSAGE[lang][:4] and found[-4:] == PASSAGE[lang][-4:]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_another_passage_is_not(lang):
    text = Searchable(TEXT[lang])
    other = {"en": "Boats that come from the north are moored at the second quay for thirty days",
             "zh": "来自北方的船只须停泊在第二码头，最多可停三十天，期满之后必须离港"}[lang]  # fmt: skip
    assert text.find_near(other) is None
    assert text.find_near("") is None and text.find_near("thirty") is None


def test_every_place_is_told():
    text = Searchable("年假５天；年假 5天。")
    assert text.find("年假5天").places == ((0, 4), (5, 10))
    assert text.find("年假５天").how == "exact"
    assert text.find(" ") is None and text.find("病假") is None


def test_terms_are_content_words():
    assert "harbour" in Searchable(TEXT["en"]).terms and "the" not in Searchable(TEXT["en"]).terms
    assert "港口" in Searchable(TEXT["zh"]).terms
