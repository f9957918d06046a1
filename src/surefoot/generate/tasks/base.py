"""What the tasks beside question answering share: their model, how it is asked, and how a turn is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from pydantic import Field, NonNegativeFloat, PositiveInt

from surefoot.config.base import AdapterName, ModelName, PartSettings
from surefoot.config.catalog import load_catalog
from surefoot.core.lang import detect
from surefoot.core.roles import Call, ChatModel, Message, Parts, Sampling
from surefoot.core.trace import annotate
from surefoot.core.types import Answer, Chunk, Lang, Note, Query, Turn, Usage
from surefoot.generate.asking.prompting import Said, ask

FRAME_TOKENS = 64
"""What a chat template may add around the messages."""
Of = Literal["text", "hits"]
_REFUSALS: Mapping[Lang, str] = {
    "en": "This could not be done: {}",
    "zh": "未能完成：{}",
}


class TaskSettings(PartSettings):
    """What every task that asks a chat model can be told."""

    model: ModelName = Field(
        default_factory=lambda: load_catalog().default("chat"),
        description='a catalog alias, the path of a .gguf file, or "http:NAME" of an endpoint',
    )
    adapter: AdapterName = Field(
        default="",
        description="what was trained beside the model: a name of surefoot adapters list",
    )
    max_tokens: PositiveInt = 400
    temperature: NonNegativeFloat = 0.0
    context_tokens: PositiveInt = Field(
        default=3000, description="tokens of the model that a piece of text may take"
    )


class Teller:
    """Asks the model of one task."""

    def __init__(self, settings: TaskSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts

    @property
    def model(self) -> ChatModel:
        """The model, opened on first use."""
        annotate({"llm.model_name": self._settings.model})
        if self._settings.adapter:
            return self._parts.chat(self._settings.model, self._settings.adapter)
        return self._parts.chat(self._settings.model)

    def messages(self, prompt: str, lang: Lang, values: Mapping[str, str]) -> list[Message]:
        """The prompt with its values, as one message."""
        return [Message("user", self._parts.prompt(prompt, lang).fill(values))]

    def sampling(self, call: Call) -> Sampling:
        """How replies are drawn."""
        return Sampling(
            max_tokens=self._settings.max_tokens,
            temperature=self._settings.temperature,
            seed=call.seed,
        ).wished(call.wish)

    def ask(self, messages: Sequence[Message], call: Call) -> Said:
        """The reply; a failure is a problem in it."""
        return ask(self.model, messages, self.sampling(call), call, _NEVER)

    def room(self, prompt: str, lang: Lang, values: Mapping[str, str]) -> int:
        """Tokens that are left for text beside this prompt and its reply."""
        said = sum(
            self.model.count_tokens(message.content)
            for message in self.messages(prompt, lang, values)
        )
        free = self.model.context_tokens - self._settings.max_tokens - said - FRAME_TOKENS
        return max(0, min(self._settings.context_tokens, free))

    @property
    def workers(self) -> int:
        """Calls at once: a model of this machine is asked one by one."""
        return 4 if self._settings.model.startswith("http:") else 1


_NEVER = "\0"  # no reply holds it: a task has no sentence to decline with


def language(query: Query, text: str = "") -> Lang:
    """That of the query, or of a text."""
    return query.lang if query.lang != "other" else detect(text or query.text)


def answered(turn: Turn, stage: str, answer: Answer, notes: Sequence[str]) -> Turn:
    """The turn with its answer, and notes of the stage."""
    told = tuple(Note(stage, note) for note in dict.fromkeys(notes))
    return replace(turn, answer=answer, notes=(*turn.notes, *told))


def refused(reason: str, lang: Lang, usage: Usage = Usage()) -> Answer:
    """An answer that says in words that the task could not be done, and why."""
    return Answer(_REFUSALS.get(lang, _REFUSALS["en"]).format(reason), refused=True, usage=usage)


def whole(text: str, name: str = "text") -> Chunk:
    """A given text as a passage of itself."""
    return Chunk(f"{name}:0", name, text, 0, len(text))
