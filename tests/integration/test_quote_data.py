"""Every tenth question of xquad through the default solution: are the quotes exact, and do they hold the answer?

The whole sets are measured by tests/bench/answers_report.py (docs/benchmarks/answers.md); the bars here are lower.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import surefoot
from surefoot.evaluate.metrics import contains_gold

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SUREFOOT_DATA", ROOT / ".." / "shared" / "data"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.data,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not (DATA / "xquad-en").is_dir(), reason=f"xquad is not at {DATA}"),
]
SOLUTION = """
schema = 1
[corpus]
sources = [{{ kind = "beir", path = "{path}" }}]
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
refuse = {{ threshold = 0 }}
"""


def rows(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_quotes_are_exact_and_hold_the_answer(lang, tmp_path):
    folder = DATA / f"xquad-{lang}"
    (tmp_path / "surefoot.toml").write_text(SOLUTION.format(path=folder.resolve()))
    gold = {row["_id"]: row["answers"] for row in rows(folder / "answers.jsonl")}
    asked = rows(folder / "queries.jsonl")[::10]
    held = 0
    with surefoot.open(tmp_path) as space:
        space.sync()
        texts = {document.id: document.text for document in space.documents()}
        for question in asked:
            answer = space.ask(question["text"])
            assert 1 <= len(answer.citations) <= 3
            for citation in answer.citations:
                source = texts[citation.chunk.document_id]
                assert source[citation.source_start : citation.source_end] == citation.quote
                assert answer.text[citation.start : citation.end] == citation.quote
                assert len(citation.quote.split()) <= 60
                assert lang == "en" or len(citation.quote) <= 120
            held += bool(contains_gold(answer.text, gold[question["_id"]], lang))
    assert held >= 0.86 * len(asked)
