"""Searches, and where what was found is weak has a chat model say the question otherwise and searches once more."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from surefoot.config.base import AnyPart, Part, PromptName
from surefoot.core.errors import ConfigError
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Turn
from surefoot.retrieve.nested import check_searches, through
from surefoot.retrieve.rewrite.multi_query import Rewording
from surefoot.retrieve.rewrite.settings import RewriteSettings
from surefoot.retrieve.rewrite.weakness import likeliest
from surefoot.retrieve.rewrite.writer import noted
from surefoot.retrieve.search import SearchSettings


class RephraseSettings(RewriteSettings):
    """A search that is made again with the question in other words where the first finds only weak evidence."""

    kind: Literal["rephrase"] = "rephrase"
    prompt: PromptName = "question/rephrase"
    stages: Annotated[tuple[AnyPart, ...], Part("stage")] = Field(
        default=(), description="how it is searched, both times; none = a search as usual"
    )
    by: Annotated[AnyPart | None, Part("stage")] = Field(
        default=None,
        description='what widens the question, such as { kind = "hyde" }; null = one other wording by the prompt',
    )
    threshold: float = Field(
        default=0.4,
        ge=0,
        le=1,
        description="evidence is weak where no hit reaches this probability of being relevant",
    )
    threshold_across: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="the same where the likeliest hit is in another script than the question: probabilities run lower",
    )


class Rephrase:
    """Strong evidence costs no model. The second search is for the question and its other wording together."""

    Settings = RephraseSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: RephraseSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        given = settings.stages or (SearchSettings(),)
        self._stages = tuple(parts.stage(one) for one in given)
        check_searches(self._stages, name="rephrase", where="rephrase.stages")
        self._by = parts.stage(settings.by) if settings.by is not None else None
        if self._by is not None and self._by.produces != "query":
            raise ConfigError(
                "what widens the question must change the query",
                where="rephrase.by",
                hint='try by = { kind = "multi-query" }',
            )
        self._rewording = Rewording(settings, settings.prompt, parts)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with the hits of the first search, or of the second, which sees both wordings."""
        first = through(self._stages, turn, call)
        if first.answer is not None:
            return first
        best = likeliest(turn.query, first.hits, self._parts)
        settings = self._settings
        enough = settings.threshold_across if best.across else settings.threshold
        if best.chance >= enough:
            return first
        seen = (
            f"weak evidence: the likeliest hit has {best.chance:.2f}, at least {enough:g} is needed"
        )
        asked = noted(first, "rephrase", seen)
        widened = self._by(asked, call) if self._by else self._rewording(asked, call, "rephrase", 1)
        if widened.query == first.query:
            return widened
        again = through(self._stages, replace(widened, hits=()), call)
        return again if again.hits else replace(again, hits=first.hits)
