"""What must be found in real files of every kind. Reads the public data sets."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from surefoot.config.solution import Limits
from surefoot.core.errors import DataError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract import ExtractorPool

DATA = Path(os.environ.get("SUREFOOT_DATA", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(
        not (DATA / "mixed-docs").is_dir(), reason=f"no data sets at {DATA} (SUREFOOT_DATA)"
    ),
]


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_every_expected_text_of_mixed_docs_is_found() -> None:
    lines = (DATA / "mixed-docs" / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    expected = {row["file"]: row for row in map(json.loads, lines)}
    with ExtractorPool(Limits(), 2) as pool:
        found = dict(pool.map([DATA / "mixed-docs" / "files" / name for name in expected]))
    wrong = []
    for path, result in found.items():
        row = expected[path.name]
        text = squeezed(result.text) if isinstance(result, Extracted) else ""
        hits = sum(squeezed(wanted) in text for wanted in row["must_contain"])
        status = "read" if isinstance(result, Extracted) else "not read"
        print(f"{path.name:45} {row['needs']:5} {status:9} {hits} of {len(row['must_contain'])}")
        if row["needs"] == "text" and (not text or hits < len(row["must_contain"])):
            wrong.append(path.name)
        if row["needs"] != "text":
            assert isinstance(result, DataError)
            assert "which is not installed" in result.message
    assert wrong == []
    page = next(result for path, result in found.items() if path.name == "zh-made-a.html")
    assert isinstance(page, Extracted)
    assert "不应出现" not in page.text
    assert "导航" not in page.text


def test_a_documentation_of_272_pages_is_read_whole() -> None:
    paths = sorted((DATA / "docs-fastapi").rglob("*.md"))
    with ExtractorPool(Limits(), 2) as pool:
        found = dict(pool.map(paths))
    assert len(found) == 272
    untitled = 0
    for path, result in found.items():
        assert isinstance(result, Extracted)
        # Front matter moves to the meta values; all below it stays.
        assert squeezed(path.read_text(encoding="utf-8")).endswith(squeezed(result.text))
        untitled += not result.title
    assert untitled < 6
    languages = [
        result.meta.get("language") for result in found.values() if isinstance(result, Extracted)
    ]
    assert languages.count("zh") > 120
    assert languages.count("en") > 120
