from __future__ import annotations

import pytest

from surefoot.core.metering import metered, tokens_read, unmetered
from surefoot.core.parallel import pmap
from surefoot.core.roles import Meter
from surefoot.core.types import Expense, Usage
from surefoot.models.embed_hash import HashEncoder, HashSettings


@pytest.mark.parametrize("text", ["How soon is a refund paid?", "退款多久支付？"])
def test_what_an_encoder_reads_counts_for_the_running_question(text):
    encoder, meter = HashEncoder(HashSettings()), Meter()
    with metered(meter):
        encoder.embed_queries([text, text])
    encoder.embed_queries([text])
    assert meter.usage.encoder_tokens == 2 * encoder.count_tokens([text])[0]
    assert meter.usage.encoder_tokens > 0


def test_threads_count_for_the_question_that_started_them():
    meter = Meter()
    with metered(meter):
        list(pmap(tokens_read, range(200), workers=8))
    assert meter.usage == Usage(encoder_tokens=sum(range(200)))


def test_what_is_kept_for_all_questions_is_not_charged_to_one():
    meter = Meter()
    with metered(meter):
        tokens_read(3, dollars=0.5)
        with unmetered():
            tokens_read(100)
        tokens_read(4)
    tokens_read(5)
    assert meter.usage == Usage(encoder_tokens=7, cost=0.5)


def test_a_question_inside_another_has_its_own_meter():
    outer, inner = Meter(), Meter()
    with metered(outer):
        with metered(inner):
            tokens_read(1)
        tokens_read(2)
    assert (inner.usage.encoder_tokens, outer.usage.encoder_tokens) == (1, 2)


def test_expenses_add_up():
    total = Expense(1.0, 2.0, Usage(1, 2, 0.5, 1, 7)) + Expense(0.5, 0.5, Usage(encoder_tokens=3))
    assert total == Expense(1.5, 2.5, Usage(1, 2, 0.5, 1, 10))
