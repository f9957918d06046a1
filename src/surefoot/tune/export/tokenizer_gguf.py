"""What a GGUF file says beside its tensors, from a folder as transformers writes it: sizes, tokenizer, template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from surefoot.core.errors import DataError
from surefoot.tune.export.layout import Layout, read_config

_QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def add_folder_values(folder: Path, layout: Layout, writer: Any, file_type: Any) -> None:
    """Adds all key-values that llama.cpp and OpenVINO need of a model in a folder.

    Raises:
        DataError: positions, attention or a tokenizer that this form does not tell.
    """
    config = read_config(folder)
    _check_plain(config, folder)
    writer.add_type("model")
    writer.add_name(folder.name)
    writer.add_file_type(file_type)
    _add_sizes(config, layout, writer)
    _add_tokenizer(folder, int(config["vocab_size"]), writer)


def _check_plain(config: dict[str, Any], folder: Path) -> None:
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    odd = ""
    if rope.get("rope_type", rope.get("type", "default")) != "default":
        odd = "stretched positions"
    elif config.get("use_sliding_window"):
        odd = "a sliding window"
    if odd:
        raise DataError(
            f"{odd} are not written as GGUF from a folder",
            where=str(folder),
            hint="train on the base's own GGUF file",
        )


def _add_sizes(config: dict[str, Any], layout: Layout, writer: Any) -> None:
    head = int(config.get("head_dim") or config["hidden_size"] // layout.heads)
    rope = config.get("rope_parameters") or {}
    writer.add_block_count(layout.layers)
    writer.add_context_length(int(config["max_position_embeddings"]))
    writer.add_embedding_length(int(config["hidden_size"]))
    writer.add_feed_forward_length(int(config["intermediate_size"]))
    writer.add_head_count(layout.heads)
    writer.add_head_count_kv(layout.kv_heads)
    writer.add_layer_norm_rms_eps(float(config["rms_norm_eps"]))
    writer.add_rope_freq_base(float(rope.get("rope_theta") or config.get("rope_theta") or 10000.0))
    writer.add_rope_dimension_count(head)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_vocab_size(int(config["vocab_size"]))


def _add_tokenizer(folder: Path, size: int, writer: Any) -> None:
    from gguf import SpecialVocab

    try:
        told = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise DataError(f"tokenizer.json cannot be read: {problem}", where=str(folder)) from None
    tokens = dict(_tokens(told, size))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_splitting_rule(told, folder))
    writer.add_token_list([tokens[i][0] for i in range(size)])
    writer.add_token_types([tokens[i][1] for i in range(size)])
    special = SpecialVocab(folder, load_merges=True, n_vocab=size)
    if special.chat_template is None:
        raise DataError("there is no chat template", where=str(folder))
    special.add_to_gguf(writer, quiet=True)
    if "bos" not in special.add_special_token:
        writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)


def _tokens(told: dict[str, Any], size: int) -> Iterator[tuple[int, tuple[str, int]]]:
    """Text and GGUF type of each token; ids that the tokenizer does not use are marked so."""
    from gguf import TokenType

    yield from ((i, (f"[PAD{i}]", TokenType.UNUSED)) for i in range(size))
    yield from ((i, (text, TokenType.NORMAL)) for text, i in told["model"]["vocab"].items())
    for added in told.get("added_tokens", ()):
        kind = TokenType.CONTROL if added["special"] else TokenType.USER_DEFINED
        yield added["id"], (added["content"], kind)


def _splitting_rule(told: dict[str, Any], folder: Path) -> str:
    """The name that llama.cpp has for the way a text is split before its pieces are merged.

    Raises:
        DataError: it has none that is known here.
    """
    model, steps = told["model"], _steps(told.get("pre_tokenizer") or {})
    plain = model["type"] == "BPE" and not model.get("byte_fallback")
    kinds = [step["type"] for step in steps]
    if plain and kinds == ["Digits", "ByteLevel"] and steps[0]["individual_digits"]:
        return "smollm"
    if plain and kinds == ["Split", "ByteLevel"] and steps[0]["pattern"].get("Regex") == _QWEN:
        return "qwen2"
    raise DataError(
        f"the tokenizer ({model['type']}, split by {' and '.join(kinds) or 'nothing'}) is not written as GGUF",
        where=str(folder),
        hint="train on the base's own GGUF file, whose tokenizer is copied",
    )


def _steps(told: dict[str, Any]) -> list[dict[str, Any]]:
    return list(told.get("pretokenizers", [told] if told else []))
