"""What people say of answers becomes cases where it tells the right answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from surefoot.core.errors import ConfigError, DataError
from surefoot.core.trace import SpanRecord
from surefoot.core.types import Document
from surefoot.evaluate.evalsets.feedback import add_feedback, feedback_on
from surefoot.evaluate.evalsets.library import Library
from surefoot.store.feedback import Cited, Feedback, FeedbackBook

LIBRARY = Library.of_documents([Document("hr/休假.md", "", "", "员工每年二十五天年假。")])
CITED = Cited("hr/休假.md", 0, 10, "员工每年二十五天年假")
RIGHT = Feedback("a" * 32, 5, True, "年假几天？", "二十五天年假", cited=(CITED,))


def _trace(**more):
    root = {
        "input.value": "How long is leave?",
        "output.value": "25 days [1].",
        "surefoot.refused": False,
    }
    cited = {
        "surefoot.citation.0.supported": True, "surefoot.citation.0.document": "leave.md",
        "surefoot.citation.0.start": 3, "surefoot.citation.0.end": 10, "surefoot.citation.0.content": "25 days",
        "surefoot.citation.1.supported": False, "surefoot.citation.1.document": "leave.md",
    }  # fmt: skip
    return [
        SpanRecord("t" * 32, "1", None, "ask", 0, 1, {**root, **more}),
        SpanRecord("t" * 32, "2", "1", "stage quote", 0, 1, cited),
    ]


def test_a_trace_tells_what_was_asked_said_and_cited():
    given = feedback_on(_trace(), right=True, at_ns=7)
    assert (given.question, given.said, given.at_ns) == ("How long is leave?", "25 days.", 7)
    assert given.cited == (Cited("leave.md", 3, 10, "25 days"),)
    with pytest.raises(DataError, match="no answer"):
        feedback_on(_trace(**{"output.value": ""}), right=True, at_ns=7)
    with pytest.raises(DataError, match="no question"):
        feedback_on(_trace(**{"input.value": ""}), right=True, at_ns=7)


def test_a_right_answer_with_its_citations_becomes_gold():
    (case,) = add_feedback("new", [RIGHT], LIBRARY).evalset.cases
    assert (case.id, case.source, case.lang, case.answers) == (
        "log-aaaaaaaaaaaa",
        "log",
        "zh",
        ("二十五天年假",),
    )
    assert case.gold[0].quote == CITED.quote and case.cluster == "hr/休假.md"


@pytest.mark.parametrize(
    "given",
    [
        replace(RIGHT, refused=True, cited=()),
        replace(RIGHT, right=False, answerable=False),
    ],
)
def test_a_right_refusal_is_an_unanswerable_question(given):
    (case,) = add_feedback("new", [given], LIBRARY).evalset.cases
    assert (case.answerable, case.answers, case.gold) == (False, (), ())


def test_a_wrong_answer_needs_the_right_one():
    wrong = replace(RIGHT, right=False)
    told = replace(
        wrong, trace_id="b" * 32, question="多少天年假？", correct="二十五天", source="休假.md"
    )
    joined = add_feedback("new", [wrong, told], LIBRARY)
    (case,) = joined.evalset.cases
    assert (case.answers, case.gold[0].quote) == (("二十五天",), "二十五天")
    assert "no right answer" in joined.left_out[wrong.trace_id]
    with pytest.raises(ConfigError, match="no feedback"):
        add_feedback("new", [wrong])


def test_feedback_joins_a_set_once_and_raises_its_version():
    first = add_feedback("set", [RIGHT], LIBRARY).evalset
    more = replace(RIGHT, trace_id="c" * 32, question="Is it 25?", said="Yes")
    joined = add_feedback(first, [RIGHT, more], LIBRARY)
    assert joined.added == ("log-cccccccccccc",) and "already" in joined.left_out[RIGHT.trace_id]
    assert (joined.evalset.version, joined.evalset.parent) == (2, first.digest)
    assert add_feedback(joined.evalset, [RIGHT, more]).evalset is joined.evalset


def test_the_book_keeps_every_word_and_counts_the_newest(tmp_path):
    book = FeedbackBook.at(tmp_path)
    other = replace(RIGHT, trace_id="b" * 32, at_ns=6)
    changed = replace(RIGHT, right=False, at_ns=9, correct="三十天")
    for given in (RIGHT, other, changed):
        book.add(given)
    assert book.latest() == [other, changed]
    book.close()
    assert FeedbackBook.at(tmp_path).latest() == [other, changed]
