"""Asks a chat model for JSON that fits a schema, and once more, in the validator's words, where it does not."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from surefoot.core.roles import Call, ChatModel, Message, Sampling
from surefoot.core.types import Lang, Usage
from surefoot.generate.structured.schema import Schema
from surefoot.models.asking import Heard, hear

_FENCE = re.compile(r"^\s*```\w*\n(.*?)\n?```\s*$", re.DOTALL)
_AGAIN: Final = {
    "en": "That does not fit the schema: {}. Reply again, with JSON that fits it and nothing else.",
    "zh": "这不符合模式：{}。请重新回复，只写符合模式的 JSON。",
}


@dataclass(frozen=True, slots=True)
class Formed:
    """The value of a reply; `problem` says why there is none, `probability` is that of the reply where it is told."""

    value: Any = None
    usage: Usage = Usage()
    problem: str = ""
    notes: tuple[str, ...] = ()
    probability: float | None = None


def form(
    model: ChatModel,
    messages: Sequence[Message],
    sampling: Sampling,
    call: Call,
    *,
    schema: Schema,
    lang: Lang,
) -> Formed:
    """The model's reply as a value that fits the schema, after one second try at most.

    Raises:
        ConfigError: the endpoint refuses its key, or nothing answers there.
    """
    sampling = replace(sampling, schema=schema.raw)
    heard = hear(model, messages, sampling, call)
    if heard.problem:
        return Formed(problem=heard.problem)
    value, wrong = _read(heard, schema)
    if not wrong:
        return Formed(value, heard.usage, probability=heard.probability)
    again = Message("user", _AGAIN.get(lang, _AGAIN["en"]).format(wrong))
    second = hear(model, [*messages, Message("assistant", heard.text), again], sampling, call)
    usage = heard.usage + second.usage
    if second.problem:
        return Formed(usage=usage, problem=f"{wrong}; asked again, {second.problem}")
    value, still = _read(second, schema)
    if still:
        return Formed(usage=usage, problem=f"the reply does not fit the schema: {still}")
    note = f"the first reply did not fit the schema: {wrong}"
    return Formed(value, usage, notes=(note,), probability=second.probability)


def _read(heard: Heard, schema: Schema) -> tuple[Any, str]:
    """The value, and why it does not fit; a fence around it is forgiven."""
    fenced = _FENCE.match(heard.text)
    try:
        value = json.loads(fenced[1] if fenced else heard.text)
    except (ValueError, RecursionError):
        cut = "it was cut at max_tokens" if heard.cut else "it is not JSON"
        return None, cut
    return value, schema.problem(value)
