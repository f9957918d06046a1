"""What it takes until a changed document counts, by method."""

from __future__ import annotations

import pytest

from surefoot.optimize.compare.result import METHODS, Build
from surefoot.optimize.compare.updating import HOWS, bytes_of, update_of
from surefoot.optimize.compare.words import say


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("prompt", (None, "none")),
        ("cot", (None, "none")),
        ("fewshot", (None, "rows")),
        ("nearest", (None, "rows")),
        ("rag", (0.4, "sync")),
        ("lora", (330.0, "train")),
        ("full", (330.0, "train")),
        ("lora+rag", (0.4, "sync")),
        ("full+rag", (0.4, "sync")),
    ],
)
def test_retrieval_is_synced_and_closed_books_are_trained_anew(method, expected):
    build = Build(train_s=300.0, export_s=30.0)
    assert update_of(method, build, 0.4) == expected


def test_every_way_has_its_words_and_every_method_a_way():
    for method in METHODS:
        assert update_of(method, Build(), None)[1] in HOWS
    for how in HOWS:
        assert say(f"update_{how}", "en") != say(f"update_{how}", "zh")
        assert say(f"changes_{how}", "en", update="1 s") != say(
            f"changes_{how}", "zh", update="1 s"
        )


def test_bytes_of_files_and_folders(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(b"12345")
    (tmp_path / "b").write_bytes(b"123")
    assert bytes_of([tmp_path / "in", tmp_path / "b", tmp_path / "gone"]) == 8
