"""Counting terms agrees with listing them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surefoot.core.lang import count_terms, terms


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("The pump's valve, 3.5% off", 5),
        ("知识产权", 3),
        ("用 GPU 训练", 3),
        ("", 0),
        ("A1中文b", 3),
    ],
)
def test_terms_are_counted(text, count):
    assert count_terms(text) == len(terms(text)) == count


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_counting_agrees_with_listing(text):
    assert count_terms(text) == len(terms(text))
