"""How the tensors of a causal model are called and ordered in GGUF. Knows two architectures; arrays are numpy's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import DataError
from surefoot.models.gguf import GgufFacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ARCHITECTURES = ("llama", "qwen2")
_INTERLEAVED = ("llama",)  # rotary pairs stand side by side in GGUF, half a head apart elsewhere
_SUFFIXES = (".weight", ".bias")


@dataclass(frozen=True)
class Layout:
    """Architecture and heads of a model; `kv_heads` are those of keys and values."""

    architecture: str
    layers: int
    heads: int
    kv_heads: int

    def name(self, tensor: str) -> str:
        """The name in GGUF of a tensor that transformers calls `model.layers.0.self_attn.q_proj.weight` or alike.

        Raises:
            DataError: GGUF has no place for it.
        """
        found = self._names.get_name(tensor, try_suffixes=_SUFFIXES)
        if found is None:
            raise DataError(f"GGUF has no place for {tensor} in a {self.architecture} model")
        return str(found)

    def ordered(self, tensor: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """The rows of a weight, a bias, or the `b` half of an adapter in the order of GGUF.

        Source: Meta's rotary layout, which llama.cpp keeps for `llama` and not for `qwen2`.
        """
        heads = self._rotary_heads(tensor)
        if heads is None:
            return values
        halves = values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:])
        return halves.swapaxes(1, 2).reshape(values.shape)

    def _rotary_heads(self, tensor: str) -> int | None:
        if self.architecture not in _INTERLEAVED:
            return None
        if ".q_proj." in f"{tensor}.":
            return self.heads
        return self.kv_heads if ".k_proj." in f"{tensor}." else None

    @cached_property
    def _names(self) -> Any:
        from gguf import MODEL_ARCH, get_tensor_name_map

        return get_tensor_name_map(MODEL_ARCH[self.architecture.upper()], self.layers)


def layout_of_gguf(facts: GgufFacts) -> Layout:
    """The layout of a GGUF model.

    Raises:
        DataError: its architecture is not known here.
    """
    kind = _known(facts.architecture, facts.path)
    heads = int(facts.values[f"{kind}.attention.head_count"])
    kv_heads = int(facts.values.get(f"{kind}.attention.head_count_kv", heads))
    return Layout(kind, int(facts.values[f"{kind}.block_count"]), heads, kv_heads)


def layout_of_folder(folder: Path) -> Layout:
    """The layout of a folder with safetensors and config.json.

    Raises:
        DataError: its architecture is not known here.
    """
    config = read_config(folder)
    kind = _known(str(config.get("model_type")), folder)
    heads = int(config["num_attention_heads"])
    kv_heads = int(config.get("num_key_value_heads") or heads)
    return Layout(kind, int(config["num_hidden_layers"]), heads, kv_heads)


def read_config(folder: Path) -> dict[str, Any]:
    """What config.json says.

    Raises:
        DataError: it is missing or no JSON.
    """
    try:
        values: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise DataError(f"config.json cannot be read: {problem}", where=str(folder)) from None
    return values


def _known(architecture: str, where: Path) -> str:
    if architecture not in ARCHITECTURES:
        raise DataError(
            f"models of architecture {architecture} are not written as GGUF",
            where=str(where),
            hint=f"known: {', '.join(ARCHITECTURES)}; --form safetensors writes whole weights of any model",
        )
    return architecture
