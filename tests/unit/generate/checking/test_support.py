"""A sentence is supported by what it cites, or the reason why not is said; in English and Chinese."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.generate.checking.support import check_support

EN = (
    "The Panthers defense gave up just 308 points, ranking sixth in the league, while also leading the NFL in "
    "interceptions with 24 on March 5, 1990. Josh Norman had four interceptions in the 1980s. The team did not win "
    "the cup. Revenue was 1,500,000 dollars (12%), and the stadium lies 3 km from the river."
)
ZH = (
    "黑豹队的防守只丢了 308分，在联赛中排名第六，于1990年3月5日以 24 次拦截领先国家橄榄球联盟 (NFL)。"
    "职业碗防守截锋卡万·肖特以 11 分领先于全队。这支球队没有赢得奖杯。收入三百万元，占百分之十二，球场距离河流3公里。"
)


@pytest.mark.parametrize(
    "sentence",
    [
        "The Panthers defense gave up just 308 points [1].",
        "The Panthers gave up three hundred and eight points, ranking 6th.",
        "They led the NFL with twenty-four interceptions on 5 March 1990.",
        "On 1990-03-05 they led the NFL in interceptions with ２４.",
        "In the 80's Josh Norman had 4 interceptions.",
        "Revenue was 1.5 million dollars, 12 percent.",
        "Revenue was $1,500,000.",
        "The stadium lies 3000 metres from the river.",
        "The team could not win the cup.",
        "Revenue was about 2 million dollars.",
    ],
)
def test_english_sentences_that_the_source_says(sentence: str) -> None:
    found = check_support(sentence, EN, "en")
    assert found.supported, found.reasons
    assert found.score > 0.5 and found.reasons == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "黑豹队的防守只丢了308分[1]。",
        "黑豹队的防守丢了三百零八分，排名第6。",
        "一九九〇年三月五日，黑豹队以二十四次拦截领先。",
        "1990-03-05，黑豹队以２４次拦截领先NFL。",
        "卡万·肖特以十一分领先于全队。",
        "收入300万元，占12%。",
        "收入3,000,000元。",
        "球场距离河流3000米。",
        "这支球队没赢得奖杯。",
    ],
)
def test_chinese_sentences_that_the_source_says(sentence: str) -> None:
    found = check_support(sentence, ZH, "zh")
    assert found.supported, found.reasons
    assert found.score > 0.5 and found.reasons == ()


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("The Panthers defense gave up just 309 points.", "the number “309” is not in the source"),
        ("The Panthers defense gave up just 24 points.", "the source says “308” where"),
        ("They led the NFL in interceptions on March 6, 1990.", "the date “March 6, 1990” is not"),
        ("They led the NFL in interceptions on April 5, 1990.", "the date “April 5, 1990” is not"),
        ("Josh Norman had four interceptions in the 1970s.", "the number “1970s” is not"),
        ("The Broncos defense gave up just 308 points.", "“Broncos” is not in the source"),
        ("Denver gave up just 308 points, ranking sixth.", "“Denver” is not in the source"),
        ("The stadium lies 3 miles from the river.", "the number “3 miles” is not in the source"),
        ("The Panthers defense did not give up just 308 points.", "the sentence says “not give up"),
        ("The Panthers defense never gave up 308 points.", "the sentence says “never gave up"),
        ("The team did win the cup.", "the source says “not win the cup” where"),
        ("Photosynthesis turns light into sugar.", "of its words are in the source"),
    ],
)
def test_english_sentences_that_it_does_not_say(sentence: str, reason: str) -> None:
    found = check_support(sentence, EN, "en")
    assert not found.supported
    assert any(reason in said for said in found.reasons), found.reasons


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("黑豹队的防守只丢了309分。", "the number “309” is not in the source"),
        ("黑豹队的防守只丢了24分。", "the source says “308” where"),
        ("于1990年3月6日以24次拦截领先。", "the date “1990年3月6日” is not"),
        ("于一九九一年三月五日以24次拦截领先。", "the date “一九九一年三月五日” is not"),
        ("野马队的防守只丢了308分。", "“野马” is not in the source"),
        ("职业碗防守截锋马里奥·爱迪生以11分领先于全队。", "马里奥"),
        ("以24次拦截领先ESPN。", "“ESPN” is not in the source"),
        ("收入300万元，占13%。", "the number “13%” is not in the source"),
        ("球场距离河流3英里。", "the number “3英里” is not in the source"),
        ("黑豹队的防守没有丢308分。", "the sentence says “没有丢"),
        ("这支球队赢得奖杯。", "the source says “没有赢得"),
        ("光合作用把光变成糖。", "of its words are in the source"),
    ],
)
def test_chinese_sentences_that_it_does_not_say(sentence: str, reason: str) -> None:
    found = check_support(sentence, ZH, "zh")
    assert not found.supported
    assert any(reason in said for said in found.reasons), found.reasons


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [("黑豹队丢了三百零八分，排名第六。", True), ("黑豹队丢了309分。", False)],
)
def test_across_languages_numbers_are_compared(sentence: str, supported: bool) -> None:
    found = check_support(sentence, EN, "zh")
    assert found.supported is supported
    assert found.score <= 0.5


def test_an_acronym_stands_for_its_words() -> None:
    source = "The International Panel on Climate Change was formed in 1988."
    assert check_support("The IPCC was formed in 1988.", source, "en").supported
    assert not check_support("The NASA was formed in 1988.", source, "en").supported


def test_the_language_may_be_unknown() -> None:
    assert check_support("黑豹队的防守只丢了308分。", ZH, "other").supported
    assert not check_support("The Broncos gave up 308 points.", EN, "other").supported


@given(st.text(max_size=120), st.text(max_size=200), st.sampled_from(["en", "zh", "other"]))
def test_any_text_gets_a_verdict_with_its_reasons(sentence, source, lang) -> None:
    found = check_support(sentence, source, lang)
    assert 0.0 <= found.score <= 1.0
    assert found.supported == (not found.reasons)


@given(st.sampled_from([EN, ZH]), st.integers(0, 3))
def test_every_sentence_supports_itself(text: str, place: int) -> None:
    sentences = [
        piece for piece in text.replace("。", "。|").replace(". ", ".| ").split("|") if piece
    ]
    sentence = sentences[place % len(sentences)]
    assert check_support(sentence, text, "zh" if text is ZH else "en").supported


@pytest.mark.parametrize(
    ("sentence", "lang", "supported"),
    [
        ("Joshua Park has the oldest rocks.", "en", True),
        ("The oldest rocks are not in Joshua Park.", "en", False),
        ("Joshua Park has deep lakes.", "en", False),
        ("约书亚公园有最古老的岩石。", "zh", True),
        ("约书亚公园没有最古老的岩石。", "zh", False),
        ("约书亚公园拥有深邃湖泊。", "zh", False),
    ],
)
def test_what_stands_above_gives_names_but_says_nothing(
    sentence: str, lang: str, supported: bool
) -> None:
    source = {"en": "It has the oldest rocks of all.", "zh": "它有最古老的岩石。"}[lang]
    above = {"en": "Joshua Park", "zh": "约书亚公园"}[lang]
    assert not check_support(sentence, source, lang).supported
    found = check_support(sentence, source, lang, above=above)
    assert found.supported is supported, found.reasons
