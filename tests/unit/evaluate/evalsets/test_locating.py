"""Gold quotes are found in documents in either language; those that are not there are listed, not guessed."""

from __future__ import annotations

import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.types import Document, EvalCase, GoldSpan
from surefoot.evaluate.evalsets import locate, make_evalset

EN = Document(
    "leave.md", "leave.md", "", "Leave\n\nStaff take **25 days**\nof leave. “Carry-over” is 5 days."
)
ZH = Document("假期.md", "假期.md", "", "员工每年有２５天\n年假，可结转５天。年假须申请。")  # fmt: skip


def _located(*spans, documents=(EN, ZH)):
    relevant = {span.document_id: 1 for span in spans}
    case = EvalCase("q", "how long?", "en", relevant, gold=tuple(spans))
    return locate(make_evalset("x", [case]), documents)


@pytest.mark.parametrize(
    ("document", "quote", "reads"),
    [
        (EN, "25 days", "25 days"),
        (EN, "Staff take 25 days of leave", "Staff take **25 days**\nof leave"),
        (EN, '"carry-over" IS 5 days', "“Carry-over” is 5 days"),
        (ZH, "可结转５天", "可结转５天"),
        (ZH, "25天年假,可结转5天", "２５天\n年假，可结转５天"),
    ],
)
def test_a_quote_gets_its_place_and_the_words_of_the_document(document, quote, reads):
    found = _located(GoldSpan(document.id, quote))
    (span,) = found.evalset.cases[0].gold
    assert found.remarks == ()
    assert document.text[span.start : span.end] == reads == span.quote
    assert found.evalset.version == 2


def test_a_place_without_a_quote_gets_its_words_and_a_right_one_stays():
    found = _located(GoldSpan("leave.md", "", 0, 5), GoldSpan("leave.md", "Leave", 0, 5))
    assert [span.quote for span in found.evalset.cases[0].gold] == ["Leave", "Leave"]
    assert found.remarks == ()


def test_a_quote_that_moved_is_found_near_its_old_place():
    found = _located(GoldSpan("假期.md", "年假", 16, 18))
    (span,) = found.evalset.cases[0].gold
    assert ZH.text[span.start : span.end] == "年假" and span.start == ZH.text.rfind("年假")
    assert [remark.trouble for remark in found.remarks] == ["moved"]


def test_an_ambiguous_quote_takes_the_first_place_and_is_told():
    found = _located(GoldSpan("假期.md", "年假"))
    (remark,) = found.remarks
    assert (remark.trouble, remark.places) == ("ambiguous", 2)
    assert found.evalset.cases[0].gold[0].start == ZH.text.find("年假")
    assert found.rejected == ()


def test_a_quote_that_is_not_there_is_rejected():
    found = _located(
        GoldSpan("leave.md", "25 days"), GoldSpan("leave.md", "30 days"), GoldSpan("gone.md", "x y z")
    )  # fmt: skip
    assert [remark.trouble for remark in found.rejected] == ["not found", "no such document"]
    assert [span.start is None for span in found.evalset.cases[0].gold] == [False, True, True]
    (case,) = found.sound().cases
    assert [span.quote for span in case.gold] == ["25 days"] and dict(case.relevant) == {
        "leave.md": 1
    }


def test_a_case_without_any_sound_quote_is_left_out():
    lost = EvalCase("lost", "三十天？", "zh", {"假期.md": 1}, gold=(GoldSpan("假期.md", "三十天"),))
    kept = EvalCase("kept", "谁？", "zh", answerable=False)
    found = locate(make_evalset("x", [lost, kept]), [ZH])
    assert [case.id for case in found.evalset.cases] == ["lost", "kept"]
    assert [case.id for case in found.sound().cases] == ["kept"]
    with pytest.raises(ConfigError, match="no questions"):
        locate(make_evalset("x", [lost]), [ZH]).sound()
