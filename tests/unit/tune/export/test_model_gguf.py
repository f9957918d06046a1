"""Whole weights as GGUF: what stands in the file, in both architectures."""

import json

import numpy as np
import pytest
from gguf import GGUFReader, quants
from safetensors.numpy import load_file, save_file

from surefoot.core.errors import DataError
from surefoot.models.chat_openvino import why_not
from surefoot.models.gguf import read_gguf
from surefoot.testing.tiny_chat import make_tiny_chat
from surefoot.tune.export.layout import layout_of_folder
from surefoot.tune.export.model_gguf import write_model


@pytest.fixture(params=["llama", "qwen2"])
def folder(request, tmp_path):
    return make_tiny_chat(tmp_path / "weights", request.param)


def written(folder, base=None, kind="f16"):
    file = folder.parent / f"{kind}{'' if base is None else '-copied'}.gguf"
    write_model(folder, base, file, kind)
    return file


def values(file):
    return {
        tensor.name: quants.dequantize(tensor.data, tensor.tensor_type)
        for tensor in GGUFReader(file).tensors
    }


def test_a_folder_becomes_a_file_that_engines_read(folder):
    facts = read_gguf(written(folder))
    assert facts.has_chat_template
    assert facts.context_tokens == 512
    assert why_not(facts) == ""
    assert "<|im_end|>" in facts.control_tokens
    kind = facts.architecture
    assert facts.values[f"{kind}.attention.head_count_kv"] == 2
    assert facts.values[f"{kind}.rope.freq_base"] == 10000
    assert facts.values["tokenizer.ggml.eos_token_id"] == 2
    assert facts.values["tokenizer.ggml.add_bos_token"] is False
    assert facts.values["tokenizer.ggml.pre"] == {"llama": "smollm", "qwen2": "qwen2"}[kind]


@pytest.mark.parametrize(("kind", "near"), [("f16", 2e-3), ("q8_0", 0.05)])
def test_tensors_keep_their_values_in_the_order_of_gguf(folder, kind, near):
    before, after = load_file(folder / "model.safetensors"), values(written(folder, kind=kind))
    layout = layout_of_folder(folder)
    assert {layout.name(name) for name in before} == set(after)
    for name, wanted in before.items():
        np.testing.assert_allclose(
            after[layout.name(name)], layout.ordered(name, wanted), atol=near
        )
    assert read_gguf(folder.parent / f"{kind}.gguf").tensor_types == {"F32", kind.upper()}


def test_tokenizer_and_template_are_copied_from_the_base(folder):
    base = written(folder)
    other = make_tiny_chat(folder.parent / "other", layout_of_folder(folder).architecture, seed=1)
    (other / "chat_template.jinja").write_text("another", encoding="utf-8")
    copied = written(other, base, "q8_0")
    assert (
        read_gguf(copied).values["tokenizer.chat_template"]
        == read_gguf(base).values["tokenizer.chat_template"]
    )
    assert read_gguf(copied).values["general.name"] == read_gguf(base).values["general.name"]
    fields = [set(GGUFReader(file).fields) for file in (base, copied)]
    assert fields[0] == fields[1]
    before = load_file(other / "model.safetensors")["model.embed_tokens.weight"]
    np.testing.assert_allclose(values(copied)["token_embd.weight"], before, atol=0.05)


def test_an_output_of_its_own_is_written_and_a_shared_one_is_not(folder):
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tensors = load_file(folder / "model.safetensors")
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"] * 2
    save_file(tensors, folder / "model.safetensors")
    base = written(folder)
    assert "output.weight" not in values(base)
    (folder / "config.json").write_text(
        json.dumps(config | {"tie_word_embeddings": False}), encoding="utf-8"
    )
    found = values(written(folder, base, "q8_0"))
    np.testing.assert_allclose(found["output.weight"], found["token_embd.weight"] * 2, atol=0.1)


def test_other_tensors_than_those_of_the_base_are_refused(folder):
    base = written(folder)
    tensors = load_file(folder / "model.safetensors")
    tensors["model.embed_tokens.weight"] = tensors["model.embed_tokens.weight"][:100].copy()
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(
        DataError, match=r"token_embd\.weight is \(100, 64\), in the base \(512, 64\)"
    ):
        written(folder, base)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e6])
def test_numbers_that_the_type_cannot_hold_are_refused(folder, bad):
    tensors = load_file(folder / "model.safetensors")
    tensors["model.layers.0.mlp.up_proj.weight"][0, 0] = bad
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(DataError, match="numbers that F16 cannot"):
        written(folder)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"rope_parameters": {"rope_type": "llama3", "factor": 8.0}}, "stretched positions"),
        ({"use_sliding_window": True}, "a sliding window"),
    ],
)
def test_what_a_folder_cannot_tell_is_refused(folder, changes, problem):
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | changes), encoding="utf-8")
    with pytest.raises(DataError, match=problem) as caught:
        written(folder)
    assert "GGUF file" in caught.value.hint


def test_an_unknown_way_to_split_texts_is_refused(folder):
    told = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    told["pre_tokenizer"] = {"type": "Whitespace"}
    (folder / "tokenizer.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(DataError, match="split by Whitespace"):
        written(folder)


def test_without_a_chat_template_nothing_is_written(folder):
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(DataError, match="no chat template"):
        written(folder)
