"""RAFT rows: a question among passages as it will be asked, the right one and others that our own search takes for it.

Some questions are told a second time without the right passage; what is learnt then is to decline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from pydantic import Field, NonNegativeInt, PositiveInt

from surefoot.config.base import Settings
from surefoot.core.digest import digest_json
from surefoot.core.roles import Message
from surefoot.core.types import Chunk, Lang
from surefoot.tune.data.asked import MadeRows, Taught, holds, overlaps
from surefoot.tune.left_out import LeftOut
from surefoot.tune.rows import ChatRow, ChatTurn

PASSAGE: Final = "{{passage}}"
"""What becomes the number of the right passage in a completion of the user's own."""
ABSENT: Final = "without"
"""What stands behind the id of a row without the right passage."""

Search = Callable[[str, int], Sequence[Chunk]]


class RaftSettings(Settings):
    """How many other passages stand beside the right one, and how often it is not there."""

    distractors: NonNegativeInt = Field(
        default=3, description="other passages at most; each row has 0 to so many"
    )
    absent: float = Field(
        default=0.25,
        ge=0,
        le=1,
        description="share of the questions that are told once more without their passage",
    )
    depth: PositiveInt = Field(
        default=20, description="passages that the search gives, of which the others are taken"
    )
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RaftParts:
    """What rows are made with.

    `right` gives the passages that a question needs, best first (none where it cannot be told). `say` makes the
    messages of the serving prompt. `shows` says whether they hold a passage whole, `fits` whether they are short
    enough with a reply. `refusal` is what declining says in a language. `cite` puts the mark of the passages with these
    numbers behind an answer.
    """

    search: Search
    right: Callable[[Taught], Sequence[Chunk]]
    say: Callable[[str, Sequence[Chunk]], Sequence[Message]]
    shows: Callable[[Sequence[Message], Chunk], bool]
    refusal: Callable[[Lang], str]
    cite: Callable[[str, Sequence[int]], str]
    fits: Callable[[Sequence[Message], str], bool] = lambda _messages, _reply: True


def raft_rows(
    questions: Sequence[Taught],
    parts: RaftParts,
    settings: RaftSettings,
    progress: Callable[[int, int], None] | None = None,
) -> MadeRows:
    """A row for each question with its passage, then for a share of them one without; the same seed gives the same."""
    rows: list[ChatRow] = []
    left_out: list[LeftOut] = []
    for number, taught in enumerate(questions, start=1):
        for made in _of(taught, parts, settings):
            (rows if isinstance(made, ChatRow) else left_out).append(made)  # type: ignore[arg-type]
        if progress is not None:
            progress(number, len(questions))
    return MadeRows(tuple(rows), tuple(left_out))


def _of(taught: Taught, parts: RaftParts, settings: RaftSettings) -> list[ChatRow | LeftOut]:
    draw = Random(digest_json([settings.seed, taught.id, taught.question]))
    found = list(parts.search(taught.question, settings.depth))
    if not taught.answerable:
        return [_without(taught, found, parts, settings, draw)]
    right = list(parts.right(taught))
    if not right:
        return [_gone(taught, "no passage is known to answer it")]
    others = [
        chunk
        for chunk in found
        if not any(overlaps(chunk, one) for one in right)
        and not holds(chunk, taught.answers, taught.lang)
    ]
    made: list[ChatRow | LeftOut] = [_with(taught, right, others, parts, settings, draw)]
    if draw.random() < settings.absent:
        # A page in another language may be a translation, which answers without its words.
        alike = [chunk for chunk in others if any(chunk.lang == one.lang for one in right)]
        made.append(_without(taught, alike, parts, settings, draw))
    return [_named(one, right) for one in made]


def _with(
    taught: Taught,
    right: Sequence[Chunk],
    others: Sequence[Chunk],
    parts: RaftParts,
    settings: RaftSettings,
    draw: Random,
) -> ChatRow | LeftOut:
    """The row with the right passages; with fewer others where not all fit into the prompt."""
    most = draw.randint(0, min(settings.distractors, len(others)))
    for many in range(most, -1, -1):
        shown = [*right, *others[:many]]
        draw.shuffle(shown)
        messages = parts.say(taught.question, shown)
        numbers = sorted(shown.index(chunk) + 1 for chunk in right)
        completion = _completion(taught, numbers, parts)
        if _serves(messages, shown, completion, parts):
            return _row(taught, messages, completion, "raft")
    return _gone(taught, "its passage does not fit into the prompt")


def _without(
    taught: Taught,
    others: Sequence[Chunk],
    parts: RaftParts,
    settings: RaftSettings,
    draw: Random,
) -> ChatRow | LeftOut:
    """The row in which declining is right: as many passages as a row with the right one may have."""
    most = draw.randint(1, settings.distractors + 1)
    for many in range(min(most, len(others)), 0, -1):
        shown = list(others[:many])
        draw.shuffle(shown)
        messages = parts.say(taught.question, shown)
        declined = taught.own and not taught.answerable
        completion = taught.completion if declined else parts.refusal(taught.lang)
        if _serves(messages, shown, completion, parts):
            return _row(taught, messages, completion, ABSENT)
    return _gone(taught, "no other passage is found for a row without the right one")


def _serves(
    messages: Sequence[Message], shown: Sequence[Chunk], completion: str, parts: RaftParts
) -> bool:
    """Whether the solution would ask its model, shows it every passage whole, and the row is not too long."""
    whole = bool(messages) and all(parts.shows(messages, chunk) for chunk in shown)
    return whole and parts.fits(messages, completion)


def _completion(taught: Taught, numbers: Sequence[int], parts: RaftParts) -> str:
    if taught.own:
        return taught.completion.replace(PASSAGE, str(numbers[0]))
    return parts.cite(taught.completion, numbers)


def _row(taught: Taught, messages: Sequence[Message], completion: str, made: str) -> ChatRow:
    generator = taught.origin.generator
    told = "raft" if generator == "given" else f"raft:{generator}"
    return ChatRow(
        id=f"{taught.id}-{ABSENT}" if made == ABSENT and taught.answerable else taught.id,
        prompt=tuple(ChatTurn(role=one.role, content=one.content) for one in messages),
        completion=completion,
        lang=taught.lang,
        split=taught.split,
        origin=taught.origin.model_copy(
            update={"generator": f"{told}-{ABSENT}" if made == ABSENT else told}
        ),
    )


def _named(made: ChatRow | LeftOut, right: Sequence[Chunk]) -> ChatRow | LeftOut:
    """The row with the document that answers, so that a split keeps its rows together."""
    if not isinstance(made, ChatRow) or made.origin.document:
        return made
    origin = made.origin.model_copy(
        update={
            "document": right[0].document_id,
            "cluster": made.origin.cluster or right[0].document_id,
        }
    )
    return made.model_copy(update={"origin": origin})


def _gone(taught: Taught, reason: str) -> LeftOut:
    return LeftOut(taught.place, reason, taught.question)
