from dataclasses import replace

import pytest

from surefoot.core.types import Chunk
from surefoot.generate.checking.verify import best_source, verify

EN = [
    "The library opens at nine. On Saturdays it closes at noon. Members may borrow twelve books.",
    "The harbour was built in 1887 by Lena Holm. The harbour has three cranes.",
]
ZH = [
    "图书馆上午九点开门。图书馆周六中午十二点关门。会员可以借阅十二本书。",
    "港口由林海于1887年建成。港口有三台起重机。",
]


def chunks(texts, start=100):
    return [Chunk(f"c{i}", f"d{i}", text, start, start + len(text)) for i, text in enumerate(texts)]


def check(reply, texts, on_unsupported="mark"):
    return verify(
        reply, chunks(texts), "zh" if texts is ZH else "en", on_unsupported=on_unsupported
    )


def cited(checked):
    return [(c.number, c.quote, c.supported) for c in checked.citations]


@pytest.mark.parametrize(
    ("texts", "reply", "quotes"),
    [
        (EN, "The library closes at noon on Saturdays [1].", ["On Saturdays it closes at noon."]),
        (EN, "The harbour has three cranes [2].", ["The harbour has three cranes."]),
        (ZH, "图书馆周六中午十二点关门[1]。", ["图书馆周六中午十二点关门。"]),
        (ZH, "港口有三台起重机【2】。", ["港口有三台起重机。"]),
    ],
)
def test_a_citation_names_the_sentence_that_supports(texts, reply, quotes):
    checked = check(reply, texts)
    assert [quote for _, quote, _ in cited(checked)] == quotes
    assert checked.unsupported == ()
    for citation in checked.citations:
        text = citation.chunk.text
        at = citation.chunk.start
        assert text[citation.source_start - at : citation.source_end - at] == citation.quote
        assert f"[{citation.number}]" in checked.text[citation.start : citation.end]


@pytest.mark.parametrize(
    ("texts", "reply"),
    [
        (EN, "The harbour was built in 1987 [2]."),
        (EN, "The library closes at eight on Saturdays [1]."),
        (EN, "The harbour was built by Marta Olsen in 1887 [2]."),
        (ZH, "港口由林海于1987年建成[2]。"),
        (ZH, "会员可以借阅二十本书[1]。"),
    ],
)
def test_a_changed_fact_is_marked_or_dropped(texts, reply):
    marked = check(reply, texts)
    assert len(marked.unsupported) == 1
    assert [supported for _, _, supported in cited(marked)] == [False]
    assert "[" in marked.text
    dropped = check(reply, texts, "drop")
    assert (dropped.text, dropped.citations) == ("", ())
    assert "no passage supports" in dropped.notes[0]


@pytest.mark.parametrize(
    ("texts", "reply", "kept"),
    [
        (
            EN,
            "The harbour has three cranes [2]. It has a golden roof [2]. Members may borrow twelve books [1].",
            "The harbour has three cranes [2]. Members may borrow twelve books [1].",
        ),
        (ZH, "港口有三台起重机[2]。港口有金色的屋顶[2]。", "港口有三台起重机[2]。"),
    ],
)
def test_the_rest_stays_when_a_sentence_is_dropped(texts, reply, kept):
    checked = check(reply, texts, "drop")
    assert checked.text == kept
    for citation in checked.citations:
        assert f"[{citation.number}]" in checked.text[citation.start : citation.end]


def test_unknown_numbers_are_removed():
    checked = check("The harbour has three cranes [2][7].", EN)
    assert checked.text == "The harbour has three cranes [2]."
    assert checked.notes == ("removed citations of passages that do not exist: [7]",)


def test_a_citation_that_does_not_support_is_removed_beside_one_that_does():
    checked = check("The harbour has three cranes [1, 2].", EN)
    assert checked.text == "The harbour has three cranes [2]."
    assert "removed a citation" in checked.notes[0]


@pytest.mark.parametrize(
    ("texts", "reply", "text"),
    [
        (EN, "The harbour has three cranes [1].", "The harbour has three cranes [2]."),
        (EN, "The harbour has three cranes.", "The harbour has three cranes [2]."),
        (ZH, "港口有三台起重机[1]。", "港口有三台起重机[2]。"),
        (ZH, "港口有三台起重机。", "港口有三台起重机[2]。"),
    ],
)
def test_a_supporting_passage_is_found_where_none_is_cited_rightly(texts, reply, text):
    checked = check(reply, texts)
    assert checked.text == text
    assert checked.supported == 1


def test_two_passages_may_support_a_sentence_together():
    both = check("Members may borrow twelve books, and the harbour has three cranes [1][2].", EN)
    assert both.unsupported == ()
    assert [number for number, _, _ in cited(both)] == [1, 2]


def test_a_sentence_from_several_places_of_a_passage_cites_them_together():
    source = best_source("The library opens at nine and closes at noon.", 1, chunks(EN)[0], "en")
    assert source.supported
    assert source.quote.startswith("The library opens at nine. On Saturdays")


@pytest.mark.parametrize("lead", ["The passages say:", "资料中写道："])
def test_a_lead_needs_no_support(lead):
    assert check(f"{lead}\n- The harbour has three cranes [2]", EN).unsupported == ()


@pytest.mark.parametrize("how", ["mark", "drop"])
@pytest.mark.parametrize(
    ("texts", "lead", "rest"),
    [
        (EN, "That is: [1]", "The library opens at nine [1]."),
        (ZH, "如下：[1]", "图书馆上午九点开门[1]。"),
    ],
)
def test_a_lead_is_no_claim_and_keeps_no_citation_that_does_not_support_it(texts, lead, rest, how):
    checked = check(f"{lead}\n{rest}", texts, how)
    assert checked.text == f"{lead.removesuffix('[1]').strip()}\n{rest}"
    assert [supported for _, _, supported in cited(checked)] == [True]
    assert checked.unsupported == ()


def test_items_of_a_numbered_list_are_checked_without_their_number():
    checked = check(
        "1. The harbour has three cranes [2]\n2. Members may borrow twelve books [1]", EN
    )
    assert checked.unsupported == ()
    assert checked.text.splitlines()[1] == "2. Members may borrow twelve books [1]"


def test_a_reply_without_claims_is_empty():
    assert check("[1]", EN).text == ""


TITLED = {
    "en": Chunk(
        "c",
        "d",
        "It opens at nine. It closes at noon on Saturdays. Twelve books may be borrowed from it.",
        0,
        86,
        title="Town Library of Elmstead",
        headings=("Opening hours in 2031",),
    ),
    "zh": Chunk(
        "c",
        "d",
        "它上午九点开门。周六中午十二点关门。可以借阅十二本书。",
        0,
        27,
        title="榆树镇图书馆",
        headings=("2031年开放时间",),
    ),
}


@pytest.mark.parametrize(
    ("lang", "reply", "quote"),
    [
        (
            "en",
            "The Town Library of Elmstead closes at noon on Saturdays [1].",
            "It closes at noon on Saturdays.",
        ),
        (
            "en",
            "In 2031 the library in Elmstead opens at nine [1].",
            "It opens at nine.",
        ),
        ("zh", "榆树镇图书馆周六中午十二点关门[1]。", "周六中午十二点关门。"),
        ("zh", "2031年榆树镇图书馆上午九点开门[1]。", "它上午九点开门。"),
    ],
)
def test_title_and_headings_name_what_a_sentence_calls_it(lang, reply, quote):
    checked = verify(reply, [TITLED[lang]], lang, on_unsupported="mark")
    assert [(c.quote, c.supported) for c in checked.citations] == [(quote, True)]
    assert not verify(
        reply, [replace(TITLED[lang], title="", headings=())], lang, on_unsupported="mark"
    ).supported


@pytest.mark.parametrize(
    ("lang", "reply"),
    [
        ("en", "The Town Library of Elmstead closes at eight on Saturdays [1]."),
        ("en", "The Town Library of Oakham closes at noon on Saturdays [1]."),
        ("en", "The Town Library of Elmstead was founded by monks [1]."),
        ("en", "The Town Library of Elmstead does not close at noon on Saturdays [1]."),
        ("en", "Twelve books may not be borrowed from the Town Library [1]."),
        ("en", "In 2032 the library in Elmstead opens at nine [1]."),
        ("zh", "榆树镇图书馆周六中午八点关门[1]。"),
        ("zh", "桦林镇图书馆周六中午十二点关门[1]。"),
        ("zh", "榆树镇图书馆由僧侣建立[1]。"),
        ("zh", "榆树镇图书馆周六中午十二点不关门[1]。"),
        ("zh", "2032年榆树镇图书馆上午九点开门[1]。"),
    ],
)
def test_a_title_does_not_support_what_the_text_does_not_say(lang, reply):
    assert len(verify(reply, [TITLED[lang]], lang, on_unsupported="mark").unsupported) == 1


@pytest.mark.parametrize(
    ("lang", "reply"),
    [
        ("en", "The library in Elmstead opens at nine, and the harbour has three cranes [1][2]."),
        ("zh", "榆树镇图书馆上午九点开门，港口有三台起重机[1][2]。"),
    ],
)
def test_two_titled_passages_support_a_sentence_together(lang, reply):
    harbour = chunks(EN if lang == "en" else ZH)[1]
    checked = verify(reply, [TITLED[lang], harbour], lang, on_unsupported="mark")
    assert checked.unsupported == ()
    assert [c.number for c in checked.citations] == [1, 2]


@pytest.mark.parametrize(("texts", "reply"), [(EN, "1987. [2]"), (ZH, "1987.[2]")])
def test_an_answer_that_is_a_bare_number_is_no_list_mark(texts, reply):
    assert check(reply, texts).unsupported != ()
    assert check(reply.replace("1987", "1887"), texts).unsupported == ()
