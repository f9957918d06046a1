"""Sends a question down one of several ways: other stages, a filter, or a fixed reply; or down none of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PositiveFloat, field_validator, model_validator

from surefoot.config.base import (
    Added,
    AnyPart,
    Incidental,
    ModelName,
    Part,
    PartSettings,
    PromptName,
    Settings,
)
from surefoot.core.errors import ConfigError
from surefoot.core.filters import Compound, parse_filter
from surefoot.core.metering import unmetered
from surefoot.core.roles import Call, Parts, Produces, Stage, Takes
from surefoot.core.types import Answer, Note, Query, Turn
from surefoot.retrieve.asking import within
from surefoot.retrieve.nested import check_searches, searches
from surefoot.retrieve.question.chooser import Chooser
from surefoot.retrieve.search import SearchSettings

if TYPE_CHECKING:
    from surefoot.retrieve.question.prototypes import Prototypes

Shipped = Literal["small-talk", "sensitive", "date-bound"]
_BACKGROUND = "background"
_QUESTION_CHARS = 2000
_TOLD_EXAMPLES = 3
_REFUSALS = {
    "en": "This question is not one that these documents are asked for.",
    "zh": "这个问题不在这些文档的范围之内。",
}


class Way(Settings):
    """One way a question can go: how it is told, and what happens then."""

    name: str = Field(min_length=1, description="what notes and traces call it")
    like: tuple[Shipped, ...] = Field(
        default=(), description="example sets that come with surefoot"
    )
    examples: tuple[str, ...] = Field(default=(), description="some questions that go this way")
    patterns: tuple[str, ...] = Field(
        default=(), description="regular expressions; a question that holds one goes this way"
    )
    filter: Mapping[str, Any] | None = Field(
        default=None, description="a filter in its JSON form, added to the question's own"
    )
    stages: Annotated[tuple[AnyPart, ...], Part("stage")] = Field(
        default=(),
        description="what a question goes through this way, which may end with an answer; none = a search as usual",
    )
    reply: Mapping[Literal["en", "zh"], str] | None = Field(
        default=None, description="a fixed answer a language, instead of a search"
    )
    description: Annotated[str, Added()] = Field(
        default="", description="which questions go this way, in words, for the route's model"
    )

    @field_validator("patterns")
    @classmethod
    def _compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as problem:
                raise ValueError(f"{pattern!r} is not a regular expression: {problem}") from None
        return patterns

    @model_validator(mode="after")
    def _told_by_something(self) -> Self:
        if not (self.like or self.examples or self.patterns or self.description):
            raise ValueError(f"{self.name} needs like, examples or patterns")
        if self.reply is not None and (self.stages or self.filter is not None):
            raise ValueError(f"{self.name} has a reply: stages and filter would do nothing")
        return self


class RouteSettings(PartSettings):
    """Sends a question to other stages, a filter or a fixed reply, by examples and patterns; or to none of them."""

    kind: Literal["route"] = "route"
    ways: tuple[Way, ...] = Field(default=(), description="where questions can go")
    otherwise: Annotated[tuple[AnyPart, ...], Part("stage")] = Field(
        default=(),
        description="stages for questions that go none of the ways; none = a search as usual",
    )
    refuse_others: bool = Field(
        default=False,
        description="refuse questions that go none of the ways: they are out of scope",
    )
    keep: float = Field(
        default=0.95,
        gt=0,
        lt=1,
        description="share of the questions of the ways that are to be told as such; more lets more strangers in",
    )
    model: Annotated[ModelName, Added()] = Field(
        default="",
        description="a chat model that chooses by the descriptions where patterns and examples do not; empty = none",
    )
    prompt: Annotated[PromptName, Added()] = Field(
        default="", description="what the model is asked; empty = question/route"
    )
    timeout_s: Annotated[PositiveFloat, Incidental()] = Field(
        default=30.0, description="seconds that the model may take"
    )

    @model_validator(mode="before")
    @classmethod
    def _name_the_prompt(cls, raw: Any) -> Any:
        """The prompt counts for what the route does as soon as a model reads it."""
        if isinstance(raw, Mapping) and raw.get("model") and not raw.get("prompt"):
            return {**raw, "prompt": "question/route"}
        return raw

    @model_validator(mode="after")
    def _somebody_reads_descriptions(self) -> Self:
        for way in self.ways:
            if not self.model and not (way.like or way.examples or way.patterns):
                raise ValueError(
                    f"{way.name} needs like, examples or patterns, or the route a model"
                )
        return self


@dataclass(frozen=True, slots=True)
class _Choice:
    way: Way | None
    reason: str


class Route:
    """Takes a question down the way it belongs to; patterns decide first, then the examples."""

    Settings = RouteSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: RouteSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._ways = {way.name: self._built(way.name, way.stages) for way in settings.ways}
        self._otherwise = self._built("otherwise", settings.otherwise)
        check_searches(self._otherwise, name="otherwise", where="route.otherwise")
        self._chooser = Chooser(settings.model, settings.prompt, parts) if settings.model else None

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn after the stages of its way; an answer, reply or refusal ends the question.

        Where no answer is wanted, a way that answers without a search leaves the search to the others.
        """
        choice = self._choose(turn.query, call)
        way = choice.way
        name = way.name if way is not None else "none of the ways"
        turn = replace(turn, notes=(*turn.notes, Note("route", f"{name}: {choice.reason}")))
        if way is None:
            if self._settings.refuse_others:
                return _said(turn, _REFUSALS, refused=True)
            return _through(self._otherwise, turn, call)
        if way.reply is not None:
            return _said(turn, way.reply, refused=False)
        stages = self._ways[way.name]
        if not call.answer and not any(searches(stage) for stage in stages):
            stages = self._otherwise
        if way.filter is None:
            return _through(stages, turn, call)
        narrowed = replace(turn, query=_narrowed(turn.query, way.filter))
        return _through(stages, narrowed, call)

    def _choose(self, query: Query, call: Call) -> _Choice:
        choice = self._told(query.asked[:_QUESTION_CHARS])
        if choice.way is not None or self._chooser is None:
            return choice
        limited = within(call, self._settings.timeout_s)
        name, reason = self._chooser.choose(query, _described(self._settings.ways), limited)
        return _Choice(self._way(name) if name else None, f"{choice.reason}; {reason}")

    def _told(self, text: str) -> _Choice:
        """What patterns and examples say."""
        for way in self._settings.ways:
            for pattern in (*way.patterns, *_shipped(way.like, "patterns")):
                if found := re.search(pattern, text, re.IGNORECASE):
                    return _Choice(way, f"it holds {found.group()!r}")
        if self._prototypes is None:
            return _Choice(None, "no pattern of a way is in it")
        guess = self._prototypes.guess(self._parts.encoder().embed_queries([text])[0])
        limit = self._prototypes.threshold
        if guess.known < limit:
            reason = f"it is like none of their examples ({guess.known:.2f}, at least {limit:.2f} is needed)"
            return _Choice(None, reason)
        return _Choice(self._way(guess.group), f"it is like its examples ({guess.known:.2f})")

    def _way(self, name: str) -> Way:
        return next(way for way in self._settings.ways if way.name == name)

    @cached_property
    def _prototypes(self) -> Prototypes | None:
        from surefoot.retrieve.question.prototypes import learn

        told = [
            (text, way.name)
            for way in self._settings.ways
            for text in dict.fromkeys((*way.examples, *_shipped(way.like, "examples")))
        ]
        if not told:
            return None
        if len(told) == 1:
            raise ConfigError(
                "one example is too few to learn from",
                where=f"route.{told[0][1]}.examples",
                hint="give two at least, or a pattern",
            )
        held = {text for text, _ in told}
        others = [text for text in shipped_examples(_BACKGROUND) if text not in held]
        encoder = self._parts.encoder()
        names = [name for _, name in told]
        with unmetered():  # once for all questions
            vectors = encoder.embed_queries([text for text, _ in told])
            background = encoder.embed_queries(others)
        return learn(vectors, names, background, keep=self._settings.keep)

    def _built(self, name: str, settings: Sequence[PartSettings]) -> tuple[Stage, ...]:
        given = settings or (SearchSettings(),)
        stages = tuple(self._parts.stage(one) for one in given)
        if any(stage.produces == "answer" for stage in stages[:-1]):
            raise ConfigError(
                f"the stages of {name} go on after an answer",
                where=f"route.{name}.stages",
                hint="put the stage that answers last",
            )
        if stages[-1].produces != "answer":
            check_searches(stages, name=name, where=f"route.{name}.stages")
        return stages


def _described(ways: Sequence[Way]) -> dict[str, str]:
    """What the model is told of each way; examples where nobody described it."""
    told = {}
    for way in ways:
        like = (*way.examples, *_shipped(way.like, "examples"))[:_TOLD_EXAMPLES]
        if way.description or like:
            told[way.name] = way.description or "; ".join(like)
    return told


def _through(stages: Sequence[Stage], turn: Turn, call: Call) -> Turn:
    for stage in stages:
        if turn.answer is None and (call.answer or stage.produces != "answer"):
            turn = stage(call.given(turn, stage), call)
    return turn


def _narrowed(query: Query, raw: Mapping[str, Any]) -> Query:
    added = parse_filter(raw, where="route.filter")
    both = added if query.filter is None else Compound("and", (query.filter, added))
    return replace(query, filter=both)


def _said(turn: Turn, texts: Mapping[Any, str], *, refused: bool) -> Turn:
    lang = "zh" if turn.query.lang == "zh" else "en"
    text = texts.get(lang) or next(iter(texts.values()))
    return replace(turn, hits=(), answer=Answer(text, refused=refused))


def shipped_examples(name: str) -> list[str]:
    """The examples of a set that comes with surefoot."""
    return _sets()[name]["examples"]


def shipped_patterns(name: str) -> list[str]:
    """The regular expressions of a set that comes with surefoot."""
    return _sets()[name]["patterns"]


def _shipped(names: Sequence[str], what: str) -> list[str]:
    return [text for name in names for text in _sets()[name][what]]


@cache
def _sets() -> dict[str, dict[str, list[str]]]:
    file = resources.files("surefoot.retrieve") / "data" / "routes.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
