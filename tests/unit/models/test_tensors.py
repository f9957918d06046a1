"""Tensors are views of the file, whatever their type."""

import json

import numpy as np
import pytest

from surefoot.core.errors import DataError
from surefoot.models.tensors import Tensors, save_tensors


def test_saved_tensors_come_back_from_several_files(tmp_path):
    first = np.arange(6, dtype=np.float32).reshape(2, 3)
    save_tensors({"a": first}, tmp_path / "model-1.safetensors")
    save_tensors({"b": first[:1]}, tmp_path / "model-2.safetensors")
    found = Tensors(tmp_path)
    assert sorted(found) == ["a", "b"]
    assert len(found) == 2
    np.testing.assert_array_equal(found["a"], first)
    np.testing.assert_array_equal(found["b"], first[:1])


def write(folder, dtype, raw, shape):
    header = json.dumps({"x": {"dtype": dtype, "shape": shape, "data_offsets": [0, len(raw)]}})
    (folder / "m.safetensors").write_bytes(
        len(header).to_bytes(8, "little") + header.encode() + raw
    )


def test_bfloat16_is_widened(tmp_path):
    write(tmp_path, "BF16", bytes.fromhex("803f00c0"), [2])
    np.testing.assert_array_equal(Tensors(tmp_path)["x"], np.array([1.0, -2.0], np.float32))


def test_half_precision_stays(tmp_path):
    write(tmp_path, "F16", np.array([0.5], "<f2").tobytes(), [1])
    assert Tensors(tmp_path)["x"].dtype == np.float16


def test_what_cannot_be_read_is_told(tmp_path):
    with pytest.raises(DataError, match="no safetensors"):
        Tensors(tmp_path)
    write(tmp_path, "F8_E4M3", b"1", [1])
    with pytest.raises(DataError, match="F8_E4M3"):
        Tensors(tmp_path)["x"]
