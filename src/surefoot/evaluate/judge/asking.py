"""Asks a chat model what it thinks of answers, and reads its reply strictly. What the reply is worth, others say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from surefoot.config.prompts import Prompt
from surefoot.core.errors import CapReached, DataError, TransientError
from surefoot.core.lang import fold, is_han
from surefoot.core.parallel import pmap
from surefoot.core.roles import ChatModel, Message, Reply, Sampling
from surefoot.core.types import Lang, Usage
from surefoot.models.asking import conversation

Side = Literal["first", "second", "tie"]

_THOUGHTS = re.compile(r"^\s*<think>.*?(?:</think>|$)", re.DOTALL)
_TOKENS, _THINKING_TOKENS = 16, 2048  # the second for a model that thinks aloud before it replies
_WORD_TOKENS = 3  # a word, a full stop and the end
_CUT_CHARS = 6000  # of what is judged, so that it fits small contexts
_YES: Final = {"en": ("yes", "no"), "zh": ("是", "否")}
_SIDES: Final = {"en": ("a", "b", "tie"), "zh": ("a", "b", "平")}


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to be judged: a prompt by name and language, and what is put into it."""

    id: str
    prompt: str
    lang: Lang
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge said of one thing. A reply that cannot be read is a failure, and the word is empty.

    `sure` is the probability of the word, where the engine tells it and the reply is hardly more than the word; else 1.
    """

    id: str
    word: str
    reply: str = ""
    failure: str | None = None
    usage: Usage = Usage()
    sure: float = 1.0

    @property
    def yes(self) -> float:
        """How far the verdict is yes (0 to 1); 0 for a reply that cannot be read."""
        if self.word == "yes":
            return self.sure
        return 1 - self.sure if self.word == "no" else 0.0


class Judge:
    """A chat model with its prompts. `workers` is how many are asked at once: 1 for a local model."""

    def __init__(
        self, model: ChatModel, prompts: Callable[[str, str], Prompt], *, workers: int = 1
    ) -> None:
        self._model = model
        self._prompts = prompts
        self._workers = workers

    def yes_or_no(self, asked: Sequence[Asked]) -> Iterator[Verdict]:
        """Verdicts in the order asked; the word is `yes` or `no`."""
        return pmap(lambda one: self._ask(one, _YES), asked, workers=self._workers)

    def which(self, asked: Sequence[Asked]) -> Iterator[Verdict]:
        """Verdicts in the order asked; the word is `a`, `b` or `tie`."""
        return pmap(lambda one: self._ask(one, _SIDES), asked, workers=self._workers)

    def _ask(self, asked: Asked, words: Mapping[str, tuple[str, ...]]) -> Verdict:
        lang = "zh" if asked.lang == "zh" else "en"
        values = {name: text[:_CUT_CHARS] for name, text in asked.values.items()}
        messages = conversation(self._prompts(asked.prompt, lang), values)
        try:
            reply = self._reply(messages)
        except (TransientError, DataError, CapReached) as problem:
            return Verdict(asked.id, "", failure=problem.message)
        said = _THOUGHTS.sub("", reply.text).strip()
        word = read_word(said, words)
        failure = None if word else f"cannot be read: {said[:60]!r}"
        return Verdict(
            asked.id, word, said, failure, reply.usage, _sureness(reply) if word else 1.0
        )

    def _reply(self, messages: Sequence[Message]) -> Reply:
        reply = self._model.chat(messages, Sampling(max_tokens=_TOKENS))
        if reply.finish == "length" and reply.text.lstrip().startswith("<think>"):
            longer = self._model.chat(messages, Sampling(max_tokens=_THINKING_TOKENS))
            return replace(longer, usage=reply.usage + longer.usage)
        return reply


def _sureness(reply: Reply) -> float:
    if reply.probability is None or reply.usage.completion_tokens > _WORD_TOKENS:
        return 1.0
    return reply.probability


def read_word(reply: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """The word that a reply begins with, in English whatever its language; empty where it is none of them.

    A reply that goes on to name another of the words says both, which is nothing.
    """
    said = _split(reply)
    for spoken in words.values():
        named = [place for place, word in enumerate(spoken) if word in said]
        if len(named) == 1 and said and said[0] == spoken[named[0]]:
            return words["en"][named[0]]
    return ""


def _split(reply: str) -> list[str]:
    """Words, and each Han character by itself."""
    spaced = "".join(f" {char} " if is_han(char) else char for char in fold(reply))
    return re.findall(r"\w+", spaced)
