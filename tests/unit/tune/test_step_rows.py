"""How many rows one training step learns from where nobody says."""

from __future__ import annotations

import pytest

from surefoot.tune.chat.full import FullSettings
from surefoot.tune.chat.lora import LoraSettings


@pytest.mark.parametrize(
    ("rows", "epochs", "size"),
    [(1600, 1.0, 8), (1599, 1.0, 4), (746, 0.269, 1), (534, 3.0, 8), (400, 1.0, 2), (4, 1.0, 1)],
)
def test_steps_are_smaller_where_large_ones_would_be_few(rows, epochs, size):
    for settings in (LoraSettings, FullSettings):
        assert settings(kind=settings.__name__[:4].lower(), epochs=epochs).step_rows(rows) == size


@pytest.mark.parametrize(("rows", "processes", "size"), [(100, 2, 2), (100, 3, 3), (4000, 3, 9)])
def test_each_process_has_as_many_rows(rows, processes, size):
    assert LoraSettings(kind="lora", epochs=1).step_rows(rows, processes) == size


def test_what_is_given_stays():
    assert LoraSettings(kind="lora", epochs=1, batch=16).step_rows(10, 2) == 16
