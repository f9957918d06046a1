"""Ten situations, and the advice that each is given in both languages, word for word.

After a change of wording, `UPDATE_ADVICE=1 pytest` on this file writes them anew: read them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from surefoot.optimize.advise.advice import advise
from surefoot.optimize.advise.interview import read_answers
from surefoot.optimize.advise.page import advice_text

FOLDER = Path(__file__).resolve().parents[3] / "data" / "advice"
SITUATIONS = sorted(FOLDER.glob("*.toml"))
FORMS = {
    "chinese-service": "both",
    "hospital": "both",
    "house-style": "tune",
    "law-firm": "rag_examples",
    "meeting-notes": "prompt",
    "museum-guide": "rag",
    "startup": "rag_examples",
    "support-team": "rag",
    "ticket-labels": "prompt_examples",
    "tool-calls": "tune",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("file", SITUATIONS, ids=lambda file: file.stem)
def test_the_advice_is_what_was_read_and_found_good(file, lang):
    found = advise(read_answers(file), lang)
    assert found.form == FORMS[file.stem]
    text, kept = advice_text(found), file.with_name(f"{file.stem}.{lang}.md")
    if os.environ.get("UPDATE_ADVICE"):
        kept.write_text(text, encoding="utf-8")
    assert text == kept.read_text(encoding="utf-8")


def test_every_form_of_advice_is_among_the_situations():
    assert len(SITUATIONS) == 10
    assert set(FORMS.values()) == {
        "prompt",
        "prompt_examples",
        "rag",
        "rag_examples",
        "tune",
        "both",
    }
