"""What both rerankers by a chat model have in common: settings, the question as it is asked, the time."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt

from surefoot.config.base import ModelName, PartSettings
from surefoot.core.harmless import harmless
from surefoot.core.roles import Call
from surefoot.core.types import Query

_QUESTION_CHARS = 2000


class ChatRerankSettings(PartSettings):
    """Which model judges, how many hits, how much of each, for how long."""

    model: ModelName = Field(
        description='a catalog alias, the path of a .gguf file, or "http:NAME" of an endpoint'
    )
    most: PositiveInt = Field(
        default=10, description="hits that are judged at most; the others follow in their order"
    )
    passage_tokens: PositiveInt = Field(
        default=300, description="tokens of a passage that the model is shown at most"
    )
    seconds: PositiveFloat | None = Field(
        default=None,
        description="time for all hits; those not judged by then follow in their order; null = no limit",
    )


def prompt_lang(query: Query) -> Literal["en", "zh"]:
    """The language in which the model is asked."""
    return "zh" if query.lang == "zh" else "en"


def question(query: Query) -> str:
    """The question as it stands in a prompt."""
    return harmless(query.asked[:_QUESTION_CHARS])


def within(call: Call, seconds: float | None) -> Call:
    """The call with a deadline that is not later than so many seconds from now."""
    if seconds is None:
        return call
    own = call.clock() + seconds
    given = inf if call.deadline_s is None else call.deadline_s
    return replace(call, deadline_s=min(own, given))
