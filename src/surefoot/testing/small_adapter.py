"""An adapter of random numbers for any GGUF base, beside a card that says it is good: for tests of what serves them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from surefoot.models.base import ModelEnv
from surefoot.models.chat import chat_file
from surefoot.models.gguf import read_gguf
from surefoot.models.weights import model_digest
from surefoot.run.adapters import adapters_root
from surefoot.tune.artefact import FOLDERS, Expense, Form, Parity, Trained, write_card

_HALVES = ("attn_q.weight", "attn_v.weight")


def make_adapter(
    root: Path, name: str, base: str, env: ModelEnv, *, seed: int = 1, **card: Any
) -> Trained:
    """A trained model of a workspace as training and a good export leave it; its replies are not those of the base.

    `base` is an alias of the catalog or a GGUF file, `card` changes what its card says; equal seeds are equal files.
    """
    folder = adapters_root(root) / name
    folder.mkdir(parents=True, exist_ok=True)
    write_adapter(folder / FOLDERS["gguf-adapter"], chat_file(base, env), seed=seed)
    told: Mapping[str, Any] = {
        "kind": "adapter",
        "base": base,
        "base_digest": model_digest(base, env),
        "method": "lora",
        "rows_used": 60,
        "settings": {"rank": 2, "epochs": 3},
        "dev_loss": 0.5,
        "expense": Expense(steps=20, train_tokens=2000),
        "parity": (good_parity("gguf-adapter"),),
        **card,
    }
    return write_card(folder, Trained(name=name, **told))


def good_parity(form: Form, agreement: float = 0.99) -> Parity:
    """What the card says of an export that was tried on 50 prompts."""
    return Parity(
        form=form,
        engine="llama.cpp",
        prompts=50,
        agreement=agreement,
        same=0.98,
        tolerance=0.9,
        good=agreement >= 0.9,
    )


def write_adapter(file: Path, base: Path, *, seed: int = 1, rank: int = 2) -> None:
    """A GGUF file with low-rank pairs for the attention of every layer, strong enough to change replies."""
    from gguf import GGUFWriter

    facts, rng = read_gguf(base), np.random.default_rng(seed)
    writer = GGUFWriter(file, str(facts.values["general.architecture"]))
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(rank))
    for tensor in facts.tensors:
        if tensor.name.endswith(_HALVES):
            wide, tall = tensor.shape
            first = rng.normal(0, 1 / np.sqrt(wide), (rank, wide))
            second = rng.normal(0, 0.5, (tall, rank))
            writer.add_tensor(f"{tensor.name}.lora_a", first.astype(np.float32))
            writer.add_tensor(f"{tensor.name}.lora_b", second.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
