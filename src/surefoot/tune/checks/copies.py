"""Rows that say the same again, and rows that contradict each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from surefoot.core.lang import normalise_answer
from surefoot.core.lang.likeness import near_copies, plain_words
from surefoot.tune.checks.frames import own_parts
from surefoot.tune.left_out import LeftOut
from surefoot.tune.rows import ChatRow, PairRow

Row = ChatRow | PairRow
NEAR: Final = 0.9
MOST_COMPARED: Final = 20_000
"""Rows up to which near copies are looked for: the time grows with the square."""
_MANY_ANSWERS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is left of rows, what was left out, and what there is to say."""

    rows: tuple[Row, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


def without_copies(rows: Sequence[Row], asked: Callable[[Row], str]) -> Sifted:
    """The first of rows that are equal but for case, width and white space, or nearly ask the same for the same."""
    first: dict[tuple[str, ...], str] = {}
    kept: list[Row] = []
    left_out: list[LeftOut] = []
    for row in rows:
        key = (said_before(row), plain_words(learnt(row)))
        if key in first:
            left_out.append(LeftOut(_place(row), "the same as another row", f"as {first[key]}"))
        else:
            first[key] = _place(row)
            kept.append(row)
    if len(kept) > MOST_COMPARED:
        note = f"near copies were not looked for among more than {MOST_COMPARED} rows"
        return Sifted(tuple(kept), tuple(left_out), (note,))
    near = _near(kept, asked)
    left_out += near.values()
    return Sifted(tuple(row for row in kept if row.id not in near), tuple(left_out))


def without_contradictions(rows: Sequence[Row]) -> Sifted:
    """The rows without those whose equal prompt another row answers otherwise: which is right cannot be told.

    Where a fifth of the prompts and more have several answers, these are versions, and all stay.
    """
    groups: defaultdict[str, list[ChatRow]] = defaultdict(list)
    for row in rows:
        if isinstance(row, ChatRow):
            groups[said_before(row)].append(row)
    torn = {key: group for key, group in groups.items() if _disagree(group)}
    if len(torn) >= max(2, _MANY_ANSWERS * len(groups)):
        note = f"{len(torn)} prompts have several answers: taken for versions, and all kept"
        return Sifted(tuple(rows), (), (note,))
    gone = {row.id: group for group in torn.values() for row in group}
    left_out = tuple(
        LeftOut(_place(row), "its prompt is answered otherwise too", _other(row, gone[row.id]))
        for row in rows
        if row.id in gone
    )
    return Sifted(tuple(row for row in rows if row.id not in gone), left_out)


def said_before(row: Row) -> str:
    """What the model is given, folded."""
    if isinstance(row, PairRow):
        return plain_words(row.query)
    return "\n".join(plain_words(turn.content) or turn.content for turn in row.prompt)


def learnt(row: Row) -> str:
    """What the model learns from the row."""
    return row.positive if isinstance(row, PairRow) else row.completion


def _near(rows: Sequence[Row], asked: Callable[[Row], str]) -> dict[str, LeftOut]:
    """The later one of each pair that nearly asks the same and learns the same."""
    found: dict[str, LeftOut] = {}
    same: defaultdict[str, list[int]] = defaultdict(list)
    texts = own_parts([_compared(row, asked) for row in rows])
    for place, row in enumerate(rows):
        same[plain_words(learnt(row)) or learnt(row)].append(place)
    for group in same.values():
        for one, other, likeness in near_copies([texts[p] for p in group], threshold=NEAR):
            first, second = rows[group[one]], rows[group[other]]
            if first.id not in found and said_before(first) != said_before(second):
                detail = f"{likeness:.0%} like {_place(first)}"
                found.setdefault(second.id, LeftOut(_place(second), "nearly copies a row", detail))
    return found


def _compared(row: Row, asked: Callable[[Row], str]) -> str:
    """What a row asks; of a conversation all that was said."""
    if isinstance(row, ChatRow) and any(turn.role == "assistant" for turn in row.prompt):
        return "\n".join(turn.content for turn in row.prompt)
    return asked(row)


def _disagree(group: Iterable[ChatRow]) -> bool:
    """Whether no answer holds another one of the group."""
    told = list({normalise_answer(row.completion, row.lang) for row in group})
    return any(
        a not in b and b not in a
        for place, a in enumerate(told)
        for b in told[place + 1 :]
        if a and b
    )


def _other(row: ChatRow | PairRow, group: Sequence[ChatRow]) -> str:
    other = next(one for one in group if one.id != row.id)
    return f"by {_place(other)}"


def _place(row: Row) -> str:
    return row.origin.source or row.id
