from __future__ import annotations

import sys

import pytest

from surefoot.run.machine import cpu_seconds, folder_bytes, index_bytes, peak_memory_bytes


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell")
def test_peak_memory_grows_with_what_is_held():
    before = peak_memory_bytes()
    held = bytearray(b"x" * 80_000_000)
    after = peak_memory_bytes()
    assert before is not None and after is not None
    assert 10_000_000 < before <= after
    assert after >= len(held)


def test_processor_time_passes():
    before = cpu_seconds()
    while cpu_seconds() - before < 0.02:
        sum(range(1000))
    assert cpu_seconds() > before


def test_what_files_take(tmp_path):
    (tmp_path / "文件夹").mkdir()
    (tmp_path / "文件夹" / "a").write_bytes(b"123")
    (tmp_path / "b").write_bytes(b"45")
    assert folder_bytes(tmp_path) == 5
    assert folder_bytes(tmp_path / "none") == 0


def test_an_index_on_disk(tmp_path):
    for name, size in (("documents", 3), ("passages_r1", 4), ("passages_r2", 50)):
        (tmp_path / f"{name}.lance").mkdir()
        (tmp_path / f"{name}.lance" / "data").write_bytes(b"x" * size)
    assert index_bytes(str(tmp_path), "r1") == 7
    assert index_bytes("s3://bucket/tables", "r1") is None
