"""A BEIR corpus becomes documents with the ids of its rows."""

from __future__ import annotations

import json

import pytest

from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.ingest.sources.beir import BeirSettings, BeirSource, plain_meta


def corpus(tmp_path, *lines):
    folder = tmp_path / "set"
    folder.mkdir(exist_ok=True)
    data = [
        line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode()
        for line in lines
    ]
    (folder / "corpus.jsonl").write_bytes(b"\n".join(data) + b"\n")
    return BeirSource(BeirSettings(path="set"), tmp_path)


ROW = {
    "_id": "d1",
    "title": "Reset",
    "text": "Press reset.",
    "metadata": {"year": 2024, "tags": ["a", "b"], "no": None},
}


@pytest.mark.parametrize("row", [ROW, ROW | {"title": "重置", "text": "按重置键。"}])
def test_rows_become_documents(tmp_path, row):
    (item,) = corpus(tmp_path, row).items()
    document = item.document
    assert (item.id, document.title, document.text) == ("d1", row["title"], row["text"])
    assert document.meta == {"year": 2024, "tags": ("a", "b")}
    assert (item.source, item.distinct, document.uri) == ("set", True, "set/corpus.jsonl:1")


def test_fingerprint_is_the_row(tmp_path):
    (first,) = corpus(tmp_path, ROW).items()
    _, moved = corpus(tmp_path, ROW | {"_id": "d0"}, ROW).items()
    (other,) = corpus(tmp_path, ROW | {"text": "Other."}).items()
    assert first.fingerprint == moved.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"_id": "x", ', "line 2"),
        (b"[1]", "must be an object"),
        (b'{"text": "x"}', '"_id" must be text'),
        (b'{"_id": "x", "text": 5}', "must be text"),
        (b'{"_id": "x", "text": "\xff"}', "line 2"),
        (b'{"_id": "x", "text": "", "metadata": 1}', "metadata"),
        (b"[" * 100_000, "line 2"),
    ],
)
def test_a_bad_line_is_a_problem_with_its_number_and_the_rest_goes_on(tmp_path, line, words):
    first, bad, last = corpus(tmp_path, ROW, line, ROW | {"_id": "d2"}).items()
    assert isinstance(first, SourceItem)
    assert isinstance(last, SourceItem)
    assert isinstance(bad, SourceProblem)
    assert bad.uri == "set/corpus.jsonl:2"
    assert words in bad.reason


def test_numeric_ids_and_blank_lines(tmp_path):
    assert [item.id for item in corpus(tmp_path, ROW | {"_id": 7}, b"", ROW).items()] == ["7", "d1"]


def test_no_file_is_a_problem_that_keeps_what_was_read(tmp_path):
    (problem,) = BeirSource(BeirSettings(path="none"), tmp_path).items()
    assert problem.keep
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "corpus.jsonl").touch()
    (empty,) = BeirSource(BeirSettings(path="e/corpus.jsonl"), tmp_path).items()
    assert (empty.reason, empty.keep) == ("holds no rows", False)


def test_metadata_is_plain():
    assert plain_meta({"a": {"b": 1}, "c": True, "d": [1, "x"], "e": [[1]]}) == {
        "a": '{"b": 1}',
        "c": True,
        "d": ("1", "x"),
        "e": "[[1]]",
    }
