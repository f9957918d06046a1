"""A complete encoder folder of a few kilobytes with random weights, for tests that need a real network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

HIDDEN, INNER, HEADS, LAYERS, PLACES = 16, 32, 2, 2, 40
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz密码重置请"]
CONFIG = {
    "hidden_size": HIDDEN,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "intermediate_size": INNER,
    "vocab_size": 2 * len(WORDS),
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-5,
    "max_position_embeddings": PLACES,
    "pad_token_id": 0,
    "hidden_act": "gelu",
}


def make_tiny_bert(
    folder: Path, kind: str = "bert", prefix: str = "", head: tuple[tuple[str, int, int], ...] = ()
) -> dict[str, NDArray[np.float32]]:
    """Writes weights, config.json and tokenizer.json; gives the tensors without the prefix.

    `head` adds linear layers: name, outputs, inputs.
    """
    from surefoot.models.tensors import save_tensors

    rng = np.random.default_rng(7)
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {prefix + name: size for name, size in _sizes().items()}
    for name, out, wide in head:
        sizes |= {f"{name}.weight": (out, wide), f"{name}.bias": (out,)}
    tensors = {name: rng.normal(0, 0.3, size).astype(np.float32) for name, size in sizes.items()}
    save_tensors(tensors, folder / "model.safetensors")
    config = json.dumps(CONFIG | {"model_type": kind})
    (folder / "config.json").write_text(config, encoding="utf-8")
    _write_tokenizer(folder)
    return {name.removeprefix(prefix): values for name, values in tensors.items()}


def _sizes() -> dict[str, tuple[int, ...]]:
    sizes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (2 * len(WORDS), HIDDEN),
        "embeddings.position_embeddings.weight": (PLACES, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
    }
    linear = {
        "attention.self.query": (HIDDEN, HIDDEN),
        "attention.self.key": (HIDDEN, HIDDEN),
        "attention.self.value": (HIDDEN, HIDDEN),
        "attention.output.dense": (HIDDEN, HIDDEN),
        "intermediate.dense": (INNER, HIDDEN),
        "output.dense": (HIDDEN, INNER),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}."
        norms += [at + "attention.output.LayerNorm", at + "output.LayerNorm"]
        for name, (out, wide) in linear.items():
            sizes |= {f"{at}{name}.weight": (out, wide), f"{at}{name}.bias": (out,)}
    for name in norms:
        sizes |= {f"{name}.weight": (HIDDEN,), f"{name}.bias": (HIDDEN,)}
    return sizes


def _write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import WordPiece

    pieces = WORDS + [f"##{word}" for word in WORDS]
    ids = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = [("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=special
    )
    tokenizer.enable_truncation(8)
    tokenizer.enable_padding()
    tokenizer.save(str(folder / "tokenizer.json"))
