"""What is dropped, how offers are drawn, other wordings, and questions without an answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from surefoot.core.types import Chunk, Hit
from surefoot.evaluate.generate.absent import foreign, paired, renamed
from surefoot.evaluate.generate.checks import Checks, shingles
from surefoot.evaluate.generate.choose import choose
from surefoot.evaluate.generate.offers import Library, Offer
from surefoot.evaluate.generate.rewording import reworded
from surefoot.evaluate.generate.wording import as_asker, points_elsewhere, stands_alone

GOLD = {
    "en": "A mooring buoy is rented for a month at a time.",
    "zh": "系泊浮标按月出租，名单每周一宣读。",
}
ASKED = {"en": "How is a mooring buoy rented?", "zh": "系泊浮标怎样出租？"}


def offer(lang, document="d", method="heading", question="", about=""):
    asked = question or ASKED[lang]
    return Offer(asked, lang, document, method, 0, len(GOLD[lang]), about or asked)


def hit(document, text, lang, start=0):
    return Hit(
        Chunk(f"{document}{start}", document, text, start, start + len(text), lang=lang),
        1,
        "search",
    )


def checks(pages, lang, *hits):
    return Checks.over(lambda question, lang: hits, Library.of(pages), lambda name: GOLD[lang])


def test_a_question_that_finds_its_gold_is_taken_once(pages, lang):
    one = checks(pages, lang, hit("d", GOLD[lang], lang))
    assert one.problem(offer(lang)) == ""
    assert one.problem(offer(lang)) == "asked already"


def test_a_question_whose_gold_is_not_found_is_dropped(pages, lang):
    one = checks(pages, lang, hit("other", "…", lang))
    assert one.problem(offer(lang)) == "not found by its words"


def test_a_text_that_stands_elsewhere_is_dropped(pages, lang):
    one = checks(pages, lang, hit("d", GOLD[lang], lang), hit("copy", GOLD[lang] + " x", lang))
    assert one.problem(offer(lang)) == "the same text stands elsewhere"


def test_a_better_place_with_the_same_words_is_a_rival_in_its_language_only(pages, lang):
    rival = ASKED[lang] + {"en": " Ask at the desk.", "zh": "请到柜台询问。"}[lang]
    found = hit("d", GOLD[lang], lang)
    one = checks(pages, lang, hit("rival", rival, lang), found)
    assert one.problem(offer(lang)) == "another place has its words as well"
    twin = checks(pages, lang, hit("rival", rival, "zh" if lang == "en" else "en"), found)
    assert twin.problem(offer(lang)) == ""


def test_what_one_question_hides_is_no_gold_of_another(pages, lang):
    found = hit("d", GOLD[lang], lang)
    sentence = (0, len(GOLD[lang]))
    hiding = replace(offer(lang, about="x y"), hidden=sentence, end=1000)
    first = checks(pages, lang, found)
    assert first.problem(hiding) == ""
    assert first.problem(offer(lang)) == "what one question hides answers another"
    second = checks(pages, lang, found)
    assert second.problem(offer(lang)) == ""
    assert second.problem(hiding) == "what one question hides answers another"


def test_shingles_are_told_without_white_space():
    assert shingles("ab cde fgh") == shingles("abcdefgh")


def drawn(offers, wanted, check=lambda offer: ""):
    return [one for one, problem in choose(offers, wanted, check, Random(1)) if not problem]


def test_no_document_and_no_method_dominates():
    offers = [
        offer("en", f"d{i % 10}" if method != "heading" else "big", method, f"{method} {i}")
        for method in ("heading", "definition", "statement")
        for i in range(60)
    ]
    taken = drawn(offers, 33)
    assert len(taken) == 33
    counts = Counter(one.document_id for one in taken)
    assert max(counts.values()) <= 9
    assert set(Counter(one.method for one in taken)) == {"heading", "definition", "statement"}


def test_what_is_dropped_is_made_up_for_and_told():
    offers = [offer("en", f"d{i}", question=f"q{i}") for i in range(20)]
    seen = list(
        choose(offers, 5, lambda one: "odd" if int(one.question[1:]) % 2 else "", Random(1))
    )
    assert sum(not problem for _, problem in seen) == 5
    assert all(problem == "odd" for one, problem in seen if int(one.question[1:]) % 2)


def test_filling_methods_wait_for_the_others():
    offers = [
        offer("en", f"{method}{i}", method, f"{method} {i}")
        for method in ("statement", "cloze")
        for i in range(30)
    ]
    assert {one.method for one in drawn(offers, 30)} == {"statement"}
    assert Counter(one.method for one in drawn(offers, 40))["cloze"] == 10


@pytest.mark.parametrize(
    ("lang", "question", "kept"),
    [
        ("en", 'In "Create a buoy": how do I create a buoy?', '"Create a buoy"'),
        ("zh", "在“创建浮标”里，怎样创建浮标？", "“创建浮标”"),
    ],
)
def test_other_words_leave_quotes_alone(lang, question, kept):
    said = reworded(question, lang, Random(1))
    assert said != question
    assert kept in said
    assert reworded(question, lang, Random(1)) == said


@pytest.mark.parametrize(
    ("lang", "text", "said"),
    [
        (
            "en",
            "you want to move your boat and you're late",
            "I want to move my boat and I am late",
        ),
        ("en", "the harbour calls you", "the harbour calls me"),
        ("zh", "你想移动您的船", "我想移动我的船"),
    ],
)
def test_the_asker_speaks_of_himself(lang, text, said):
    assert as_asker(text, lang) == said


@pytest.mark.parametrize(
    ("lang", "text", "alone"),
    [
        ("en", "rent a mooring buoy", True),
        ("en", "run it again", False),
        ("en", "use that buoy", False),
        ("zh", "租用系泊浮标", True),
        ("zh", "重复上述步骤", False),
        ("zh", "使用它", False),
    ],
)
def test_what_points_outside_does_not_stand_alone(lang, text, alone):
    assert stands_alone(text, lang) is alone


@pytest.mark.parametrize(
    ("text", "elsewhere"),
    [
        ("read the docs for the harbour.", True),
        ("the buoy is rented by the month.", False),
        ("请查看港务文档。", True),
        ("浮标按月出租。", False),
    ],
)
def test_a_sentence_that_only_leads_elsewhere_is_told(text, elsewhere):
    assert points_elsewhere(text) is elsewhere


def test_a_renamed_thing_is_not_in_the_documents(pages):
    taken = [
        replace(offer("en", question=f"What does {name} do?"), about=name)
        for name in ("HarbourMaster", "TideTable", "BuoyList")
    ]
    library = Library.of(pages)
    made = list(renamed(taken, library, Random(1)))
    assert len(made) == 3
    for one in made:
        assert one.method == "renamed"
        assert one.answers == ()
        assert not any(library.frequency[term.lower()] for term in one.about.split())


def test_paired_things_stand_in_no_document_together(lang, pages):
    made = [
        one
        for one, _ in zip(paired(pages, lang, Library.of(pages), Random(1)), range(5), strict=False)
    ]
    for one in made:
        first, second = one.about.split()[0], one.about.split()[-1]
        assert not any(first in p.document.text and second in p.document.text for p in pages)


def test_questions_of_others_have_no_gold_here():
    made = list(foreign([offer("en"), replace(offer("zh"), hidden=(0, 3))]))
    assert [(one.method, one.start, one.end) for one in made] == [("neighbour", 0, 0)]
