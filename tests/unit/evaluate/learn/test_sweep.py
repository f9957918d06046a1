"""What a sweep compares: the ways to cut."""

from __future__ import annotations

import pytest

from surefoot.core.errors import ConfigError
from surefoot.evaluate.learn.sweep import cuts


def test_the_present_kind_keeps_its_settings_and_others_have_their_defaults():
    present = {"kind": "sentence", "sentences": 3, "overlap": 1, "max_tokens": 480}
    made = cuts(present, ["sentence", "structure"], [128, 256])
    assert [cut.label for cut in made] == [
        "sentence 128", "sentence 256", "structure 128", "structure 256",
    ]  # fmt: skip
    assert made[0].settings["sentences"] == 3
    assert made[2].settings["pack_tokens"] == 128
    assert [cut.label for cut in cuts(present, [], [64])] == ["sentence 64"]


def test_sizes_and_kinds_that_cannot_be_say_why():
    present = {"kind": "semantic", "min_tokens": 64, "max_tokens": 480}
    with pytest.raises(ConfigError, match="half of max_tokens"):
        cuts(present, [], [100])
    with pytest.raises(ConfigError, match="unknown chunker kind 'sentense'"):
        cuts(present, ["sentense"], [100])
