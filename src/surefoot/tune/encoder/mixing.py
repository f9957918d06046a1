"""Weights between the base's and the trained ones: a share of the base undoes a part of what is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mixed:
    """How a share of the base fared: mean scores on the dev rows and on those of general."""

    share: float
    dev: float
    general: float


def mixed_state(
    trained: Mapping[str, Any], base: Mapping[str, Any], share: float
) -> dict[str, Any]:
    """The tensors of a network, `share` of the base and the rest as trained; what the base lacks stays."""
    found: dict[str, Any] = {}
    for name, tensor in trained.items():
        same = name in base and tensor.is_floating_point()
        found[name] = tensor * (1 - share) + base[name] * share if same and share else tensor
    return found


def choose_share(
    shares: tuple[float, ...],
    measure: Callable[[float], tuple[float, float]],
    general_before: float,
    allowed: float,
) -> tuple[Mixed, list[Mixed]]:
    """The share with the best dev score among those that keep the general score, and all that were tried.

    `measure(share)` gives the means on dev and general. Where none keeps `1 - allowed` of the general score from
    before, the one that keeps most of it.
    """
    tried = [Mixed(share, *measure(share)) for share in shares]
    keeping = [m for m in tried if m.general >= (1 - allowed) * general_before]
    best = (
        max(keeping, key=lambda m: (m.dev, m.share))
        if keeping
        else max(tried, key=lambda m: (m.general, m.share))
    )
    return best, tried
