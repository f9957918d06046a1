"""Makes answers of JSON values: canonical text, and a citation for each value that stands in a passage."""

from __future__ import annotations

from collections.abc import Sequence

from surefoot.core.types import Answer, Chunk
from surefoot.generate.structured.forming import Formed
from surefoot.generate.structured.schema import Schema
from surefoot.generate.structured.standing import standing
from surefoot.generate.structured.writing import write


def structured_answer(
    formed: Formed, passages: Sequence[Chunk], schema: Schema, confidence: float | None = None
) -> tuple[Answer, list[str]]:
    """The answer, and notes; values that stand in no passage are `unsupported`, as `name: value`.

    Without passages nothing is cited and nothing is missed.
    """
    written = write(formed.value)
    notes = list(formed.notes)
    missing: list[str] = []
    citations = standing(written, passages, schema)
    if passages:
        missing = [
            f"{leaf.name}: {leaf.value}" if leaf.path else str(leaf.value)
            for leaf in citations.missing
        ]
    if missing:
        notes.append(f"values that stand in no passage: {'; '.join(missing)}")
    answer = Answer(
        written.text,
        citations.citations,
        confidence=confidence,
        unsupported=tuple(missing),
        usage=formed.usage,
        value=formed.value,
    )
    return answer, notes
