"""How a stage that asks a chat model does so: in which language, how much of the question, for how long."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Literal

from surefoot.core.harmless import harmless
from surefoot.core.lang import detect
from surefoot.core.roles import Call
from surefoot.core.types import Query

_QUESTION_CHARS = 2000


def prompt_lang(query: Query) -> Literal["en", "zh"]:
    """The language in which the model is asked."""
    lang = query.lang if query.lang != "other" else detect(query.asked)
    return "zh" if lang == "zh" else "en"


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
