"""Asks a chat model and never loses the question: a model that fails, is too slow or talks nonsense gives a problem."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Final, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from surefoot.config.prompts import Prompt
from surefoot.core.errors import CapReached, ConfigError, DataError, SurefootError, TransientError
from surefoot.core.roles import Call, ChatModel, Likelihoods, Message, Sampling, ScoringChat
from surefoot.core.trace import annotate, keep_exchange
from surefoot.core.types import Usage
from surefoot.models.choices import said_choice

Form = TypeVar("Form", bound=BaseModel)

_PART = re.compile(r"^=== (system|user|assistant)\s*$", re.MULTILINE)
_ROLES: Final[Mapping[str, Literal["system", "user", "assistant"]]] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
}
_THINKING = re.compile(r"^\s*<think>.*?(?:</think>|$)", re.DOTALL)
_WORD_TOKENS = 8  # room for one of a few short replies
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a model replied, without the thoughts that it marks as such.

    `cut` says that the reply ended at `max_tokens`; `problem` why there is no reply to use, empty where there is one.
    `probability` is that of the whole reply (0 to 1), where the engine tells it. `again` says that the same may be
    answered at another time: the model was out of reach, or the time was used up.
    """

    text: str = ""
    usage: Usage = Usage()
    cut: bool = False
    problem: str = ""
    probability: float | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Weighed:
    """How likely each choice is, as natural logarithms; none where the model gave no answer.

    `told` is False where the engine only said one of them: that has 0, the others minus infinity, and so have all where
    it said something else. `problem` says why the choices are not weighed, empty where they are.
    """

    logprobs: tuple[float, ...] = ()
    told: bool = True
    problem: str = ""


def hear(
    model: ChatModel,
    messages: Sequence[Message],
    sampling: Sampling,
    call: Call,
    on_text: Callable[[str], None] | None = None,
) -> Heard:
    """The model's reply. Usage goes to `call.meter`; the deadline is looked at between tokens.

    Raises:
        ConfigError: the endpoint refuses its key, or nothing answers there.
    """

    def listen(text: str) -> None:
        call.check_deadline()
        if on_text is not None:
            on_text(text)

    try:
        call.check_deadline()
        reply = model.chat(messages, sampling, listen)
    except (TransientError, DataError, CapReached) as problem:
        again = not isinstance(problem, DataError)
        return Heard(problem=f"the model gave no answer: {_words(problem)}", again=again)
    _count(reply.usage, call)
    keep_exchange("\n\n".join(f"=== {one.role}\n{one.content}" for one in messages), reply.text)
    text = _THINKING.sub("", reply.text).strip()
    return Heard(text, reply.usage, reply.finish == "length", probability=reply.probability)


def hear_as(
    form: type[Form], model: ChatModel, messages: Sequence[Message], sampling: Sampling, call: Call
) -> tuple[Form | None, Heard]:
    """The model's reply as values of a form, which its JSON Schema asks for; None where the reply does not fit it.

    Raises:
        ConfigError: the endpoint refuses its key, or nothing answers there.
    """
    asked = replace(sampling, schema=form.model_json_schema())
    heard = hear(model, messages, asked, call)
    if heard.problem:
        return None, heard
    found = _OBJECT.search(heard.text)
    try:
        return form.model_validate_json(found[0] if found else heard.text), heard
    except ValidationError:
        reason = "was cut" if heard.cut else "is not of the form asked for"
        return None, replace(heard, problem=f"the model's reply {reason}")


def weigh(
    model: ChatModel, messages: Sequence[Message], choices: Sequence[str], call: Call
) -> Weighed:
    """How likely the model is to reply with each choice; by what it says where its engine tells no more.

    Raises:
        ConfigError: the endpoint refuses its key, or nothing answers there.
    """
    try:
        call.check_deadline()
        if isinstance(model, ScoringChat):
            found = model.choice_logprobs(messages, choices)
        else:
            reply = model.chat(messages, Sampling(max_tokens=_WORD_TOKENS))
            found = Likelihoods(said_choice(reply.text, choices), reply.usage, told=False)
    except (TransientError, DataError, CapReached) as problem:
        return Weighed(problem=f"the model gave no answer: {_words(problem)}")
    _count(found.usage, call)
    if max(found.logprobs) == -inf:
        none = f"the model's reply is none of {', '.join(choices)}"
        return Weighed(found.logprobs, found.told, none)
    return Weighed(found.logprobs, found.told)


def conversation(prompt: Prompt, values: Mapping[str, str]) -> list[Message]:
    """The messages of a prompt, whose parts begin with lines such as `=== user`; the last part takes the values.

    It is divided before it is filled, so that no answer can add a part of its own.

    Raises:
        ConfigError: the prompt has no such parts, or the last one lacks a placeholder.
    """
    pieces = _PART.split(prompt.text)
    parts = list(zip(pieces[1::2], (text.strip() for text in pieces[2::2]), strict=True))
    if pieces[0].strip() or not parts:
        raise ConfigError(
            "must begin with a line such as === user", where=f"prompt {prompt.name}/{prompt.lang}"
        )
    asked = replace(prompt, text=parts[-1][1]).fill(values)
    told = [*parts[:-1], (parts[-1][0], asked)]
    return [Message(_ROLES[role], text) for role, text in told]


def _count(usage: Usage, call: Call) -> None:
    call.meter.add(usage)
    annotate(
        {
            "llm.token_count.prompt": usage.prompt_tokens,
            "llm.token_count.completion": usage.completion_tokens,
        }
    )


def _words(problem: SurefootError) -> str:
    return f"{problem.where}: {problem.message}" if problem.where else problem.message
