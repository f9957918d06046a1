"""Stand-ins that behave like the real parts and say what they are told to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

from surefoot.core.roles import Likelihoods, Message, Reply, Sampling
from surefoot.core.types import Usage

_TOKEN = re.compile(r"\s*(?:[A-Za-z0-9]+|[^A-Za-z0-9\s])|\s+$")


class FakeChat:
    """A chat model that gives these replies in turn, the last one for ever; an exception among them is raised.

    A word, a Han character or a sign is one token. `asked` holds the messages and sampling of each call. Replies may
    also follow from the messages: then a function gives them, from any number of threads.
    """

    def __init__(
        self,
        replies: Sequence[str | Exception] | Callable[[Sequence[Message]], str | Exception],
        *,
        context_tokens: int = 4096,
    ) -> None:
        self._told = replies if callable(replies) else None
        self._replies = [] if callable(replies) else list(replies)
        self._context = context_tokens
        self.asked: list[tuple[tuple[Message, ...], Sampling]] = []
        self.closed = False

    @property
    def context_tokens(self) -> int:
        return self._context

    def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        self.asked.append((tuple(messages), sampling))
        told = self._told(messages) if self._told is not None else self._next()
        if isinstance(told, Exception):
            raise told
        for stop in sampling.stop:
            told = told.split(stop)[0]
        tokens = _TOKEN.findall(told)
        said = tokens[: sampling.max_tokens]
        for token in said:
            if on_text is not None:
                on_text(token)
        prompt = sum(self.count_tokens(message.content) for message in messages)
        finish: Literal["stop", "length"] = "length" if len(said) < len(tokens) else "stop"
        return Reply("".join(said).strip(), Usage(prompt, len(said), calls=1), finish)

    def _next(self) -> str | Exception:
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    def count_tokens(self, text: str) -> int:
        return len(_TOKEN.findall(text))

    def close(self) -> None:
        self.closed = True


class FakeScoringChat(FakeChat):
    """A fake chat that also tells how likely choices are: `judge` says so of the last message and the choices."""

    def __init__(
        self,
        judge: Callable[[str, Sequence[str]], Sequence[float]],
        replies: Sequence[str | Exception] = ("Hello there.",),
        *,
        context_tokens: int = 4096,
    ) -> None:
        super().__init__(replies, context_tokens=context_tokens)
        self._judge = judge

    def choice_logprobs(
        self, messages: Sequence[Message], choices: Sequence[str], /
    ) -> Likelihoods:
        self.asked.append((tuple(messages), Sampling(max_tokens=1)))
        told = tuple(self._judge(messages[-1].content, choices))
        prompt = sum(self.count_tokens(message.content) for message in messages)
        return Likelihoods(told, Usage(prompt, 1, calls=1))
