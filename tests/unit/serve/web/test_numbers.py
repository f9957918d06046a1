"""Numbers as the page writes them."""

import pytest

from surefoot.serve.web.page import figure, size


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_500, "1.0 MB"),
        (1_234_567_890, "1.2 GB"),
    ],
)
def test_bytes_have_a_unit(count, said) -> None:
    assert size(count) == said


def test_a_figure_has_a_real_minus_and_a_dash_for_none() -> None:
    assert figure(-0.5) == "\N{MINUS SIGN}0.500"
    assert figure(None) == "–"
