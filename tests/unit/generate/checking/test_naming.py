"""A reply in a house format keeps its words; what it rests on is told beside it."""

from __future__ import annotations

import pytest

from surefoot.core.types import Chunk
from surefoot.generate.checking.naming import named_sources

TEXTS = {
    "en": [
        ("Desk", "The library opens at nine. On Saturdays the library closes at noon."),
        ("Harbour", "The harbour was built in 1887 by Lena Holm."),
    ],
    "zh": [
        ("前台", "图书馆上午九点开门。图书馆周六中午十二点关门。"),
        ("港口", "港口由林海于1887年建成。"),
    ],
}


def passages(lang):
    return [
        Chunk(f"c{i}", f"d{i}", text, 10, 10 + len(text), title=title)
        for i, (title, text) in enumerate(TEXTS[lang])
    ]


def told(text, lang):
    found = named_sources(text, passages(lang), lang)
    for citation in found:
        start = citation.source_start - 10
        assert citation.chunk.text[start : citation.source_end - 10] == citation.quote
    return [(text[c.start : c.end], c.number, c.supported) for c in found]


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "answer[Lena Holm], source[2]", [("Lena Holm", 2, True)]),
        ("en", "answer[Lena Holm], source[Harbour]", [("Lena Holm", 2, True)]),
        ("en", "answer[Lena Holm], source[d1]", [("Lena Holm", 2, True)]),
        ("en", "answer[Lena Holm], source[1]", [("Lena Holm", 1, False)]),
        ("en", "answer[Lena Holm]", [("Lena Holm", 2, True)]),
        ("en", "answer[1887], source[2, 9]", [("1887", 2, True)]),
        ("en", "answer[Paris]", []),
        ("en", "answer[yes], open[no]", []),
        ("en", "name[Alimentum], area[city centre]", []),
        ("en", "source[2]", [("source[2]", 2, False)]),
        (
            "en",
            "The harbour was built in 1887 [2].",
            [("The harbour was built in 1887 [2].", 2, True)],
        ),
        ("en", "Lena Holm built the harbour.", [("Lena Holm built the harbour.", 2, True)]),
        ("en", "The harbour [2] was built.", [("The harbour [2] was built.", 2, True)]),
        ("en", "Holm[2] built it in 1887.", [("Holm[2] built it in 1887.", 2, True)]),
        ("en", "open[1887], by[Lena Holm]", [("1887", 2, True), ("Lena Holm", 2, True)]),
        ("en", "It rains.", []),
        ("en", "", []),
        ("zh", "答案[林海]，来源[2]", [("林海", 2, True)]),
        ("zh", "答案【林海】，来源【港口】", [("林海", 2, True)]),
        ("zh", "答案[林海]", [("林海", 2, True)]),
        ("zh", "答案[巴黎]", []),
        ("zh", "港口于1887年建成[2]。", [("港口于1887年建成[2]。", 2, True)]),
        ("zh", "关键词一；关键词二", []),
    ],
)
def test_what_is_named_or_said_again_is_cited(lang, text, expected):
    assert told(text, lang) == expected
