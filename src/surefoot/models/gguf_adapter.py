"""Low-rank adapters in GGUF: what makes a file one that fits a model. Reads headers; knows no engine."""

from __future__ import annotations

from pathlib import Path

from surefoot.core.errors import DataError
from surefoot.models.gguf import GgufFacts, Tensor, read_gguf

LORA_A = ".lora_a"
LORA_B = ".lora_b"
LEFT_OUT = ("token_embd.weight", "output.weight")
"""Weights that llama.cpp leaves out, or fails at, when an adapter changes them."""


def check_adapter(path: Path, base: GgufFacts) -> GgufFacts:
    """The header of an adapter, if every one of its tensors has its place in the base.

    Raises:
        MissingError: there is no such file.
        DataError: it is no adapter, is for another architecture, or a tensor does not fit the base.
    """
    facts = read_gguf(path)
    if facts.values.get("adapter.type") != "lora" or "adapter.lora.alpha" not in facts.values:
        raise DataError(
            "is not a low-rank adapter in GGUF",
            where=str(path),
            hint="surefoot adapters export NAME --form gguf-adapter writes one",
        )
    if facts.architecture != base.architecture:
        raise DataError(
            f"is an adapter for {facts.architecture or 'no'} models, {base.path.name} is {base.architecture}",
            where=str(path),
        )
    if problem := _misfit(facts, base):
        raise DataError(
            f"does not fit {base.path.name}: {problem}",
            where=str(path),
            hint="an adapter works with the weights it was trained on, and no others",
        )
    return facts


def _misfit(adapter: GgufFacts, base: GgufFacts) -> str:
    places = {tensor.name: tensor for tensor in base.tensors}
    found = {tensor.name: tensor for tensor in adapter.tensors}
    if not found:
        return "it has no tensors"
    for name, tensor in found.items():
        stem = name.removesuffix(LORA_A).removesuffix(LORA_B)
        if stem == name:
            return f"{name} is not half of a pair"
        if stem not in places:
            return f"the base has no {stem}"
        if stem in LEFT_OUT:
            return f"{stem} cannot be changed by an adapter at serve time"
        if stem + LORA_A not in found or stem + LORA_B not in found:
            return f"{name} lacks its other half"
        if name.endswith(LORA_A) and (wrong := _shapes(tensor, found[stem + LORA_B], places[stem])):
            return wrong
    return ""


def _shapes(a: Tensor, b: Tensor, weight: Tensor) -> str:
    """What is wrong with `weight += b @ a`; shapes have the row length first."""
    if len(a.shape) != 2 or len(b.shape) != 2 or a.shape[1] != b.shape[0]:
        return f"{a.name} is {a.shape} and {b.name} {b.shape}"
    if (a.shape[0], b.shape[1]) != weight.shape:
        return f"{weight.name} is {weight.shape}, the adapter's {(a.shape[0], b.shape[1])}"
    return ""
