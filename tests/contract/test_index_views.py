"""Indexes keep the contract of other views: LanceDB in a folder, and the fake that other tests use."""

from __future__ import annotations

import pytest

from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index
from surefoot.testing.contracts_index import IndexContract
from surefoot.testing.contracts_views import ViewsContract
from surefoot.testing.index_samples import DIMENSIONS
from surefoot.testing.memory_index import FakeIndex

RECIPE = Recipe("abc123", DIMENSIONS, views=True)


class _InAFolder:
    @pytest.fixture
    def open_index(self, tmp_path):
        return lambda: open_index(str(tmp_path / "lance"), RECIPE)


class TestViewsInAFolder(_InAFolder, ViewsContract):
    """What there is beside the passages."""


@pytest.mark.slow
class TestPassagesBesideViews(_InAFolder, IndexContract):
    """The contract that test_index_lance.py tests without views."""


class TestViewsInMemory(ViewsContract):
    @pytest.fixture
    def open_index(self):
        index = FakeIndex()
        return lambda: index
