"""A server that runs for a module of tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from serving import Running, make_space, running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One workspace without keys."""
    with running(make_space(tmp_path_factory.mktemp("serve") / "house")) as found:
        yield found
