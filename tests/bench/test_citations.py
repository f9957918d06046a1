"""The citation check catches what was changed and leaves alone what is supported, on documents it was not made with."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from citation_check import default_data, measure

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_changed_sentences_are_caught_and_supported_ones_are_not(lang: str) -> None:
    if not default_data().is_dir():
        pytest.skip("the public data sets are not here (SUREFOOT_DATA)")
    share = {
        kind: flagged / n
        for _, kind, flagged, n in measure(default_data(), lang, "report", 1000, Counter())
    }
    assert share["supported"] <= 0.05
    for kind in ("number", "name", "date", "wrong document"):
        assert share[kind] >= 0.90, kind
