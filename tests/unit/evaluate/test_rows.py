from __future__ import annotations

import json

import pytest

from surefoot.core.types import Usage
from surefoot.evaluate.rows import row_from_plain, row_to_plain
from surefoot.evaluate.scoring import Row

FULL = Row(
    id="q-1",
    question="How do I get a refund?",
    lang="en",
    answerable=True,
    metrics={"ndcg@10": 0.1 + 0.2, "answered": 1.0},
    documents=("refunds.md", "退款.md"),
    answer="Within 30 days.",
    confidence=1 / 3,
    latency_ms=12.345678901234567,
    cpu_ms=3.0,
    usage=Usage(100, 20, 0.00123, 1, 512),
    trace_id="ab" * 16,
    cluster="refunds.md",
    tags=("support", "退款"),
)
CHINESE = Row(
    id="问-1", question="如何退款？", lang="zh", answerable=False, refused=True, failure="没有答案"
)


@pytest.mark.parametrize("row", [FULL, CHINESE])
def test_a_row_comes_back_as_it_was(row):
    assert row_from_plain(json.loads(json.dumps(row_to_plain(row)))) == row
    assert row_from_plain(row_to_plain(row)) == row


def test_fields_of_another_version_are_left_out():
    assert row_from_plain({**row_to_plain(FULL), "of_tomorrow": 1}) == FULL


def test_fields_that_were_not_written_have_their_default():
    plain = row_to_plain(CHINESE)
    del plain["cluster"], plain["tags"]
    assert row_from_plain(plain) == CHINESE
