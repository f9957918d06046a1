"""Rows as tokens: the chat template puts them into words, and only what the model should say is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from surefoot.core.errors import DataError
from surefoot.tune.rows import ChatRow

IGNORED = -100
"""The label of a token that is read and not learnt."""


@dataclass(frozen=True, slots=True)
class EncodedRow:
    """The tokens of a whole conversation; those from `start` on are learnt."""

    id: str
    ids: tuple[int, ...]
    start: int

    @property
    def labels(self) -> list[int]:
        """The tokens that are learnt, in their places."""
        return [IGNORED] * self.start + list(self.ids[self.start :])


@dataclass(frozen=True, slots=True)
class EncodedRows:
    """Rows that fit, and the ids of those that do not."""

    rows: tuple[EncodedRow, ...]
    too_long: tuple[str, ...]


def encode_rows(
    rows: Sequence[ChatRow], tokenizer: Any, *, max_tokens: int, long_share: float
) -> EncodedRows:
    """Every row as tokens; nothing is cut.

    Raises:
        DataError: the template says a prompt otherwise once the answer follows, or more rows than `long_share` of
            them are longer than `max_tokens`; they are named.
    """
    encoded = [encode_row(row, tokenizer) for row in rows]
    fitting = tuple(row for row in encoded if len(row.ids) <= max_tokens)
    long = [row for row in encoded if len(row.ids) > max_tokens]
    if len(long) > long_share * len(encoded) or not fitting:
        longest = max(long, key=lambda row: len(row.ids))
        raise DataError(
            f"{len(long)} of {len(encoded)} rows have more than {max_tokens} tokens and would be cut: "
            f"{_some([row.id for row in long])}",
            hint=f"max_tokens = {len(longest.ids)} takes all; long_share leaves that share of them out",
        )
    return EncodedRows(fitting, tuple(row.id for row in long))


def encode_row(row: ChatRow, tokenizer: Any) -> EncodedRow:
    """The row in the words of the template, with its marks of begin and end as the template sets them, once.

    Raises:
        DataError: the tokens of the prompt alone are not those that the whole begins with.
    """
    asked = [{"role": turn.role, "content": turn.content} for turn in row.prompt]
    said = [*asked, {"role": "assistant", "content": row.completion}]
    before = _tokens(tokenizer, asked, reply=True)
    whole = _tokens(tokenizer, said, reply=False)
    if whole[: len(before)] != before or len(whole) == len(before):
        raise DataError(
            "the chat template says the prompt otherwise once an answer follows, so what is learnt would "
            "not be what is asked for",
            where=row.id,
            hint="take a base whose template says each message on its own",
        )
    return EncodedRow(row.id, tuple(whole), len(before))


def show_row(row: EncodedRow, tokenizer: Any) -> list[tuple[str, bool]]:
    """Each token as text, and whether it is learnt."""
    return [(tokenizer.decode([token]), at >= row.start) for at, token in enumerate(row.ids)]


def _tokens(tokenizer: Any, messages: list[dict[str, str]], *, reply: bool) -> list[int]:
    """The template's text carries its own marks, so the tokenizer adds none: a second one would never be asked."""
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=reply)
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def _some(ids: list[str], count: int = 5) -> str:
    more = f" and {len(ids) - count} more" if len(ids) > count else ""
    return ", ".join(ids[:count]) + more
