"""Asks for torch and what goes with it: quietly, and with a remedy where it is not installed."""

from __future__ import annotations

from importlib.util import find_spec

from surefoot.core.errors import MissingExtra

PACKAGES = ("torch", "transformers", "peft", "trl", "datasets", "accelerate")


def require_torch(why: str) -> None:
    """Nothing, where the packages of the extra `tune` are there.

    Raises:
        MissingExtra: naming the first that is not.
    """
    for package in PACKAGES:
        if find_spec(package) is None:
            raise MissingExtra(package, extra="tune", why=why)


def versions() -> dict[str, str]:
    """The releases that train, for the card: weights of one release do not always load with another."""
    from importlib.metadata import version

    return {package: version(package) for package in PACKAGES}


def has_fast_bf16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware (avx512_bf16 or amx); elsewhere float32 is faster."""
    import torch

    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
