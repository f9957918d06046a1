"""A peft adapter as GGUF, which llama.cpp switches per request. Needs no torch."""

from __future__ import annotations

import json
import re
from contextlib import closing
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import ConfigError, DataError
from surefoot.models.gguf_adapter import LEFT_OUT, LORA_A, LORA_B
from surefoot.models.tensors import Tensors
from surefoot.tune.export.layout import Layout

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONFIG = "adapter_config.json"
_PREFIX = "base_model.model."
_HALVES = {".lora_A.weight": LORA_A, ".lora_B.weight": LORA_B}
_INSTEAD = "surefoot adapters export NAME --form gguf merges it into whole weights"


def write_adapter(peft: Path, layout: Layout, target: Path) -> None:
    """Writes the adapter in folder `peft` as float32 GGUF.

    Each module's own strength (rank and alpha patterns, rank-stabilised scaling) is folded into its `b` half.

    Raises:
        ConfigError: its method has no such form.
        DataError: it changes weights that llama.cpp would leave out, or that have no place in GGUF.
    """
    from gguf import GGUFWriter

    config = _lora_config(peft)
    alpha = float(config["lora_alpha"])
    tensors = Tensors(peft)
    halves = {key: _split(key, peft) for key in sorted(tensors)}
    writer = GGUFWriter(target, layout.architecture)
    with closing(writer):
        writer.add_string("general.type", "adapter")
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", alpha)
        for key, (module, half) in halves.items():
            values = tensors[key].astype("float32")
            if half == LORA_B:
                values = layout.ordered(module, values)
                values = values * _share(config, module, values.shape[1])
            writer.add_tensor(f"{_place(module, layout, peft)}{half}", _solid(values))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()


def _lora_config(peft: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads((peft / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise DataError(f"{CONFIG} cannot be read: {problem}", where=str(peft)) from None
    method = "DORA" if config.get("use_dora") else str(config.get("peft_type"))
    if method != "LORA":
        instead = (
            "" if method.endswith(("PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING")) else _INSTEAD
        )
        raise ConfigError(
            f"an adapter of method {method.lower()} has no GGUF form", where=str(peft), hint=instead
        )
    return config


def _split(key: str, peft: Path) -> tuple[str, str]:
    """The module that a peft tensor changes, as transformers calls it, and which half it is."""
    for suffix, half in _HALVES.items():
        if key.endswith(suffix):
            return key.removeprefix(_PREFIX).removesuffix(suffix), half
    raise DataError(
        f"{key} is not half of a low-rank pair: llama.cpp would leave it out",
        where=str(peft),
        hint=_INSTEAD,
    )


def _place(module: str, layout: Layout, peft: Path) -> str:
    name = layout.name(f"{module}.weight")
    if name in LEFT_OUT:
        raise DataError(
            f"it changes {module}, which llama.cpp leaves out of adapters",
            where=str(peft),
            hint=_INSTEAD,
        )
    return name


def _share(config: dict[str, Any], module: str, rank: int) -> float:
    """A module's strength over what llama.cpp makes of alpha and rank."""
    alpha = float(_pattern(config.get("alpha_pattern"), module) or config["lora_alpha"])
    strength = alpha / (sqrt(rank) if config.get("use_rslora") else rank)
    return strength * rank / float(config["lora_alpha"])


def _pattern(patterns: dict[str, float] | None, module: str) -> float | None:
    """The value of the first pattern that ends the module's name, as peft matches it."""
    for pattern, value in (patterns or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            return value
    return None


def _solid(values: NDArray[Any]) -> NDArray[np.float32]:
    import numpy as np

    if not np.isfinite(values).all():
        raise DataError("the adapter holds numbers that are not finite", hint="train it anew")
    return np.ascontiguousarray(values, dtype=np.float32)
