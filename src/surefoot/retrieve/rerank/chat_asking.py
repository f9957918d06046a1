"""What both rerankers by a chat model do alike: the settings, the fences around passages, their length, the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from math import inf
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt

from surefoot.config.base import ModelName, PartSettings
from surefoot.core.harmless import harmless
from surefoot.core.roles import Call
from surefoot.core.types import Hit, Query
from surefoot.retrieve.rerank.texts import whole_text

_MARK_CHARS = 8
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


def mark(query: Query, hits: Sequence[Hit]) -> str:
    """What fences passages off: it follows from all of them, so that a text that wants to hold it would change it.

    It is the same for each passage of a question, whatever their order, and prompts go on to start alike.
    """
    digest = sha256(query.asked.encode())
    for text in sorted(f"{hit.chunk.id}\0{hit.chunk.text}\0" for hit in hits):
        digest.update(text.encode())
    return digest.hexdigest()[:_MARK_CHARS]


def passage(hit: Hit, most_tokens: int, count: Callable[[str], int]) -> str:
    """What of a hit the model is shown: its beginning, with title and headings."""
    text = harmless(whole_text(hit.chunk))
    while (tokens := count(text)) > most_tokens:
        text = text[: min(len(text) - 1, len(text) * most_tokens // tokens)]
    return text
