from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.core.errors import ConfigError
from surefoot.core.filters import Comparison, Compound, filter_to_json, parse_filter

values = st.one_of(st.text(), st.integers(), st.booleans(), st.floats(allow_nan=False))
comparisons = st.one_of(
    st.builds(
        Comparison,
        st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]),
        st.text(min_size=1),
        values,
    ),
    st.builds(
        Comparison,
        st.sampled_from(["in", "nin"]),
        st.text(min_size=1),
        st.lists(values).map(tuple),
    ),
)
filters = st.recursive(
    comparisons,
    lambda inner: st.builds(
        Compound, st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=4).map(tuple)
    ),
    max_leaves=12,
)


@given(filters)
def test_every_filter_survives_json(filter):
    assert parse_filter(filter_to_json(filter)) == filter


@pytest.mark.parametrize(
    "raw, said",
    [
        ("year = 2024", "filter: must be an object"),
        ({"type": "like", "key": "a", "value": 1}, "filter.type: unknown type 'like'"),
        ({"type": "eq", "key": "", "value": 1}, "filter.key: must be a non-empty string"),
        ({"type": "eq", "key": "a", "value": None}, "filter.value: must be text, a number"),
        ({"type": "in", "key": "a", "value": "b"}, "filter.value: in takes a list"),
        ({"type": "and", "filters": []}, "filter.filters: must be a non-empty list"),
        ({"type": "eq", "key": "a", "value": 1, "op": 2}, "filter: unknown key 'op'"),
        (
            {"type": "and", "filters": [{"type": "eq", "key": "年", "value": [1]}]},
            "filter.filters.0.value: must be text",
        ),
    ],
)
def test_a_wrong_filter_is_told_with_its_place(raw, said):
    with pytest.raises(ConfigError) as problem:
        parse_filter(raw)
    assert str(problem.value).startswith(said)


def test_depth_is_limited():
    raw = {"type": "eq", "key": "a", "value": 1}
    for _ in range(20):
        raw = {"type": "and", "filters": [raw]}
    with pytest.raises(ConfigError, match="nests deeper"):
        parse_filter(raw)
