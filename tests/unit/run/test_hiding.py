"""Hidden spans leave blanks of their length, which cleaning does not take away."""

from __future__ import annotations

import pytest

from surefoot.core.types import EvalCase, EvalSet
from surefoot.evaluate.hidden import hidden_spans
from surefoot.ingest.clean import clean
from surefoot.run.hiding import without

TEXTS = {
    "en": "First line.\nHidden here.\nAnd there too.\n\nLast line.",
    "zh": "第一行。\n这里隐藏。\n那里也是。\n\n最后一行。",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_offsets_stay_also_when_the_text_is_cleaned(lang):
    text = TEXTS[lang]
    start = text.index("\n") + 1
    end = text.rindex("\n\n")
    blanked = without(text, [(start, end)])
    assert len(blanked) == len(text)
    assert not any(char.isalnum() for char in blanked[start:end])
    assert (blanked[:start], blanked[end:]) == (text[:start], text[end:])
    assert clean(blanked, markup="markdown").text == blanked


def test_a_single_character_and_nothing_are_hidden_too():
    assert without("abc", [(1, 2)]) == "a·c"
    assert without("abc", [(1, 1)]) == "abc"


def test_the_hidden_spans_of_a_set_are_gathered_by_document():
    places = [("d", 5, 9), ("d", 1, 3), ("e", 0, 2)]
    cases = tuple(
        EvalCase(f"q{i}", "?", "en", meta={"hidden": {"doc": doc, "start": start, "end": end}})
        for i, (doc, start, end) in enumerate(places)
    )
    found = hidden_spans(EvalSet("s", "x", (*cases, EvalCase("q", "?", "en"))))
    assert found == {"d": [(1, 3), (5, 9)], "e": [(0, 2)]}
