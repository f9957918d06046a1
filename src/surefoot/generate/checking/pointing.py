"""What stands in a reply's place that names passages and says nothing: their own sentence. Asks no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from surefoot.core.types import Chunk
from surefoot.generate.checking.citations import claims, find_marks, with_marks
from surefoot.generate.evidence import Candidate
from surefoot.generate.sentences import as_said

NOTE: Final = "the model's reply only names passages: the sentence of theirs that most likely answers is quoted"


def pointed_at(reply: str, passages: Sequence[Chunk], candidates: Sequence[Candidate]) -> str:
    """The first candidate of the passages named, with its mark; empty where the reply says something or names no other.

    Passage `n` of the reply's marks is `passages[n - 1]`; `candidates` are best first.
    """
    if claims(reply):
        return ""
    named = {number for mark in find_marks(reply) for number in mark.numbers}
    places = {passages[n - 1].id: n for n in sorted(named) if 0 < n <= len(passages)}
    for one in candidates:
        if (number := places.get(one.hit.chunk.id)) is not None:
            return with_marks(as_said(one.text, one.unit.kind), [number])
    return ""
