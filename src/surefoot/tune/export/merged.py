"""An adapter worked into the weights of its base, by peft itself, so that any of its methods comes out right."""

from __future__ import annotations

from pathlib import Path

from surefoot.core.errors import ConfigError, DataError
from surefoot.models.base import ModelEnv
from surefoot.tune.chat.base_model import load_base
from surefoot.tune.quiet import quiet
from surefoot.tune.torch_family import require_torch


def write_merged(peft: Path, base: str, env: ModelEnv, target: Path) -> None:
    """Writes the base with the adapter worked in, as a safetensors folder with tokenizer.

    Merged in float32, kept in float16.

    Raises:
        MissingExtra: torch is not installed.
        ConfigError: the method changes no weights, so that there is nothing to merge.
        DataError: a merged number is too large for float16, or the adapter is not for this base.
    """
    require_torch("merging an adapter")
    with quiet():
        _write(peft, base, env, target)


def _write(peft: Path, base: str, env: ModelEnv, target: Path) -> None:
    import torch
    from peft import PeftConfig, PeftModel

    config = PeftConfig.from_pretrained(str(peft))
    if config.is_prompt_learning:
        raise ConfigError(
            f"an adapter of method {config.peft_type.lower()} changes no weights: it cannot be merged",
            where=str(peft),
        )
    model, tokenizer = load_base(base, env)
    adapted = PeftModel.from_pretrained(model, str(peft), local_files_only=True)
    merged = adapted.merge_and_unload(safe_merge=True)
    half = merged.to(torch.float16)
    for name, values in half.state_dict().items():
        if not torch.isfinite(values).all():
            raise DataError(f"{name} holds numbers that float16 cannot", where=str(peft))
    half.save_pretrained(target, safe_serialization=True)
    tokenizer.save_pretrained(target)
