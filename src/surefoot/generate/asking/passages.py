"""Puts numbered passages before a model: fitted into a budget, fenced off, and unable to speak for anyone else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from surefoot.core.harmless import harmless
from surefoot.core.types import Chunk

_MARK_CHARS = 12
_SHORTEST = 40  # a passage cut shorter than so many characters is left out


@dataclass(frozen=True, slots=True)
class Shown:
    """What the model is shown: passage `n` is `chunks[n - 1]`; `notes` say what was cut or left out."""

    chunks: tuple[Chunk, ...]
    text: str
    mark: str
    notes: tuple[str, ...]
    cut: bool = False


def show(
    chunks: Sequence[Chunk],
    budget: int,
    count: Callable[[str], int],
    *,
    seed: str,
    first: int = 1,
) -> Shown:
    """Fences the best chunks that fit into the budget of tokens together; the first is cut where it alone does not.

    They are numbered from `first`. The fences carry a mark that follows from seed and chunks: a text that wants to
    hold its own mark would change it.
    """
    mark = mark_of(seed, chunks)
    blocks: list[str] = []
    kept: list[Chunk] = []
    left = budget
    for chunk in chunks:
        block = _block(chunk, first + len(kept), mark)
        cost = count(block)
        if cost > left:
            continue
        kept.append(chunk)
        blocks.append(block)
        left -= cost
    notes: list[str] = []
    cut = _cut(chunks[0], mark, budget, count) if chunks and not kept else None
    if cut is not None:
        kept, blocks = [chunks[0]], [_block(cut, first, mark)]
        notes.append(
            f"the first passage was cut to {len(cut.text)} of {len(chunks[0].text)} characters"
        )
    if gone := len(chunks) - len(kept):
        notes.append(f"left out {gone} of {len(chunks)} passages, over {budget} tokens together")
    return Shown(tuple(kept), "\n\n".join(blocks), mark, tuple(notes), cut=cut is not None)


def mark_of(seed: str, chunks: Sequence[Chunk]) -> str:
    """Twelve hex digits that no text can hold beforehand: they follow from the seed and all that is shown.

    Without the question in the seed another question over the same passages begins with the same words, which a model
    need not read again.
    """
    digest = sha256(seed.encode())
    for chunk in chunks:
        digest.update(f"{chunk.id}\0{chunk.text}\0".encode())
    return digest.hexdigest()[:_MARK_CHARS]


def _block(chunk: Chunk, number: int, mark: str) -> str:
    path = " > ".join(part for part in (chunk.title, *chunk.headings) if part)
    label = " ".join(harmless(path).split())
    return (
        f"({mark}) [{number}] {label}".rstrip()
        + f"\n{harmless(chunk.text)}\n({mark}) end [{number}]"
    )


def _cut(chunk: Chunk, mark: str, budget: int, count: Callable[[str], int]) -> Chunk | None:
    """The longest beginning that fits."""
    low, high = 0, len(chunk.text)
    while low < high:
        middle = (low + high + 1) // 2
        if count(_block(_beginning(chunk, middle), 1, mark)) <= budget:
            low = middle
        else:
            high = middle - 1
    return _beginning(chunk, low) if low >= _SHORTEST else None


def _beginning(chunk: Chunk, chars: int) -> Chunk:
    return replace(chunk, text=chunk.text[:chars], end=chunk.start + chars)
