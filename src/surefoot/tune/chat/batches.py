"""Divides a batch into micro-batches that fit into memory. The step stays the same: one batch, one update."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from surefoot.tune.chat.encoding import IGNORED


def divide(lengths: Sequence[int], max_tokens: int, *, padded: bool = True) -> list[list[int]]:
    """Places of rows in groups, longest first; a group's tokens (padding counted) stay within `max_tokens`.

    A row that is longer alone stands alone.
    """
    groups: list[list[int]] = []
    taken = 0
    for place in sorted(range(len(lengths)), key=lambda at: (-lengths[at], at)):
        longest = lengths[groups[-1][0]] if groups and padded else lengths[place]
        if not groups or taken + longest > max_tokens:
            groups.append([])
            taken, longest = 0, lengths[place]
        groups[-1].append(place)
        taken += longest
    return groups


def micro_batches(
    inputs: dict[str, Any], max_tokens: int, *, packing: bool
) -> list[dict[str, Any]]:
    """The batch (n x length, right-padded) in parts, each cut to its own longest row or packed into one row."""
    lengths = inputs["attention_mask"].sum(1).tolist()
    make = _packed if packing else _padded
    return [
        make(inputs, group, lengths) for group in divide(lengths, max_tokens, padded=not packing)
    ]


def _padded(inputs: dict[str, Any], group: list[int], lengths: list[int]) -> dict[str, Any]:
    longest = max(lengths[place] for place in group)
    return {
        name: inputs[name][group, :longest] for name in ("input_ids", "attention_mask", "labels")
    }


def _packed(inputs: dict[str, Any], group: list[int], lengths: list[int]) -> dict[str, Any]:
    """End to end without padding; positions begin anew with each row, which keeps rows from seeing one another."""
    import torch

    def joined(name: str) -> Any:
        return torch.cat([inputs[name][place, : lengths[place]] for place in group])[None]

    labels = joined("labels")
    positions = torch.cat([torch.arange(lengths[place]) for place in group])[None]
    labels[positions == 0] = IGNORED
    return {
        "input_ids": joined("input_ids"),
        "labels": labels,
        "position_ids": positions.to(labels.device),
    }
