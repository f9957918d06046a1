"""Conversations as other programs write them, by role and content or by `from` and `value`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from surefoot.tune.reading.columns import said

Role = Literal["system", "user", "assistant"]
Problem = Callable[[str, str], Exception]
"""Makes the error of a reason and a detail."""

# What a tool says comes to the model as from the user; a call of a tool is a reply.
_ROLES: Final[Mapping[str, Role]] = {
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("user", "human", "tool", "function", "observation", "ipython"), "user"),
    **dict.fromkeys(("assistant", "gpt", "model", "bot", "chatgpt", "function_call"), "assistant"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One message; `learnt` is False for a reply that its writer weighs 0."""

    role: Role
    content: str
    learnt: bool = True


def messages_of(found: object, problem: Problem) -> list[Said]:
    """The messages of a list in order; a call of a tool without a text is its JSON."""
    if not isinstance(found, list) or not found:
        raise problem("the conversation is no list of messages", "")
    return [_message(one, number, problem) for number, one in enumerate(found, start=1)]


def exchanges(
    turns: Sequence[Said], lead: str, problem: Problem
) -> Iterator[tuple[list[Said], str]]:
    """For each reply that is learnt, what stands before it and the reply; `lead` is told as the system.

    Replies without a question before them, such as a greeting, are part of what stands before the next.
    """
    before = [Said("system", lead)] if lead else []
    for number, turn in enumerate(turns, start=1):
        if turn.role == "assistant" and turn.learnt and any(t.role == "user" for t in before):
            if not turn.content.strip():
                raise problem("the answer is empty", f"message {number}")
            yield list(before), turn.content
        before = _with(before, turn)


def _with(before: list[Said], turn: Said) -> list[Said]:
    """Messages of one role that follow each other become one, as chat templates want it."""
    if before and before[-1].role == turn.role:
        joined = "\n\n".join(t for t in (before[-1].content, turn.content) if t.strip())
        return [*before[:-1], Said(turn.role, joined)]
    return [*before, turn]


def _message(found: object, number: int, problem: Problem) -> Said:
    if not isinstance(found, Mapping):
        raise problem("the conversation is no list of messages", f"message {number}")
    name = str(found.get("role") or found.get("from") or "").lower()
    if name not in _ROLES:
        raise problem("a message is by nobody known", f"message {number} is from {name or '?'!r}")
    content = found.get("content", found.get("value"))
    if isinstance(content, list):  # texts in parts
        content = "\n".join(
            said(part.get("text")) if isinstance(part, Mapping) else said(part) for part in content
        )
    calls = found.get("tool_calls") or found.get("function_call")
    text = said(content) or said(calls if not isinstance(calls, list) else _plain(calls))
    return Said(_ROLES[name], text, found.get("weight", 1) != 0)


def _plain(calls: Sequence[object]) -> object:
    """Calls without the names that a server gave them; one alone stands without a list."""
    plain = [
        call.get("function", call) if isinstance(call, Mapping) else call for call in calls
    ]  # fmt: skip
    return plain[0] if len(plain) == 1 else {"calls": plain}
