"""Divides passages that are too many for one prompt into groups that fit. Numbers them through, asks no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from surefoot.core.types import Chunk
from surefoot.generate.asking.passages import Shown, show


@dataclass(frozen=True, slots=True)
class Groups:
    """Passages by group; passage `n` of a mark is `chunks[n - 1]`, whichever group it is in."""

    shown: tuple[Shown, ...]
    notes: tuple[str, ...] = ()

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """All passages in the order of their numbers."""
        return tuple(chunk for one in self.shown for chunk in one.chunks)

    @property
    def together(self) -> Shown:
        """All of them as if they had been shown at once."""
        return Shown(self.chunks, "\n\n".join(one.text for one in self.shown), "", self.notes)


def grouped(
    chunks: Sequence[Chunk], budget: int, count: Callable[[str], int], *, seed: str
) -> Groups:
    """The passages in groups of at most so many tokens each; one that does not fit alone is cut, and that is said."""
    left = list(chunks)
    groups: list[Shown] = []
    notes: list[str] = []
    first = 1
    while left:
        shown = show(left, budget, count, seed=f"{seed}:{first}", first=first)
        if not shown.chunks:
            notes.append(f"left out {len(left)} passages: none fits into {budget} tokens")
            break
        notes += shown.notes[: int(shown.cut)]
        groups.append(shown)
        taken = {chunk.id for chunk in shown.chunks}
        left = [chunk for chunk in left if chunk.id not in taken]
        first += len(shown.chunks)
    return Groups(tuple(groups), tuple(notes))
