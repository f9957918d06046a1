"""Shortens passages to the sentences that most likely answer, for models that lose their way in long prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from surefoot.core.types import Chunk
from surefoot.generate.evidence import READING, Candidate
from surefoot.generate.sentences import units


def focused(candidates: Sequence[Candidate], many: int) -> list[Chunk]:
    """The stretch of each passage that holds some of the first `many` candidates, with a sentence before and behind.

    The passage of the best one comes first. A stretch is a chunk of the same name whose span is one of the document.
    """
    spans: dict[str, tuple[int, int]] = {}
    chunks: dict[str, Chunk] = {}
    for one in candidates[:many]:
        chunk = chunks.setdefault(one.hit.chunk.id, one.hit.chunk)
        start, end = _around(one)
        first, last = spans.get(chunk.id, (start, end))
        spans[chunk.id] = (min(first, start), max(last, end))
    return [_stretch(chunk, *spans[name]) for name, chunk in chunks.items()]


def _around(one: Candidate) -> tuple[int, int]:
    found = units(one.hit.chunk.text, READING.limits)
    place = found.index(one.unit)
    return found[max(0, place - 1)].start, found[min(len(found) - 1, place + 1)].end


def _stretch(chunk: Chunk, start: int, end: int) -> Chunk:
    text = chunk.text[start:end]
    return replace(chunk, text=text, start=chunk.start + start, end=chunk.start + end)
