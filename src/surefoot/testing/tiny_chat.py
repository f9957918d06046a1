"""A chat model of under a million random weights, in the form in which real ones come: to test tuning and export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

Architecture = Literal["llama", "qwen2"]
HIDDEN, FEED_FORWARD, LAYERS, HEADS, KV_HEADS = 64, 128, 2, 4, 2
CONTEXT_TOKENS = 512
VOCABULARY = 512
_STEERING = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] }}"
    "{{ '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
_TEXTS = (
    "The library of Alder opens at nine in the morning. On Saturdays the library closes at noon.",
    "Who built the harbour? What is the price of a ticket? Name the colours of the flag of Wen island.",
    "name[Alder], area[riverside], price[12 crowns]; say it again: system user assistant",
    "桦林镇图书馆上午九点开门。前往文岛的渡轮船票多少钱？请用一句话回答。",
)
_QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def make_tiny_chat(folder: Path, architecture: Architecture = "llama", seed: int = 0) -> Path:
    """Writes config.json, safetensors, tokenizer and chat template into the folder; the same seed, the same bytes.

    It says random but printable words, in both engines and in transformers. Input and output share their embedding.
    """
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(architecture)
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file(
        _weights(architecture, tokenizer, seed), folder / "model.safetensors", {"format": "pt"}
    )
    ids = {token: place for place, token in enumerate(_STEERING)}
    _write(folder / "config.json", _config(architecture, ids))
    _write(folder / "tokenizer_config.json", _tokenizer_config())
    (folder / "chat_template.jinja").write_text(_TEMPLATE, encoding="utf-8")
    return folder


def _tokenizer(architecture: Architecture) -> Tokenizer:
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    if architecture == "llama":
        first: Any = pre_tokenizers.Digits(individual_digits=True)
        bytewise = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    else:
        first = pre_tokenizers.Split(Regex(_QWEN), behavior="isolated")
        bytewise = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([first, bytewise])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(_STEERING),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_TEXTS, trainer)
    return tokenizer


def _weights(
    architecture: Architecture, tokenizer: Tokenizer, seed: int
) -> dict[str, NDArray[np.float32]]:
    import numpy as np

    rng = np.random.default_rng(seed)
    head = HIDDEN // HEADS

    def some(*shape: int) -> NDArray[np.float32]:
        values: NDArray[np.float32] = rng.normal(0, shape[-1] ** -0.5, shape).astype(np.float32)
        return values

    embedding = some(VOCABULARY, HIDDEN) * HIDDEN**0.5
    embedding[[not _printable(tokenizer, i) for i in range(VOCABULARY)]] *= 0.01
    tensors = {
        "model.embed_tokens.weight": embedding,
        "model.norm.weight": np.ones(HIDDEN, np.float32),
    }
    for layer in range(LAYERS):
        rows = {"q": HEADS * head, "k": KV_HEADS * head, "v": KV_HEADS * head}
        place = f"model.layers.{layer}"
        for name, count in rows.items():
            tensors[f"{place}.self_attn.{name}_proj.weight"] = some(count, HIDDEN) * 2
            if architecture == "qwen2":
                tensors[f"{place}.self_attn.{name}_proj.bias"] = some(count)
        tensors[f"{place}.self_attn.o_proj.weight"] = some(HIDDEN, HIDDEN) * 2
        tensors[f"{place}.mlp.gate_proj.weight"] = some(FEED_FORWARD, HIDDEN)
        tensors[f"{place}.mlp.up_proj.weight"] = some(FEED_FORWARD, HIDDEN)
        tensors[f"{place}.mlp.down_proj.weight"] = some(HIDDEN, FEED_FORWARD)
        for norm in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"{place}.{norm}.weight"] = np.ones(HIDDEN, np.float32)
    return tensors


def _printable(tokenizer: Tokenizer, token: int) -> bool:
    """Whether a token stands for whole characters, so that any sequence of such tokens is a text."""
    text = tokenizer.decode([token], skip_special_tokens=True)
    return bool(text) and "\ufffd" not in text and text.isprintable()


def _config(architecture: Architecture, ids: dict[str, int]) -> dict[str, Any]:
    return {
        "architectures": [{"llama": "LlamaForCausalLM", "qwen2": "Qwen2ForCausalLM"}[architecture]],
        "model_type": architecture,
        "hidden_size": HIDDEN,
        "intermediate_size": FEED_FORWARD,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "max_position_embeddings": CONTEXT_TOKENS,
        "vocab_size": VOCABULARY,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-6,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        "tie_word_embeddings": True,
        "bos_token_id": ids["<|im_start|>"],
        "eos_token_id": ids["<|im_end|>"],
        "pad_token_id": ids["<|endoftext|>"],
        "dtype": "float32",
    }


def _tokenizer_config() -> dict[str, Any]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<|im_start|>",
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "add_bos_token": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": CONTEXT_TOKENS,
    }


def _write(file: Path, values: dict[str, Any]) -> None:
    file.write_text(json.dumps(values, indent=1), encoding="utf-8")
