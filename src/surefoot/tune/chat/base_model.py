"""Loads the model that is tuned: from a folder of safetensors, or from a GGUF file, made plain once in the cache.

Weights are data: only safetensors and GGUF are read, and code that comes with a model is never run.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from filelock import FileLock

from surefoot.config.catalog import load_catalog
from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.models.base import ModelEnv
from surefoot.models.fetch import fetch
from surefoot.models.gguf import GgufFacts, read_gguf
from surefoot.models.weights import file_digest
from surefoot.tune.artefact import CARD, FOLDERS
from surefoot.tune.memory import available_mib
from surefoot.tune.torch_family import require_torch

GGUF = ".gguf"
FORM = 1  # counts up when what is made of a GGUF file changes


def load_base(base: str, env: ModelEnv, *, dtype: str = "float32") -> tuple[Any, Any]:
    """Model (on the processor, ready to train) and tokenizer; `dtype` is float32 or bfloat16.

    Raises:
        MissingExtra: torch is not installed.
        MissingError: there is no such alias, file or folder.
        DataError: it holds no safetensors, is no causal model, or has no chat template.
    """
    require_torch("tuning")
    folder = base_folder(base, env)
    import torch
    from transformers import AutoModelForCausalLM

    try:
        model = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=getattr(torch, dtype),
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
        )
    except (ValueError, OSError, KeyError) as problem:
        raise DataError(
            f"is not a causal language model that transformers loads: {problem}", where=str(folder)
        ) from None
    return model, load_tokenizer(base, env)


def load_tokenizer(base: str, env: ModelEnv) -> Any:
    """The tokenizer of a base with its chat template.

    Raises:
        DataError: it has no chat template.
    """
    from transformers import AutoTokenizer

    folder = base_folder(base, env)
    tokenizer = AutoTokenizer.from_pretrained(
        folder, trust_remote_code=False, local_files_only=True
    )
    if not tokenizer.chat_template:
        raise DataError(
            "has no chat template: it continues texts, it does not answer",
            where=str(folder),
            hint="take the instruct or chat version, or put chat_template.jinja beside it",
        )
    return tokenizer


def base_folder(base: str, env: ModelEnv) -> Path:
    """The folder with the base's config.json and safetensors: an alias is fetched, a GGUF file made plain once.

    Raises:
        MissingError: there is no such alias, file or folder.
        DataError: the folder holds no safetensors, or the memory does not suffice to make the file plain.
    """
    path = env.place(base)
    if path.is_dir():
        return _checked(path / FOLDERS["safetensors"] if (path / CARD).is_file() else path)
    if base.endswith(GGUF):
        return _made_plain(path, env)
    card = load_catalog().get(base, "chat")
    if card.format != "gguf":
        raise ConfigError(f"{base} is of format {card.format}", hint="name a chat model")
    return _made_plain(fetch(card, env) / card.files[0].name, env)


def _checked(folder: Path) -> Path:
    if not (folder / "config.json").is_file():
        raise MissingError("there is no config.json", where=str(folder))
    if not any(folder.glob("*.safetensors")):
        raise DataError(
            "holds no safetensors; other formats may run code when read, so they are not",
            where=str(folder),
            hint="convert the weights to safetensors first",
        )
    return folder


def _made_plain(file: Path, env: ModelEnv) -> Path:
    facts = read_gguf(file)
    folder = env.cache / f"plain-{file_digest(file, env)[:16]}-{FORM}"
    if (folder / "config.json").is_file():
        return folder
    env.cache.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f".{folder.name}.lock")):
        if not (folder / "config.json").is_file():
            _check_memory(facts)
            staging = folder.with_name(f".{folder.name}.part")
            shutil.rmtree(staging, ignore_errors=True)
            _write_plain(file, staging)
            staging.rename(folder)
    return folder


def _write_plain(file: Path, folder: Path) -> None:
    """A model that was read from GGUF does not save itself: its state goes into one made from the config."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        read = AutoModelForCausalLM.from_pretrained(
            file.parent, gguf_file=file.name, dtype=torch.float32, local_files_only=True
        )
        tokenizer = AutoTokenizer.from_pretrained(
            file.parent, gguf_file=file.name, local_files_only=True
        )
    except (ValueError, NotImplementedError, KeyError) as problem:
        raise DataError(
            f"transformers cannot read it: {problem}",
            where=str(file),
            hint="take the model's folder of safetensors",
        ) from None
    with torch.device("meta"):
        plain = AutoModelForCausalLM.from_config(read.config)
    plain.load_state_dict(read.state_dict(), assign=True)
    plain.tie_weights()
    plain.generation_config = read.generation_config
    plain.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    _forget_quantization(folder / "config.json")


def _forget_quantization(config: Path) -> None:
    values = json.loads(config.read_text(encoding="utf-8"))
    values.pop("quantization_config", None)
    config.write_text(json.dumps(values, indent=2, sort_keys=True), encoding="utf-8")


def _check_memory(facts: GgufFacts) -> None:
    """Refuses before it is too late: the weights stand in memory as float32, twice at the most."""
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    sizes = [GGML_QUANT_SIZES[GGMLQuantizationType[name]] for name in facts.tensor_types]
    least = min(size / block for block, size in sizes)
    needed = 2 * 4 * facts.path.stat().st_size / least / 2**20
    if (there := available_mib()) is not None and needed > there:
        raise DataError(
            f"making it plain may take {needed:,.0f} MiB of memory, and {there:,.0f} are free",
            where=str(facts.path),
            hint="take the model's folder of safetensors, or a machine with more memory",
        )
