"""Pairs of a query and its passage, with passages that look alike and do not answer: for encoder and reranker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import Field, NonNegativeInt, PositiveInt

from surefoot.config.base import Settings
from surefoot.core.errors import DataError
from surefoot.core.types import Chunk
from surefoot.tune.data.asked import MadeRows, Taught, overlaps
from surefoot.tune.data.raft import Search
from surefoot.tune.left_out import LeftOut
from surefoot.tune.rows import PairRow

Score = Callable[[str, Sequence[Chunk]], Sequence[float]]
"""How well each passage answers a query; higher is better, those of one call compare."""
Teach = Callable[[str, Sequence[str]], Sequence[float]]
"""The same for texts: what is learnt from."""


class PairSettings(Settings):
    """How many passages that look alike stand beside each pair, and how near they may come."""

    negatives: NonNegativeInt = Field(default=4, description="passages that look alike, at most")
    margin: float = Field(
        default=0.05,
        ge=0,
        lt=1,
        description="one that scores more than the right one less this share may answer too: it is not taken",
    )
    depth: PositiveInt = Field(default=30, description="passages that the search gives")


@dataclass(frozen=True, slots=True)
class PairParts:
    """What pairs are made with.

    `right` gives the passages that answer. `text` is what the encoder reads of a passage, without what is hidden for
    the question. `score` is what the margin is measured by. `teacher` gives the scores that are learnt from.
    """

    search: Search
    right: Callable[[Taught], Sequence[Chunk]]
    text: Callable[[Chunk, Taught], str]
    score: Score
    teacher: Teach | None = None


def pair_rows(
    questions: Sequence[Taught],
    parts: PairParts,
    settings: PairSettings,
    progress: Callable[[int, int], None] | None = None,
) -> MadeRows:
    """A row for each passage that answers a question.

    Raises:
        DataError: passages that look alike are wanted, and no row has any.
    """
    rows: list[PairRow] = []
    left_out: list[LeftOut] = []
    for number, taught in enumerate(questions, start=1):
        made = _of(taught, parts, settings)
        rows += made
        if not made:
            reason = "no passage is known to answer it" if taught.answerable else "nothing answers"
            left_out.append(LeftOut(taught.place, reason, taught.question))
        if progress is not None:
            progress(number, len(questions))
    return MadeRows(tuple(rows), tuple(left_out), _notes(rows, settings))


def _of(taught: Taught, parts: PairParts, settings: PairSettings) -> list[PairRow]:
    right = list(parts.right(taught)) if taught.answerable else []
    if not right:
        return []
    others = _others(taught, right, parts, settings) if settings.negatives else []
    rows = []
    for number, chunk in enumerate(right):
        positive = parts.text(chunk, taught)
        if not positive.strip():
            continue
        negatives = _beaten(taught, chunk, others, parts, settings)
        scores = parts.teacher(taught.question, [positive, *negatives]) if parts.teacher else ()
        rows.append(
            PairRow(
                id=taught.id if number == 0 else f"{taught.id}#{number + 1}",
                query=taught.question,
                positive=positive,
                negatives=negatives,
                scores=tuple(float(score) for score in scores),
                lang=taught.lang,
                split=taught.split,
                origin=taught.origin.model_copy(
                    update={
                        "document": chunk.document_id,
                        "start": chunk.start,
                        "end": chunk.end,
                    }
                ),
            )
        )
    return rows


def _others(
    taught: Taught, right: Sequence[Chunk], parts: PairParts, settings: PairSettings
) -> list[Chunk]:
    """What the search finds besides: nothing of a right one's section, and not first of its document."""
    found = [
        chunk
        for chunk in parts.search(taught.question, settings.depth)
        if not any(overlaps(chunk, one) or _same_section(chunk, one) for one in right)
    ]
    documents = {chunk.document_id for chunk in right}
    judged = {span.document_id for span in taught.gold if span.start is None}
    if found and found[0].document_id in documents:
        del found[0]
    return [chunk for chunk in found if chunk.document_id not in judged]


def _beaten(
    taught: Taught,
    right: Chunk,
    others: Sequence[Chunk],
    parts: PairParts,
    settings: PairSettings,
) -> tuple[str, ...]:
    """The texts of the first passages that score clearly below the right one."""
    if not others:
        return ()
    best, *scores = parts.score(taught.question, [right, *others])
    bound = best - settings.margin * abs(best)
    positive = parts.text(right, taught)
    texts = [
        parts.text(chunk, taught)
        for chunk, score in zip(others, scores, strict=True)
        if score <= bound
    ]
    return tuple(text for text in dict.fromkeys(texts) if text.strip() and text != positive)[
        : settings.negatives
    ]


def _same_section(one: Chunk, other: Chunk) -> bool:
    return (
        one.document_id == other.document_id
        and bool(one.headings or other.headings)
        and one.headings == other.headings
    )


def _notes(rows: Sequence[PairRow], settings: PairSettings) -> tuple[str, ...]:
    if not settings.negatives or not rows:
        return ()
    bare = sum(not row.negatives for row in rows)
    if bare == len(rows):
        raise DataError(
            f"no passage that looks alike was found for any of {bare} pairs",
            hint="a smaller --margin, or --negatives 0 where other rows' passages will do",
        )
    held = sum(len(row.negatives) for row in rows) / len(rows)
    told = f"{held:.1f} passages that look alike a pair; {bare} pairs have none"
    return (told,)
