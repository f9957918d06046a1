from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from surefoot.config.solution import Limits
from surefoot.core.roles import Extracted
from surefoot.ingest.extract import extract

ReadAs = Callable[..., Extracted]


@pytest.fixture
def read_as(tmp_path: Path) -> ReadAs:
    """Writes the content under the name and reads the file."""

    def read(name: str, content: bytes | str, **limits: int) -> Extracted:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return extract(path, Limits(**limits))

    return read
