"""What a peft adapter becomes as GGUF, and what is refused because an engine would leave it out without a word."""

import json

import numpy as np
import pytest
from gguf import GGUFReader
from safetensors.numpy import save_file

from surefoot.core.errors import ConfigError, DataError
from surefoot.tune.export.adapter_gguf import write_adapter
from surefoot.tune.export.layout import Layout

LAYOUT = Layout("llama", layers=1, heads=2, kv_heads=1)
PREFIX = "base_model.model.model.layers.0"
DOWN, KEY = f"{PREFIX}.mlp.down_proj", f"{PREFIX}.self_attn.k_proj"


@pytest.fixture
def peft(tmp_path):
    """Writes an adapter of rank 2 with alpha 4 for these modules (inputs, outputs)."""

    def make(modules=None, more=(), **config):
        rng = np.random.default_rng(0)
        tensors = {}
        for module, (wide, tall) in (modules or {DOWN: (6, 8), KEY: (8, 4)}).items():
            tensors[f"{module}.lora_A.weight"] = rng.normal(size=(2, wide)).astype(np.float32)
            tensors[f"{module}.lora_B.weight"] = rng.normal(size=(tall, 2)).astype(np.float32)
        tensors |= {name: np.ones((2, 2), np.float32) for name in more}
        save_file(tensors, tmp_path / "adapter_model.safetensors")
        told = {"peft_type": "LORA", "lora_alpha": 4, "r": 2, **config}
        (tmp_path / "adapter_config.json").write_text(json.dumps(told), encoding="utf-8")
        return tensors

    make.folder = tmp_path
    return make


def written(peft):
    write_adapter(peft.folder, LAYOUT, peft.folder / "adapter.gguf")
    reader = GGUFReader(peft.folder / "adapter.gguf")
    return reader, {tensor.name: np.array(tensor.data) for tensor in reader.tensors}


def test_pairs_lie_under_the_weights_they_change(peft):
    before = peft()
    reader, after = written(peft)
    fields = {key: reader.fields[key].contents() for key in reader.fields if "." in key}
    assert fields["general.architecture"] == "llama"
    assert (fields["general.type"], fields["adapter.type"]) == ("adapter", "lora")
    assert fields["adapter.lora.alpha"] == 4.0
    assert set(after) == {
        f"blk.0.{name}.weight.lora_{half}" for name in ("ffn_down", "attn_k") for half in "ab"
    }
    np.testing.assert_array_equal(
        after["blk.0.ffn_down.weight.lora_b"], before[f"{DOWN}.lora_B.weight"]
    )
    np.testing.assert_array_equal(
        after["blk.0.attn_k.weight.lora_b"], before[f"{KEY}.lora_B.weight"][[0, 2, 1, 3]]
    )
    np.testing.assert_array_equal(
        after["blk.0.attn_k.weight.lora_a"], before[f"{KEY}.lora_A.weight"]
    )


@pytest.mark.parametrize(
    ("config", "strength"),
    [
        ({}, 2.0),
        ({"use_rslora": True}, 4 / 2**0.5),
        ({"alpha_pattern": {"mlp.down_proj": 7}}, 3.5),
        ({"alpha_pattern": {"down_proj": 7}, "use_rslora": True}, 7 / 2**0.5),
        ({"alpha_pattern": {"wn_proj": 7}}, 2.0),
    ],
)
def test_each_module_keeps_its_strength(peft, config, strength):
    """llama.cpp multiplies by alpha over rank."""
    before = peft(**config)
    _, after = written(peft)
    found = after["blk.0.ffn_down.weight.lora_b"] * 4 / 2
    np.testing.assert_allclose(found, before[f"{DOWN}.lora_B.weight"] * strength, rtol=1e-6)


@pytest.mark.parametrize(
    ("config", "method", "merges"),
    [
        ({"use_dora": True}, "dora", True),
        ({"peft_type": "IA3"}, "ia3", True),
        ({"peft_type": "PROMPT_TUNING"}, "prompt_tuning", False),
    ],
)
def test_methods_without_such_a_form_are_named(peft, config, method, merges):
    peft(**config)
    with pytest.raises(ConfigError, match=f"method {method} has no GGUF form") as caught:
        written(peft)
    assert ("merges" in caught.value.hint) is merges


@pytest.mark.parametrize("name", ["lm_head", "model.embed_tokens"])
def test_the_first_and_last_layer_are_refused(peft, name):
    peft({f"base_model.model.{name}": (6, 8)})
    with pytest.raises(DataError, match="leaves out of adapters"):
        written(peft)


@pytest.mark.parametrize(
    "name",
    [
        "base_model.model.model.embed_tokens.weight",
        f"{DOWN}.lora_B.bias",
        f"{DOWN}.lora_magnitude_vector.weight",
        "base_model.model.lm_head.modules_to_save.weight",
    ],
)
def test_whole_weights_beside_the_pairs_are_refused(peft, name):
    peft(more=[name])
    with pytest.raises(DataError, match="is not half of a low-rank pair"):
        written(peft)


def test_numbers_that_are_none_are_refused(peft):
    tensors = peft()
    tensors[f"{DOWN}.lora_B.weight"][0, 0] = np.nan
    save_file(tensors, peft.folder / "adapter_model.safetensors")
    with pytest.raises(DataError, match="not finite"):
        written(peft)


def test_a_config_that_cannot_be_read(peft):
    peft()
    (peft.folder / "adapter_config.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=r"adapter_config\.json cannot be read"):
        written(peft)
