"""A review writes each decision, keeps what was before, makes one version a sitting, and goes on another day."""

from __future__ import annotations

import pytest

from surefoot.core.errors import ConfigError, SurefootError
from surefoot.core.types import Document, EvalCase, GoldSpan
from surefoot.evaluate.evalsets import load_evalset, make_evalset, revised, write_evalset
from surefoot.evaluate.evalsets.library import Library
from surefoot.evaluate.evalsets.reviewing import Change, Review

TEXTS = {
    "leave.md": "Staff take 25 days of leave. Parents take 26 weeks.",
    "休假.md": "员工每年二十五天年假。育儿假二十六周。",
}
LIBRARY = Library.of_documents(Document(name, name, "", text) for name, text in TEXTS.items())
CASES = (
    EvalCase("a", "How much leave?", "en", {"leave.md": 1}, ("25 days",), cluster="leave.md",
             gold=(GoldSpan("leave.md", "25 days", 11, 18),), source="generated:heading"),
    EvalCase("b", "年假几天？", "zh", {"休假.md": 1}, ("二十五天",), cluster="休假.md", source="imported"),
    EvalCase("c", "Who?", "en", answerable=False, source="generated:absent"),
    EvalCase("d", "Asked by a person?", "en", source="human"),
)  # fmt: skip


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "set.jsonl"
    write_evalset(make_evalset("set", CASES), file)
    return file


def _review(path):
    return Review(path, "li", lambda: "2026-01-02T03:04:05+00:00", LIBRARY)


def test_what_people_did_not_see_is_waiting_until_it_is_decided(path):
    work = _review(path)
    assert [case.id for case in work.waiting()] == ["a", "b", "c"]
    work.accept("a")
    again = _review(path)
    assert [case.id for case in again.waiting()] == ["b", "c"]
    assert [case.id for case in again.waiting({"a", "d"})] == ["a", "d"]
    case = load_evalset(path).cases[0]
    assert case.source == "human-reviewed:generated:heading"
    assert case.meta["review"] == [
        {"decision": "accepted", "by": "li", "at": "2026-01-02T03:04:05+00:00"}
    ]
    assert load_evalset(path).version == 1


def test_an_edit_is_kept_with_what_was_before(path):
    work = _review(path)
    case = work.edit("b", Change("育儿假多长？", ("二十六周",), "育儿假 二十六周"))
    (span,) = case.gold
    assert TEXTS["休假.md"][span.start : span.end] == span.quote == "育儿假二十六周"
    before = case.meta["review"][0]["before"]
    assert (before["question"], before["answers"]) == ("年假几天？", ["二十五天"])
    found = load_evalset(path)
    assert (found.version, found.parent) == (2, make_evalset("set", CASES).digest)
    assert found.cases[1] == case


def test_a_quote_moves_the_gold_to_the_document_that_has_it(path):
    case = _review(path).edit("b", Change(quote="Parents take 26 weeks"))
    assert dict(case.relevant) == {"leave.md": 1}


def test_no_answer_means_that_the_documents_do_not_answer(path):
    case = _review(path).edit("a", Change(answers=()))
    assert (case.answerable, case.gold, dict(case.relevant)) == (False, (), {})
    with pytest.raises(ConfigError, match="not answerable"):
        _review(path).edit("c", Change(quote="25 days"))


def test_a_bad_edit_changes_nothing(path):
    before = path.read_bytes()
    work = _review(path)
    for change in (Change(quote="nowhere to be found"), Change(question=" ")):
        with pytest.raises(SurefootError):
            work.edit("a", change)
    assert path.read_bytes() == before


def test_rejected_cases_leave_the_set_and_are_kept_beside_it(path):
    work = _review(path)
    work.reject("a")
    work.reject("c")
    work.edit("b", Change("年假有几天？"))
    found = load_evalset(path)
    assert [case.id for case in found.cases] == ["b", "d"] and found.version == 2
    rejected = load_evalset(path.with_name("set.rejected.jsonl"))
    assert [case.id for case in rejected.cases] == ["a", "c"]
    assert rejected.cases[0].meta["review"][0]["decision"] == "rejected"
    work.reject("b")
    with pytest.raises(ConfigError, match="no questions"):
        work.reject("d")


def test_a_set_that_someone_else_changed_is_left_alone(path):
    work = _review(path)
    theirs = revised(load_evalset(path), CASES[:2])
    write_evalset(theirs, path)
    with pytest.raises(ConfigError, match="someone else"):
        work.reject("a")
    assert load_evalset(path) == theirs
    assert not path.with_name("set.rejected.jsonl").exists()


def test_the_evidence_shows_the_quote_in_its_surroundings(path):
    work = _review(path)
    (shown,) = work.evidence(CASES[0])
    assert (shown.before, shown.quote, shown.after[:9]) == ("Staff take ", "25 days", " of leave")
    (whole,) = work.evidence(CASES[1])
    assert (whole.quote, whole.after) == ("", TEXTS["休假.md"])
    lost = EvalCase("x", "?", "en", {"leave.md": 1}, gold=(GoldSpan("leave.md", "30 days"),))
    assert not work.evidence(lost)[0].found
