"""A batch in parts that fit into memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from surefoot.tune.chat.batches import divide


def test_rows_of_like_length_stand_together_and_padding_counts():
    assert divide([10, 50, 12, 48], 100) == [[1, 3], [2, 0]]
    assert divide([10, 50, 12, 48], 110, padded=False) == [[1, 3, 2], [0]]
    assert divide([300], 100) == [[0]]


@given(st.lists(st.integers(1, 200), min_size=1, max_size=32), st.integers(1, 400), st.booleans())
def test_every_row_stands_once_and_no_part_is_too_big(lengths, most, padded):
    groups = divide(lengths, most, padded=padded)
    assert sorted(place for group in groups for place in group) == list(range(len(lengths)))
    for group in groups:
        own = [lengths[place] for place in group]
        taken = max(own) * len(own) if padded else sum(own)
        assert taken <= most or len(group) == 1
