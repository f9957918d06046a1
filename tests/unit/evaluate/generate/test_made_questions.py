"""Each method makes real questions in both languages, with gold that is the right span of its document."""

from __future__ import annotations

import pytest

from surefoot.evaluate.generate.methods import METHODS

EXPECTED = {
    "heading": {
        "en": {"mooring buoy": "rented for a month", "rare maps": "kept in the cellar"},
        "zh": {"系泊浮标": "按月出租", "珍本地图": "地下室"},
    },
    "definition": {
        "en": {"windlass": "hauls the anchor chain", "berth_code": "which pier"},
        "zh": {"绞盘": "收起锚链", "berth_code": "哪个码头"},
    },
    "statement": {
        "en": {
            "leave a boat over the winter": "dry dock",
            "register a new boat": "papers of the boat",
            "ferry waits for the tide": "too shallow",
        },
        "zh": {"过冬": "干船坞", "登记新的渔船": "证件", "等待涨潮": "太浅"},
    },
    "table": {
        "en": {"under six metres": "40 crowns", "six to ten metres": "75 crowns"},
        "zh": {"六米以下": "40克朗", "六米到十米": "75克朗"},
    },
    "asked": {
        "en": {"parcel": "My parcel has not arrived yet."},
        "zh": {"包裹": "我的包裹还没有收到。"},
    },
}


@pytest.mark.parametrize("method", list(EXPECTED))
def test_what_is_asked_stands_in_the_gold(method, lang, offers_of, gold):
    offers = offers_of(method)
    for asked, answer in EXPECTED[method][lang].items():
        found = [offer for offer in offers if asked in offer.question]
        assert found, (asked, [offer.question for offer in offers])
        assert answer in gold(found[0])


@pytest.mark.parametrize("method", list(METHODS))
def test_offers_are_the_same_with_the_same_seed(method, offers_of):
    assert offers_of(method, 3) == offers_of(method, 3)


@pytest.mark.parametrize("method", list(METHODS))
def test_every_gold_is_a_span_with_text_and_every_question_one_line(method, lang, offers_of, gold):
    for offer in offers_of(method):
        assert (offer.lang, offer.method) == (lang, method)
        assert gold(offer).strip()
        assert offer.question == " ".join(offer.question.split())
        assert "*" not in offer.question
        assert "](" not in offer.question


def test_answers_stand_in_the_gold(offers_of, gold):
    for method in ("definition", "statement", "table"):
        for offer in offers_of(method):
            plain = gold(offer).replace("*", "").replace("`", "").replace("\n", " ")
            assert offer.answers[0][:20].rstrip("。.") in plain


def test_questions_are_worded_in_the_language_and_end_as_one(lang, offers_of):
    for method in ("heading", "definition", "statement", "table"):
        for offer in offers_of(method):
            assert offer.question.endswith("？" if lang == "zh" else "?") or "请" in offer.question


def test_a_heading_that_stands_over_anything_is_not_asked_for(offers_of):
    assert not [o for o in offers_of("heading") if "ecap" in o.question or "小结" in o.question]


def test_a_heading_that_asks_is_asked_as_it_is(lang, offers_of):
    wanted = {"en": "Who looks after the lighthouse?", "zh": "谁负责看守灯塔？"}[lang]
    asked = [offer.question.lower() for offer in offers_of("heading")]
    assert any(one.endswith(wanted.lower()) for one in asked)


def test_you_becomes_i(lang, offers_of):
    asked = [offer.question for offer in offers_of("statement")]
    assert not [one for one in asked if " you " in one or "你" in one]
    assert any((" I " if lang == "en" else "我") in one for one in asked)


def test_a_list_of_questions_gives_some_of_its_lines_hidden(lang, pages, offers_of):
    offers = [offer for offer in offers_of("asked") if offer.hidden]
    assert 0 < len(offers) <= 2
    text = next(page.document.text for page in pages if "desk" in page.document.id)
    for offer in offers:
        start, end = offer.hidden
        assert text[start:end].strip() == offer.question


def test_key_phrases_name_the_section_and_something_in_it(lang, offers_of, gold):
    offers = [offer for offer in offers_of("keyphrase") if "harbour" in offer.document_id]
    for offer in offers:
        assert len(offer.question) <= 120


def test_a_removed_sentence_is_not_the_gold_alone(offers_of, gold):
    for offer in offers_of("cloze"):
        start, end = offer.hidden
        assert offer.end - offer.start > end - start
        assert offer.start <= start
        assert end <= offer.end
