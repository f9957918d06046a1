"""Marks tests by where they stand: integration and e2e take longer, bench measures."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
MARKS = {"integration": "slow", "e2e": "slow", "bench": "bench"}


def pytest_collection_modifyitems(items):
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        if folder in MARKS:
            item.add_marker(getattr(pytest.mark, MARKS[folder]))
