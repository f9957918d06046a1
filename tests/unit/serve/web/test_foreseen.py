"""What a job will take, as figures with names in both languages."""

from __future__ import annotations

import pytest

from surefoot.evaluate.forecast import forecast_of
from surefoot.evaluate.scoring import Row
from surefoot.serve.web.screens.work.foreseen import figures_of, notes_of
from surefoot.tune.chat.forecast import Paced


def test_an_evaluation_tells_time_with_its_interval_and_nothing_of_what_it_does_not_use() -> None:
    rows = [Row(str(i), "怎么退款？", "zh", True, latency_ms=2000 + 100 * i) for i in range(6)]
    said = {"forecast": forecast_of(rows, 100).to_json()}
    en, zh = dict(figures_of(said, "en")), dict(figures_of(said, "zh"))
    assert en["Questions"] == zh["题数"] == "100"
    assert en["Time"].startswith("3m") and " to " in en["Time"]
    assert zh["用时"].startswith("3m") and " 至 " in zh["用时"]
    assert not {"Chat calls", "Money"} & set(en)


@pytest.mark.parametrize(
    ("lang", "time", "memory"), [("en", "Time", "Memory, MiB"), ("zh", "用时", "内存（MiB）")]
)
def test_a_training_tells_time_and_memory(lang, time, memory) -> None:
    said = {"forecast": Paced(40, 60_000, 1_000_000, 1234.5, 200.0).to_json()}
    found = dict(figures_of(said, lang))
    assert (found[time], found[memory]) == ("5m", "1,234")


def test_lists_are_counted_arms_have_their_time_and_notes_stand_by_themselves() -> None:
    changes = {"new": ["a.md", "b.md"], "changed": [], "unchanged": 4, "problems": [], "notes": []}
    assert dict(figures_of(changes, "en")) == {
        "New documents": "2",
        "Changed documents": "0",
        "Documents as before": "4",
        "Cannot be read": "0",
    }
    plan = {"id": "abc", "arms": [{"arm": "lora", "seconds": 417}], "seconds": 417, "notes": ["x"]}
    assert figures_of(plan, "zh") == [("lora", "6m57s"), ("用时", "6m57s")]
    assert notes_of(plan) == ["x"]


def test_words_alone_have_no_figures() -> None:
    assert figures_of("there is no such eval set", "zh") == []
    assert notes_of("there is no such eval set") == []
