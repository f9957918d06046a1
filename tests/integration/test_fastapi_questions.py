"""Sixty questions over 272 real pages, written before the first run: is the right page cited?"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import surefoot

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SUREFOOT_DATA", ROOT / ".." / "shared" / "data")) / "docs-fastapi"
QUESTIONS = [
    json.loads(line)
    for line in (ROOT / "tests/data/fastapi_questions.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.data,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the documents are not at {DATA}"),
]


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    with surefoot.open(tmp_path_factory.mktemp("fastapi")) as space:
        report = space.add(DATA)
        assert (report.failed, report.problems) == (0, ())
        yield space


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_right_page_is_cited(space, lang, capsys):
    asked = [question for question in QUESTIONS if question["lang"] == lang]
    first = among = refused = 0
    missed = []
    for question in asked:
        answer = space.ask(question["question"])
        cited = [
            citation.chunk.document_id.removeprefix("docs-fastapi/")
            for citation in sorted(answer.citations, key=lambda c: c.number)
        ]
        refused += answer.refused
        first += bool(cited) and cited[0] in question["pages"]
        among += bool(set(cited) & set(question["pages"]))
        if answer.refused or not cited or cited[0] not in question["pages"]:
            missed.append(
                f"{question['id']} {question['question']} refused={answer.refused} {cited}"
            )
    with capsys.disabled():
        print(
            f"\n{lang}: right page first {first}, among the citations {among}, refused {refused}, of {len(asked)}"
        )
        print(*missed, sep="\n")
    assert len(asked) == 30
    assert first >= 24
    assert among >= 27
