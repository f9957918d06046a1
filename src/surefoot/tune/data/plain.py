"""Rows without passages: questions with their answers, and texts in a style to be learnt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from surefoot.core.roles import Message
from surefoot.core.types import Lang
from surefoot.tune.data.asked import MadeRows, Taught
from surefoot.tune.left_out import LeftOut
from surefoot.tune.rows import ChatRow, ChatTurn

Say = Callable[[str], Sequence[Message]]
"""What is said to the model for a question."""

_WRITE: Final = {
    "en": "Write the section “{heading}” of “{title}”.",
    "zh": "请写《{title}》中“{heading}”一节。",
}
_REWRITE: Final = {
    "en": "Say this in our style:\n\n{plain}",
    "zh": "请用我们的文风改写：\n\n{plain}",
}


def chat_rows(
    questions: Sequence[Taught], say: Say, refusal: Callable[[Lang], str] | None = None
) -> MadeRows:
    """A row for each question; those that nothing answers only where `refusal` says what declining is."""
    rows: list[ChatRow] = []
    left_out: list[LeftOut] = []
    for taught in questions:
        declined = refusal(taught.lang) if refusal is not None and not taught.answerable else ""
        completion = taught.completion or declined
        messages = say(taught.question)
        if completion and messages:
            rows.append(_row(taught, messages, completion))
        else:
            reason = (
                "nothing answers it"
                if messages
                else "the solution asks its model only with passages: raft rows have them"
            )
            left_out.append(LeftOut(taught.place, reason, taught.question))
    return MadeRows(tuple(rows), tuple(left_out))


def style_rows(
    sections: Sequence[Taught], plainly: Callable[[Taught], str] | None = None
) -> MadeRows:
    """Rows whose completions are texts as they stand: written from their heading, or from what `plainly` makes of them.

    A section's `question` is its heading, `answers` holds the title of its document, `completion` its text. `plainly`
    says the text without its style, such as a chat model can; empty where that failed.
    """
    rows: list[ChatRow] = []
    left_out: list[LeftOut] = []
    for section in sections:
        lang = section.lang if section.lang in _WRITE else "en"
        if plainly is None:
            title = next(iter(section.answers), "")
            said = _WRITE[lang].format(heading=section.question, title=title)
        elif plain := plainly(section):
            said = _REWRITE[lang].format(plain=plain)
        else:
            reason = "the model said nothing that serves"
            left_out.append(LeftOut(section.id, reason, section.question))
            continue
        rows.append(_row(section, [Message("user", said)], section.completion))
    return MadeRows(tuple(rows), tuple(left_out))


def _row(taught: Taught, messages: Sequence[Message], completion: str) -> ChatRow:
    return ChatRow(
        id=taught.id,
        prompt=tuple(ChatTurn(role=one.role, content=one.content) for one in messages),
        completion=completion,
        lang=taught.lang,
        split=taught.split,
        origin=taught.origin,
    )
