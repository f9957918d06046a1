"""What OpenAI's clients say of how to answer: what is honoured, and what is told to be left to the solution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from surefoot.core.roles import Wish
from surefoot.serve.answering import Answered

Temperature = Annotated[float, Field(ge=0, le=2)]
MaxTokens = Annotated[int, Field(ge=1, le=1_000_000)]

INSTRUCTIONS: Final = (
    "system and developer messages are not read: the solution's own prompts say how to answer"
)
_NEUTRAL: Final[Mapping[str, Sequence[Any]]] = {
    "audio": (),
    "context_management": (),
    "frequency_penalty": (0,),
    "function_call": ("none", "auto"),
    "functions": ([],),
    "image": (),
    "logit_bias": ({},),
    "logprobs": (False,),
    "max_tool_calls": (),
    "modalities": (["text"],),
    "moderation": (),
    "prediction": (),
    "presence_penalty": (0,),
    "reasoning": ({},),
    "reasoning_effort": (),
    "response_format": ({"type": "text"}, {}),
    "service_tier": ("auto", "default"),
    "stop": ([],),
    "stream_options": ({}, {"include_obfuscation": False}),
    "text": ({"format": {"type": "text"}}, {}),
    "tool_choice": ("auto", "none", "required", {"type": "file_search"}),
    "top_logprobs": (0,),
    "top_p": (1,),
    "truncation": ("disabled",),
    "verbosity": (),
    "web_search_options": (),
}
"""Parameters that are taken and not served, with the values that change nothing; null never does.

What nobody knows, and what is for the provider's own books (`user`, `prompt_cache_key`), changes nothing either.
"""


def ignored(given: Mapping[str, Any]) -> list[str]:
    """The parameters of a request that will not be honoured, in their order."""
    return [
        name
        for name, value in given.items()
        if name in _NEUTRAL and value is not None and value not in _NEUTRAL[name]
    ]


def notes_of(
    found: Answered, wish: Wish, ignored: Sequence[str], *, instructs: bool
) -> Iterator[str]:
    """What of the request the answer does not follow."""
    if instructs:
        yield INSTRUCTIONS
    if ignored:
        yield f"not served, the solution decides it: {', '.join(ignored)}"
    sampled = [name for name in ("temperature", "max_tokens") if getattr(wish, name) is not None]
    if sampled and not found.answer.usage.completion_tokens:
        yield f"no chat model wrote this answer: {', '.join(sampled)} changed nothing"
