"""The settings of the stage `answer`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveInt,
    model_validator,
)

from surefoot.config.base import (
    AdapterName,
    Added,
    Incidental,
    ModelName,
    Names,
    PartSettings,
    PromptName,
)
from surefoot.config.catalog import load_catalog
from surefoot.generate.asking.choosing import ExampleSettings
from surefoot.generate.checking.entailing import CheckSettings
from surefoot.generate.guard import RefusalSettings

THOUGHTS = "answer/thinking"
AGAIN = "answer/again"
FINDING = "answer/find"
_LONG: Mapping[str, Mapping[str, str]] = {
    "map-reduce": {"find": FINDING, "combine": "answer/combine"},
    "refine": {"improve": "answer/improve"},
}
_STRUCTURED = {"prompt": "answer/structured", "plain": "answer/structured-plain"}


class AnswerSettings(PartSettings):
    """A chat model answers, from the hits where there are any; `plain` is its prompt where nothing is searched.

    A `prompt` that has no place for passages shows none: it is asked as it is, whatever was found.
    """

    model_config = ConfigDict(populate_by_name=True)

    kind: Literal["answer"] = "answer"
    model: ModelName = Field(
        default_factory=lambda: load_catalog().default("chat"),
        description='a catalog alias, the path of a .gguf file, or "http:NAME" of an endpoint',
    )
    adapter: Annotated[AdapterName, Added()] = Field(
        default="",
        description="what was trained beside the model: a name of surefoot adapters list",
    )
    prompt: PromptName = "answer/cited"
    plain: PromptName = "answer/plain"
    system: Annotated[PromptName, Added()] = Field(
        default="", description="the prompt that is said first, as the system's; empty = none"
    )
    examples: Annotated[ExampleSettings | None, Added()] = Field(
        default=None,
        description="right answers shown before the question: { file, mode, count }; null = none",
    )
    thinking: Annotated[bool, Added()] = Field(
        default=False, description="the model thinks step by step first; its thoughts are taken out"
    )
    thoughts: Annotated[PromptName, Added()] = Field(
        default="",
        description=f"the prompt that asks for it, put behind the other; empty = {THOUGHTS}",
    )
    reply: Annotated[Literal["cited", "plain"], Added()] = Field(
        default="cited",
        description="cited: sentences are checked against the passages; plain: the answer is what the model says",
    )
    guard: Annotated[bool | None, Added()] = Field(
        default=None,
        description="whether refuse is asked before the model is; null = yes for cited, no for plain replies",
    )
    refusal: Annotated[str, Added()] = Field(
        default="",
        description="what the model is told to decline with; empty = a sentence in the question's language",
    )
    max_tokens: PositiveInt = 400
    temperature: NonNegativeFloat = 0.0
    context_tokens: PositiveInt = Field(
        default=3000, description="tokens of the model that the passages may take together"
    )
    passages: NonNegativeInt = Field(
        default=8,
        description="passages shown at most; 0 = the model answers from itself, whatever is found",
    )
    focus: Annotated[NonNegativeInt, Added()] = Field(
        default=0,
        description="so many sentences that most likely answer are shown, with their neighbours; 0 = whole passages",
    )
    over: Annotated[Literal["stuff", "map-reduce", "refine"], Added()] = Field(
        default="stuff",
        description="stuff: one prompt with what fits; map-reduce, refine: all passages, in groups that fit",
    )
    find: Annotated[PromptName, Added()] = Field(
        default="", description="map-reduce: the prompt asked of each group; empty = answer/find"
    )
    combine: Annotated[PromptName, Added()] = Field(
        default="", description="map-reduce: the prompt over what was found; empty = answer/combine"
    )
    improve: Annotated[PromptName, Added()] = Field(
        default="", description="refine: the prompt with answer and group; empty = answer/improve"
    )
    workers: Annotated[PositiveInt, Added(), Incidental()] = Field(
        default=4, description="map-reduce: groups asked at once where the model is an endpoint"
    )
    schema_: Annotated[str, Names("file"), Added()] = Field(
        default="",
        alias="schema",
        description="a file with a JSON Schema, relative to the workspace: the answer is JSON that fits it",
    )
    history: NonNegativeInt = Field(
        default=3, description="earlier questions with their answers that are shown"
    )
    on_unsupported: Literal["mark", "drop", "retry"] = Field(
        default="mark",
        description="a sentence that no passage supports: mark, drop; retry: the model answers once more, then drop",
    )
    again: Annotated[PromptName, Added()] = Field(
        default="", description=f"retry: the prompt of the second request; empty = {AGAIN}"
    )
    check: Annotated[CheckSettings | None, Added()] = Field(
        default=None,
        description="a model that looks at supported sentences too: { model, prompt, of, most }; null = code alone",
    )
    refuse: RefusalSettings = RefusalSettings()

    @model_validator(mode="before")
    @classmethod
    def _name_thoughts(cls, raw: Any) -> Any:
        """The prompt by its name, so that its text counts where it is used."""
        if isinstance(raw, Mapping) and raw.get("thinking") is True and not raw.get("thoughts"):
            return {**raw, "thoughts": THOUGHTS}
        return raw

    @model_validator(mode="before")
    @classmethod
    def _name_prompts(cls, raw: Any) -> Any:
        """The prompts of long contexts and of JSON by their names, so that their texts count where they are used."""
        if not isinstance(raw, Mapping):
            return raw
        named = {
            key: name
            for key, name in _LONG.get(str(raw.get("over")), {}).items()
            if not raw.get(key)
        }
        if raw.get("on_unsupported") == "retry" and not raw.get("again"):
            named["again"] = AGAIN
        if raw.get("schema") or raw.get("schema_"):
            named |= {key: name for key, name in _STRUCTURED.items() if not raw.get(key)}
        return {**raw, **named}

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.schema_ and (self.thinking or self.over != "stuff"):
            other = "thinking" if self.thinking else f'over = "{self.over}"'
            raise ValueError(f"schema and {other} do not go together: take one of them out")
        if self.focus and self.over != "stuff":
            raise ValueError(f'focus and over = "{self.over}" do not go together: take one out')
        return self

    @property
    def workers_allowed(self) -> int:
        """Calls at once: a model of this machine is asked one by one."""
        return self.workers if self.model.startswith("http:") else 1

    @property
    def guarded(self) -> bool:
        """Whether evidence is weighed before the model is asked."""
        return self.reply == "cited" if self.guard is None else self.guard
