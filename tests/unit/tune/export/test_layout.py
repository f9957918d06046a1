"""Names and order of tensors in GGUF, shown on rotary positions themselves."""

import numpy as np
import pytest

from surefoot.core.errors import DataError
from surefoot.testing.tiny_chat import make_tiny_chat
from surefoot.tune.export.layout import Layout, layout_of_folder

LLAMA = Layout("llama", layers=2, heads=4, kv_heads=2)
QWEN = Layout("qwen2", layers=2, heads=4, kv_heads=2)
Q, K, V = (f"model.layers.1.self_attn.{name}_proj" for name in "qkv")


@pytest.mark.parametrize(
    ("tensor", "name"),
    [
        ("model.embed_tokens.weight", "token_embd.weight"),
        ("model.norm.weight", "output_norm.weight"),
        ("lm_head.weight", "output.weight"),
        (f"{Q}.weight", "blk.1.attn_q.weight"),
        (f"{K}.bias", "blk.1.attn_k.bias"),
        ("model.layers.0.self_attn.o_proj.weight", "blk.0.attn_output.weight"),
        ("model.layers.0.mlp.gate_proj.weight", "blk.0.ffn_gate.weight"),
        ("model.layers.0.mlp.down_proj.weight", "blk.0.ffn_down.weight"),
        ("model.layers.0.input_layernorm.weight", "blk.0.attn_norm.weight"),
        ("model.layers.0.post_attention_layernorm.weight", "blk.0.ffn_norm.weight"),
    ],
)
def test_tensors_have_their_names(tensor, name):
    assert LLAMA.name(tensor) == QWEN.name(tensor) == name


def test_what_has_no_place_is_an_error():
    with pytest.raises(DataError, match=r"no place for model\.layers\.7"):
        LLAMA.name("model.layers.7.self_attn.q_proj.weight")


def halves(head, position):
    """Rotation as transformers does it: pairs half a head apart."""
    half = len(head) // 2
    angles = position / 10000 ** (np.arange(half) / half)
    first, second = head[:half], head[half:]
    turned = (
        first * np.cos(angles) - second * np.sin(angles),
        first * np.sin(angles) + second * np.cos(angles),
    )
    return np.concatenate(turned)


def neighbours(head, position):
    """Rotation as llama.cpp does it for `llama`: pairs side by side."""
    angles = position / 10000 ** (np.arange(len(head) // 2) * 2 / len(head))
    first, second = head[0::2], head[1::2]
    out = np.empty_like(head)
    out[0::2] = first * np.cos(angles) - second * np.sin(angles)
    out[1::2] = first * np.sin(angles) + second * np.cos(angles)
    return out


def scores(q, k, turn):
    """What every query head at position 5 sees in its key head at position 2."""
    q, k = q.reshape(4, 8), k.reshape(2, 8)
    return np.array([turn(q[h], 5) @ turn(k[h // 2], 2) for h in range(4)])


def test_ordered_rows_give_the_attention_that_was_trained():
    rng = np.random.default_rng(0)
    weights = {Q: rng.normal(size=(32, 6)), K: rng.normal(size=(16, 6))}
    words = rng.normal(size=6)
    wanted = scores(weights[Q] @ words, weights[K] @ words, halves)
    found = {
        name: LLAMA.ordered(f"{name}.weight", values) @ words for name, values in weights.items()
    }
    np.testing.assert_allclose(scores(found[Q], found[K], neighbours), wanted)
    unordered = scores(weights[Q] @ words, weights[K] @ words, neighbours)
    assert np.abs(unordered - wanted).max() > 0.1


def test_an_adapter_ordered_by_its_half_is_the_ordered_change():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(3, 6)), rng.normal(size=(16, 3))
    np.testing.assert_allclose(LLAMA.ordered(K, b) @ a, LLAMA.ordered(f"{K}.weight", b @ a))


def test_biases_go_with_their_rows():
    bias = np.arange(16.0)
    assert LLAMA.ordered(f"{K}.bias", bias)[:8].tolist() == [0, 4, 1, 5, 2, 6, 3, 7]


def test_nothing_else_is_ordered():
    values = np.arange(32.0).reshape(16, 2)
    for layout, tensor in ((LLAMA, V), (LLAMA, "lm_head"), (QWEN, Q), (QWEN, K)):
        assert layout.ordered(f"{tensor}.weight", values) is values


@pytest.mark.parametrize("kind", ["llama", "qwen2"])
def test_the_layout_of_a_folder(tmp_path, kind):
    assert layout_of_folder(make_tiny_chat(tmp_path, kind)) == Layout(kind, 2, 4, 2)


def test_other_architectures_are_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "mamba"}', encoding="utf-8")
    with pytest.raises(DataError, match="mamba") as caught:
        layout_of_folder(tmp_path)
    assert "llama, qwen2" in caught.value.hint
