"""Citations against values worked out by hand, in both languages."""

from __future__ import annotations

import pytest

from surefoot.core.types import Answer, Chunk, Citation, EvalCase, GoldSpan, Hit
from surefoot.evaluate.metrics.citing import (
    citation_precision,
    citation_recall,
    citation_support,
    evidence_cited,
    groundedness,
)

TEXTS = {
    "en": (
        "The harbour of Alder was built in 1887. ",
        "It has three cranes. ",
        "A ticket costs 12 crowns.",
    ),
    "zh": ("桦林港于1887年建成。", "港口有三台起重机。", "船票的价格是十二元。"),
}
SAID = {
    "en": ("The harbour was built in 1887 [1].", "It has nine cranes [1].", "Tickets are free."),
    "zh": ("桦林港于1887年建成[1]。", "港口有九台起重机[1]。", "船票免费。"),
}  # fmt: skip


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


def document(lang, name="d"):
    text = "".join(TEXTS[lang])
    return Chunk(f"{name}0", name, text, 0, len(text))


def answer(lang, quotes, name="d"):
    """The three sentences; each place in `quotes` cites that sentence of the document."""
    gap = " " if lang == "en" else ""
    said = gap.join(SAID[lang])
    citations = []
    for place, quoted in quotes:
        quote = TEXTS[lang][quoted].strip()
        start = said.index(SAID[lang][place])
        at = document(lang).text.index(quote)
        citations.append(
            Citation(
                1,
                start,
                start + len(SAID[lang][place]),
                document(lang, name),
                at,
                at + len(quote),
                quote,
            )
        )
    return Answer(said, tuple(citations))


def span(lang, place):
    start = sum(map(len, TEXTS[lang][:place]))
    return GoldSpan("d", TEXTS[lang][place], start, start + len(TEXTS[lang][place]))


def test_a_citation_holds_where_its_quote_supports_the_sentence(lang):
    given = answer(lang, [(0, 0), (1, 1)])  # the first is right, the second says nine for three
    assert citation_support(given, lang) == 1 / 2
    assert citation_recall(given, lang) == 1 / 3  # of three sentences
    assert citation_support(answer(lang, []), lang) is None
    assert citation_recall(answer(lang, []), lang) == 0
    assert citation_recall(Answer(""), lang) is None


def test_precision_asks_whether_the_evidence_was_cited(lang):
    case = EvalCase("q", "?", lang, {"d": 1})
    assert citation_precision(answer(lang, [(0, 0), (1, 1)]), case) == 1
    assert citation_precision(answer(lang, [(0, 0)], name="other"), case) == 0
    spanned = EvalCase("q", "?", lang, {"d": 1}, gold=(span(lang, 1), span(lang, 2)))
    assert citation_precision(answer(lang, [(0, 0), (1, 1)]), spanned) == 1 / 2
    assert evidence_cited(answer(lang, [(0, 0), (1, 1)]), spanned) == 1 / 2
    assert citation_precision(answer(lang, [(0, 0)]), EvalCase("q", "?", lang)) is None


def test_evidence_that_nobody_cites_counts_against_a_refusal_too(lang):
    case = EvalCase("q", "?", lang, {"d": 1, "e": 2, "x": 0})
    assert evidence_cited(answer(lang, [(0, 0)]), case) == 1 / 2
    assert evidence_cited(Answer("no", refused=True), case) == 0
    assert evidence_cited(None, case) == 0


def test_an_answer_is_grounded_in_what_was_found_cited_or_not(lang):
    hits = [Hit(document(lang), 1.0, "search")]
    assert groundedness(answer(lang, []), hits, lang) == pytest.approx(1 / 3)
    assert groundedness(answer(lang, [(0, 0)]), [], lang) == pytest.approx(1 / 3)
    assert groundedness(Answer(SAID[lang][0]), [], lang) == 0
    assert groundedness(Answer(""), hits, lang) is None
