"""What a chat model writes is believed only where it can be checked."""

from __future__ import annotations

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.errors import TransientError
from surefoot.evaluate.generate.offers import body
from surefoot.evaluate.generate.written import Writer, passages, read_pair
from surefoot.testing.fakes import FakeChat

PAIR = {
    "en": "QUESTION: How long is a mooring buoy of Alder rented for?\nANSWER: a month at a time\n"
    "QUOTE: A mooring buoy is rented for a month at a time.",
    "zh": "问题：桦林港的系泊浮标按什么期限出租？\n答案：按月出租\n原文：系泊浮标按月出租。",
}
UNKNOWN = {"en": "I do not know the answer.", "zh": "我不知道答案。"}
RIGHT = {"en": "a month at a time", "zh": "按月出租"}
WRONG = {"en": "seven years", "zh": "七年"}


@pytest.fixture
def place(pages):
    page = pages[0]
    section = next(s for s in page.sections if "buoy" in s.heading or "浮标" in s.heading)
    return page, body(section)


def write(place, lang, *replies, calls=10):
    writer = Writer(FakeChat(replies, context_tokens=4096), Prompts(), calls)
    return (*writer.offer(*place, lang), writer)


def test_a_pair_that_holds_is_taken_with_its_quote(lang, place):
    offer, problem, writer = write(place, lang, PAIR[lang], UNKNOWN[lang], RIGHT[lang])
    assert problem == ""
    assert place[0].document.text[offer.start : offer.end] == PAIR[lang].split("\n")[2][3:].split(
        ": "
    )[-1].strip("：")
    assert offer.answers == (RIGHT[lang],)
    assert writer.meter.usage.calls == 3


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (lambda text: "I cannot do that at all.", "the reply has no question, answer and quote"),
        (
            lambda text: text.replace("rented", "sold").replace("按月", "按年"),
            "the quote is not in the text",
        ),
        (
            lambda text: text.replace("ANSWER: a month at a time", "ANSWER: seven crowns").replace(
                "答案：按月出租", "答案：七克朗"
            ),
            "the answer is not in the quote",
        ),
        (
            lambda text: text.replace("of Alder", "in the text").replace("桦林港的", "文中的"),
            "the question speaks of the text",
        ),
    ],
)
def test_a_pair_that_does_not_hold_is_dropped_by_reason(lang, place, changed, problem):
    assert write(place, lang, changed(PAIR[lang]), UNKNOWN[lang], RIGHT[lang])[:2] == (
        None,
        problem,
    )


def test_what_is_known_without_the_documents_is_dropped(lang, place):
    found = write(place, lang, PAIR[lang], RIGHT[lang], RIGHT[lang])
    assert found[:2] == (None, "answered without the documents")


def test_what_is_not_answered_alike_from_the_passage_is_dropped(lang, place):
    found = write(place, lang, PAIR[lang], UNKNOWN[lang], WRONG[lang])
    assert found[:2] == (None, "not answered alike from its passage")


def test_calls_end_at_the_cap_and_failures_count(lang, place):
    offer, problem, writer = write(place, lang, TransientError("busy"), calls=1)
    assert (offer, problem) == (None, "the model gave no usable reply")
    assert writer.spent
    assert writer.offer(*place, lang)[0] is None
    assert len(writer._model.asked) == 1


def test_the_forecast_counts_three_calls_a_pair_and_asks_nothing(lang, place):
    writer = Writer(FakeChat(["x"]), Prompts(), 10)
    expected = writer.forecast([place, place], lang)
    assert expected.calls == 6
    assert expected.prompt_tokens > 200
    assert writer._model.asked == []


@pytest.mark.parametrize(
    "reply",
    [
        'Sure!\n**QUESTION:** Who?\n**ANSWER:** Ann\n**QUOTE:** "Ann came."',
        "问题: Who?\n答案: Ann\n原文: “Ann came.”",
    ],
)
def test_the_three_lines_are_read_whatever_stands_around(reply):
    pair = read_pair(reply)
    assert (pair.question, pair.answer, pair.quote) == ("Who?", "Ann", "Ann came.")


def test_passages_go_round_the_documents(lang, pages):
    from random import Random

    names = [page.document.id for page, _ in passages(pages, lang, Random(1))]
    assert len(names) > 1
    assert names[0] != names[1]
