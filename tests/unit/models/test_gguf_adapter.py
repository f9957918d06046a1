"""Adapter files are looked over before an engine reads them."""

import numpy as np
import pytest
from gguf import GGUFWriter

from surefoot.core.errors import DataError, MissingError
from surefoot.models.gguf import GgufFacts, Tensor
from surefoot.models.gguf_adapter import check_adapter

BASE = GgufFacts(
    None,
    {"general.architecture": "llama"},
    (
        Tensor("blk.0.attn_q.weight", "Q4_1", (8, 6)),
        Tensor("blk.0.ffn_up.weight", "F16", (8, 12)),
        Tensor("token_embd.weight", "F16", (8, 32)),
        Tensor("output.weight", "F16", (8, 32)),
    ),
)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return GgufFacts(tmp_path_factory.mktemp("b") / "base.gguf", BASE.values, BASE.tensors)


@pytest.fixture
def adapter(tmp_path):
    def make(pairs, *, architecture="llama", kind="lora", alpha=8.0):
        file = tmp_path / "adapter.gguf"
        writer = GGUFWriter(file, architecture)
        writer.add_string("general.type", "adapter")
        writer.add_string("adapter.type", kind)
        if alpha is not None:
            writer.add_float32("adapter.lora.alpha", alpha)
        for name, shape in pairs.items():
            writer.add_tensor(name, np.ones(shape, np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return file

    return make


def pair(name, wide=8, tall=6, rank=2):
    return {f"{name}.lora_a": (rank, wide), f"{name}.lora_b": (tall, rank)}


GOOD = pair("blk.0.attn_q.weight") | pair("blk.0.ffn_up.weight", tall=12, rank=3)


def test_a_fitting_adapter_passes(adapter, base):
    assert len(check_adapter(adapter(GOOD), base).tensors) == 4


@pytest.mark.parametrize(
    ("pairs", "problem"),
    [
        ({}, "it has no tensors"),
        ({"blk.0.attn_q.weight": (6, 8)}, "not half of a pair"),
        (pair("blk.9.attn_q.weight"), "the base has no blk.9"),
        (pair("token_embd.weight", tall=32), "cannot be changed"),
        (pair("output.weight", tall=32), "cannot be changed"),
        ({"blk.0.attn_q.weight.lora_a": (2, 8)}, "lacks its other half"),
        ({"blk.0.attn_q.weight.lora_b": (6, 2)}, "lacks its other half"),
        (pair("blk.0.attn_q.weight", wide=9), r"is \(8, 6\), the adapter's \(9, 6\)"),
        (pair("blk.0.attn_q.weight", tall=7), r"the adapter's \(8, 7\)"),
        (
            {"blk.0.attn_q.weight.lora_a": (2, 8), "blk.0.attn_q.weight.lora_b": (6, 3)},
            "lora_a is .* and .*lora_b",
        ),
    ],
)
def test_one_that_does_not_fit_is_refused(adapter, base, pairs, problem):
    with pytest.raises(DataError, match=f"does not fit base.gguf: .*{problem}"):
        check_adapter(adapter(pairs), base)


@pytest.mark.parametrize("changes", [{"kind": "control-vector"}, {"alpha": None}])
def test_other_files_are_no_adapters(adapter, base, changes):
    with pytest.raises(DataError, match="not a low-rank adapter"):
        check_adapter(adapter(GOOD, **changes), base)


def test_an_adapter_of_another_architecture_is_refused(adapter, base):
    with pytest.raises(DataError, match=r"for qwen2 models, base\.gguf is llama"):
        check_adapter(adapter(GOOD, architecture="qwen2"), base)


def test_a_file_that_is_gone_or_no_gguf(base, tmp_path):
    with pytest.raises(MissingError):
        check_adapter(tmp_path / "none.gguf", base)
    (tmp_path / "text.gguf").write_text("no", encoding="utf-8")
    with pytest.raises(DataError, match="is not a GGUF file"):
        check_adapter(tmp_path / "text.gguf", base)
