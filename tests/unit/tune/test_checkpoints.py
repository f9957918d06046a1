"""Checkpoints are whole or not there."""

from __future__ import annotations

import pytest

from surefoot.tune.checkpoints import ASIDE, MANIFEST, clear, is_complete, newest_complete, seal


def written(root, step):
    folder = root / ASIDE / f"checkpoint-{step}"
    (folder / "deep").mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(bytes([step]) * 100)
    (folder / "deep" / "状态.json").write_text("{}", encoding="utf-8")
    return folder


def test_a_sealed_checkpoint_is_complete_and_the_highest_step_is_the_newest(tmp_path):
    for step in (9, 10, 2):
        assert is_complete(seal(written(tmp_path, step), tmp_path))
    assert newest_complete(tmp_path).name == "checkpoint-10"


def test_what_was_not_sealed_does_not_count(tmp_path):
    seal(written(tmp_path, 3), tmp_path)
    written(tmp_path, 6)
    (tmp_path / "checkpoint-9").mkdir()
    assert newest_complete(tmp_path).name == "checkpoint-3"
    assert newest_complete(tmp_path / "nowhere") is None


@pytest.mark.parametrize("harm", ["cut", "gone", "other"])
def test_a_checkpoint_with_a_file_that_is_not_what_it_was_does_not_count(tmp_path, harm):
    seal(written(tmp_path, 3), tmp_path)
    file = seal(written(tmp_path, 6), tmp_path) / "weights.safetensors"
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:50] if harm == "cut" else b"x" * 100)
    assert newest_complete(tmp_path).name == "checkpoint-3"


def test_a_manifest_that_cannot_be_read_does_not_count(tmp_path):
    folder = seal(written(tmp_path, 3), tmp_path)
    (folder / MANIFEST).write_text('{"files": ', encoding="utf-8")
    assert newest_complete(tmp_path) is None


def test_only_what_is_kept_stays_and_a_step_can_be_sealed_again(tmp_path):
    places = [seal(written(tmp_path, step), tmp_path) for step in (3, 6, 9)]
    written(tmp_path, 12)
    clear(tmp_path, {places[0], places[2]})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-3", "checkpoint-9"]
    assert is_complete(seal(written(tmp_path, 9), tmp_path))
