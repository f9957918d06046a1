"""The learning rates that each trained arm of a comparison tries."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.core.errors import ConfigError
from surefoot.optimize.compare.rates import (
    USUAL,
    Attempt,
    check_rates,
    kept,
    learning_rate,
    planned,
    told,
)
from surefoot.optimize.compare.words import note_text
from surefoot.tune.artefact import Trained
from surefoot.tune.rows import ChatRow, ChatTurn, TuningRows


def rows(split: str) -> TuningRows:
    turn = ChatTurn(role="user", content="Where is Alder?")
    return TuningRows.of(
        [ChatRow(id="r", prompt=(turn,), completion="By the harbour.", lang="en", split=split)]
    )


def attempt(rate: float, loss: float | None) -> Attempt:
    facts = {"name": "house-lora-1", "kind": "adapter", "method": "lora", "base": "tiny"}
    return Attempt(rate, Path("x"), Trained(**facts, base_digest="0", dev_loss=loss))


def test_the_usual_rate_is_that_of_the_tuner_and_others_are_multiples():
    assert learning_rate("lora", 1) is None and learning_rate("full", 1) is None
    assert learning_rate("lora", 0.125) == pytest.approx(1e-4)
    assert learning_rate("full", 0.125) == pytest.approx(6.25e-6)


@pytest.mark.parametrize(
    "rates", [(), (0.0,), (1.0, 1.0), (-1.0,), (float("inf"),), (float("nan"),)]
)
def test_rates_that_are_none_are_refused(rates):
    with pytest.raises(ConfigError, match="--rates"):
        check_rates(rates, rows("dev"))


def test_several_rates_need_dev_rows_to_choose_by():
    with pytest.raises(ConfigError, match="no dev rows"):
        check_rates((1.0, 0.1), rows("train"))
    check_rates((0.1,), rows("train"))
    check_rates((1.0, 0.1), rows("dev"))


def test_the_lowest_dev_loss_is_kept_and_all_are_told_in_both_languages():
    tried = [attempt(1.0, 1.907), attempt(0.125, 1.761)]
    assert kept(tried).rate == 0.125
    (said,) = told(tried)
    assert said.endswith(
        "kept ×0.125 of the usual learning rate (dev loss ×1: 1.907, ×0.125: 1.761)"
    )
    assert "采用常用学习率的 ×0.125（开发集损失 ×1: 1.907, ×0.125: 1.761）" in note_text(said, "zh")
    assert told(tried[:1]) == () and kept([attempt(1.0, None)]).rate == 1.0


@pytest.mark.parametrize("rates", [(0.5,), (1.0, 0.125)])
def test_rates_other_than_the_usual_are_said_beforehand_in_both_languages(rates):
    (said,) = planned(rates)
    assert "×0." in said and "usual learning rate" in said
    assert "学习率" in note_text(said, "zh") and "arm" not in note_text(said, "zh")
    assert planned(USUAL) == ()
