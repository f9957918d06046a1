"""A question with what is to be said and where it stands: what rows of every kind are made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from surefoot.core.lang import fold, normalise_answer
from surefoot.core.types import Chunk, GoldSpan, Lang
from surefoot.tune.left_out import LeftOut
from surefoot.tune.rows import ChatRow, Origin, PairRow, RowSplit

_SLOT = re.compile(r"[^\W\d]\s?\[([^\[\]]+)\]")
_LEAST_CHARS = 2


@dataclass(frozen=True, slots=True)
class Taught:
    """A question, what is to be said, and the document spans that say it.

    `answerable=False` means that declining is right, in the words of `completion` where they are the user's own.
    `answers` are the texts by which a passage that answers is known; `gold` without start and end is a whole document.
    `hidden` is the span of a document that the question was taken from. `own` says that the completion is the user's:
    it is kept letter for letter, but that `{{passage}}` in it becomes the number of the right passage.
    """

    id: str
    question: str
    completion: str = ""
    lang: Lang = "other"
    answerable: bool = True
    answers: tuple[str, ...] = ()
    gold: tuple[GoldSpan, ...] = ()
    quotes: tuple[str, ...] = ()
    hidden: tuple[str, int, int] | None = None
    own: bool = False
    split: RowSplit = "train"
    origin: Origin = field(default_factory=Origin)

    @property
    def place(self) -> str:
        """Where it is from, for people."""
        return self.origin.source or self.id


@dataclass(frozen=True, slots=True)
class MadeRows:
    """Rows that were made, of what none could be made, and what there is to say."""

    rows: tuple[ChatRow | PairRow, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


def taught_from(
    row: ChatRow,
    *,
    documents: Sequence[str] = (),
    quotes: Sequence[str] = (),
    refusals: Sequence[str] = (),
) -> Taught | None:
    """A user's row as a question with its answer; None where it is a conversation or has a system message.

    What a right passage has to hold is what stands in the first brackets of a completion such as `answer[308]`, else
    the whole completion. One that is among the `refusals` says that nothing answers.
    """
    if len(row.prompt) != 1:
        return None
    slot = _SLOT.search(row.completion)
    declines = fold(row.completion) in {fold(refusal) for refusal in refusals if refusal}
    return Taught(
        id=row.id,
        question=row.prompt[0].content,
        completion=row.completion,
        lang=row.lang,
        answerable=not declines,
        answers=() if declines else (slot[1] if slot else row.completion,),
        gold=tuple(GoldSpan(name, "") for name in documents),
        quotes=tuple(quotes),
        own=True,
        split=row.split,
        origin=row.origin,
    )


def holds(chunk: Chunk, answers: Sequence[str], lang: Lang) -> bool:
    """Whether one of the answers stands in the chunk, whatever its case, width and punctuation."""
    text = f" {normalise_answer(chunk.text, lang)} "
    for answer in answers:
        plain = normalise_answer(answer, lang)
        if len(plain) >= _LEAST_CHARS and (plain in text if lang == "zh" else f" {plain} " in text):
            return True
    return False


def overlaps(one: Chunk, other: Chunk) -> bool:
    """Whether two chunks have text in common, by place or letter for letter."""
    if one.document_id == other.document_id and one.start < other.end and other.start < one.end:
        return True
    return fold(one.text) == fold(other.text)


def stands_in(chunk: Chunk, span: GoldSpan) -> bool:
    """Whether a chunk has some of a span; of a span without a place, whether it is of the document."""
    if chunk.document_id != span.document_id:
        return False
    if span.start is None or span.end is None:
        return True
    return chunk.start < span.end and span.start < chunk.end
