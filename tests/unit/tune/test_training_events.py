"""What a training says and takes, and how much memory there is."""

from __future__ import annotations

import pytest

from surefoot.tune.artefact import Expense
from surefoot.tune.events import Event, add_event, read_events
from surefoot.tune.memory import available_mib, peak_mib
from surefoot.tune.spending import Spending, spent


def test_time_left_and_pace_count_this_process_only():
    event = Event(step=30, steps=50, first_step=20, seconds=40, tokens=800)
    assert event.seconds_left == 80 and event.tokens_per_s == 20
    assert Event(step=20, steps=50, first_step=20).seconds_left is None
    assert Event(steps=5).tokens_per_s is None


def test_a_line_that_is_still_being_written_is_left_out(tmp_path):
    add_event(tmp_path, Event(message="读行"))
    add_event(tmp_path, Event(state="succeeded"))
    with (tmp_path / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"state": "fai')
    assert [event.state for event in read_events(tmp_path)] == ["running", "succeeded"]


def test_what_all_parts_took_is_put_together(tmp_path):
    first, beside = Spending(tmp_path), Spending(tmp_path, rank=1)
    first.keep(Expense(wall_s=1, cpu_s=1, peak_mib=100, train_tokens=10, steps=1))
    first.keep(Expense(wall_s=2, cpu_s=3, peak_mib=120, train_tokens=20, steps=2, trainable=7))
    beside.keep(Expense(wall_s=2, cpu_s=4, peak_mib=150, train_tokens=21, steps=2, trainable=7))
    resumed = Spending(tmp_path)
    resumed.keep(Expense(wall_s=5, cpu_s=6, peak_mib=90, train_tokens=30, steps=3, trainable=7))
    assert spent(tmp_path) == Expense(
        wall_s=7, cpu_s=13, peak_mib=150, train_tokens=71, steps=5, trainable=7
    )
    assert spent(tmp_path / "nothing") == Expense()


def test_memory_is_told():
    assert peak_mib() > 10
    free = available_mib()
    assert free is None or free > 0


@pytest.mark.parametrize(
    ("info", "limit", "taken", "free"),
    [
        ("MemAvailable: 2048 kB\n", None, None, 2.0),
        ("MemAvailable: 2048 kB\n", "max\n", "1", 2.0),
        ("MemAvailable: 8192 kB\n", "4194304", "1048576", 3.0),
        ("MemTotal: 1 kB\n", None, None, None),
    ],
)
def test_a_container_s_limit_counts(tmp_path, monkeypatch, info, limit, taken, free):
    from surefoot.tune import memory

    for name, text in (("_MEMINFO", info), ("_LIMIT", limit), ("_TAKEN", taken)):
        monkeypatch.setattr(memory, name, tmp_path / name)
        if text is not None:
            (tmp_path / name).write_text(text, encoding="ascii")
    assert available_mib() == free
