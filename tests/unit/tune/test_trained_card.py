"""What the card of a training says of it."""

from __future__ import annotations

import pytest

from surefoot.optimize.compare.words import note_text
from surefoot.tune.artefact import Trained


def card(before: float | None, after: float | None) -> Trained:
    return Trained(
        name="house",
        kind="adapter",
        method="lora",
        base="tiny",
        base_digest="0",
        dev_loss_untrained=before,
        dev_loss=after,
    )


@pytest.mark.parametrize(("before", "after"), [(2.0, 1.9), (None, 2.0), (2.0, None), (None, None)])
def test_a_training_that_gained_or_was_not_looked_at_is_not_faulted(before, after):
    assert card(before, after).no_gain == ""


@pytest.mark.parametrize("after", [2.0, 2.5])
def test_a_training_without_gain_is_told_with_the_remedy_in_both_languages(after):
    said = card(2.0, after).no_gain
    assert f"loss is {after:.3f} and was 2.000 before | try a lower learning_rate" in said
    chinese = note_text(said, "zh")
    assert (
        "house：训练没有使" in chinese and f"{after:.3f}" in chinese and "training" not in chinese
    )
