"""All checks of rows, one after the other. What they leave out is counted by reason; leaks are told apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from surefoot.core.roles import Message
from surefoot.core.types import EvalCase
from surefoot.tune.checks.copies import without_contradictions, without_copies
from surefoot.tune.checks.leaks import Embed, Leak, asked_of, find_leaks
from surefoot.tune.left_out import LeftOut
from surefoot.tune.rows import ChatRow, PairRow

Row = ChatRow | PairRow
CountTokens = Callable[[str], int]
_FRAME_TOKENS: Final = 8  # what a chat template may add around one message


@dataclass(frozen=True, slots=True)
class RowReport:
    """What checks say of rows: `rows` are those that may be trained on, leaks already taken out.

    `tokens` is by row id, of all that the model reads and writes; `left_out` does not hold the `leaks`.
    """

    rows: tuple[Row, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    leaks: tuple[Leak, ...] = ()
    tokens: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def check_rows(
    rows: Sequence[Row],
    *,
    count_tokens: CountTokens,
    max_tokens: int,
    against: Sequence[EvalCase] = (),
    embed: Embed | None = None,
    asked: Callable[[Row], str] = asked_of,
) -> RowReport:
    """Leaves out what is empty, would be cut, repeats or contradicts another row, or gives away a question.

    `asked` says what a row asks, where its prompt holds more; `embed` makes unit vectors of questions.
    """
    tokens = {row.id: tokens_of(row, count_tokens) for row in rows}
    left_out: list[LeftOut] = []
    sound: list[Row] = []
    for row in rows:
        if problem := _empty(row):
            left_out.append(LeftOut(_place(row), problem))
        elif tokens[row.id] > max_tokens:
            reason = f"longer than {max_tokens} tokens: it would be cut"
            left_out.append(LeftOut(_place(row), reason, f"{tokens[row.id]} tokens"))
        else:
            sound.append(row)
    once = without_copies(sound, asked)
    agreed = without_contradictions(once.rows)
    leaks = find_leaks(agreed.rows, against, asked=asked, embed=embed)
    leaking = {leak.row for leak in leaks}
    kept = tuple(row for row in agreed.rows if row.id not in leaking)
    return RowReport(
        kept,
        (*left_out, *once.left_out, *agreed.left_out),
        tuple(leaks),
        {row.id: tokens[row.id] for row in kept},
        (*once.notes, *agreed.notes),
    )


def tokens_of(row: Row, count_tokens: CountTokens) -> int:
    """All tokens of a conversation with what a template adds; of a pair those of its longest text."""
    if isinstance(row, PairRow):
        return max(count_tokens(text) for text in (row.query, row.positive, *row.negatives))
    return said_tokens(row.messages(), row.completion, count_tokens)


def said_tokens(messages: Sequence[Message], reply: str, count_tokens: CountTokens) -> int:
    """The tokens of messages and a reply, with what a chat template may add."""
    texts = (*(message.content for message in messages), reply)
    return sum(count_tokens(text) + _FRAME_TOKENS for text in texts)


def _empty(row: Row) -> str:
    if isinstance(row, PairRow):
        full = row.query.strip() and row.positive.strip() and all(n.strip() for n in row.negatives)
        return "" if full else "a text of the pair is empty"
    if not row.completion.strip():
        return "the answer is empty"
    return (
        ""
        if any(t.role == "user" and t.content.strip() for t in row.prompt)
        else ("the question is empty")
    )


def _place(row: Row) -> str:
    return row.origin.source or row.id
