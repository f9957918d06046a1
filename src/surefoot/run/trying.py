"""Tries a trained model out: the same words said to it and to its base, with nothing searched."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from surefoot.core.errors import DataError
from surefoot.core.roles import Call, ChatModel, Message, Sampling
from surefoot.models.asking import hear
from surefoot.models.chat_shared import Under
from surefoot.run.adapters import find_adapter
from surefoot.tune.artefact import read_card

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surefoot.run.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Tried:
    """A reply, the seconds that it took, and its tokens."""

    text: str
    seconds: float
    tokens: int


def try_out(
    space: Workspace, name: str, said: tuple[str, str], max_tokens: int, call: Call
) -> tuple[Tried, Tried]:
    """What a trained model and its base reply, greedily, to a system prompt (empty = none) and a text.

    Both are counted on `call.meter`; an adapter and its base are asked in the one engine that holds both.

    Raises:
        MissingError: there is no such model, or it was not exported.
        DataError: its export is not good, or one of them gave no answer.
        CapReached: the time is used up, or nobody waits any more.
    """
    base = read_card(find_adapter(space.root, name)).base
    trained = space.resources.chat(base, name)
    plain = trained.base.plain if isinstance(trained, Under) else space.resources.chat(base)
    system, text = said
    messages = [*([Message("system", system)] if system else []), Message("user", text)]
    under = _heard(trained, messages, max_tokens, call)
    return under, _heard(plain, messages, max_tokens, call)


def _heard(model: ChatModel, messages: Sequence[Message], max_tokens: int, call: Call) -> Tried:
    """One reply.

    Raises:
        DataError: it gave none.
    """
    begun = perf_counter()
    heard = hear(model, messages, Sampling(max_tokens=max_tokens, seed=call.seed), call)
    if heard.problem:
        call.check_deadline()
        raise DataError(heard.problem, where="try")
    return Tried(heard.text, perf_counter() - begun, heard.usage.completion_tokens)
