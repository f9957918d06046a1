"""Opens chat models by name: a catalog alias, a .gguf file, or `http:NAME`. Chooses the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, overload

from surefoot.config.catalog import load_catalog
from surefoot.config.solution import Endpoint
from surefoot.core.errors import ConfigError, DataError, MissingError, MissingExtra
from surefoot.core.roles import AdaptableChat, ChatModel
from surefoot.models.base import ModelEnv
from surefoot.models.fetch import fetch, status
from surefoot.models.gguf import PLAIN_TYPES, GgufFacts, read_gguf

HTTP = "http:"
GGUF = ".gguf"
MAX_PLAIN_PARAMETERS = 2_000_000_000
"""Up to this size a quantised base is made F16 under adapters, 2 bytes a weight; larger ones stay as they are."""


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """Which engine runs a model, and why in words.

    `converted` says that it reads a copy with tensors of other number types, made once in the cache.
    """

    engine: Literal["openvino", "llama.cpp", "http", "unknown"]
    why: str
    converted: bool = False


@overload
def open_chat(
    name: str, env: ModelEnv, endpoints: Mapping[str, Endpoint] | None = None
) -> ChatModel: ...


@overload
def open_chat(
    name: str,
    env: ModelEnv,
    endpoints: Mapping[str, Endpoint] | None,
    adapters: Mapping[str, Path],
) -> AdaptableChat: ...


def open_chat(
    name: str,
    env: ModelEnv,
    endpoints: Mapping[str, Endpoint] | None = None,
    adapters: Mapping[str, Path] | None = None,
) -> ChatModel:
    """Opens the model; the caller closes it. An alias is fetched first where it is absent.

    With `adapters` (GGUF files by name, loaded beside the weights) it is an `AdaptableChat`.

    Raises:
        MissingError: there is no such alias, file, adapter or endpoint.
        MissingExtra: only llama.cpp reads the file, and it is not installed.
        DataError: the file cannot be read by any engine, or an adapter is not for it.
        ConfigError: an adapter is given to a model behind an address.
    """
    if name.startswith(HTTP):
        return _remote(_without_adapters(name, adapters), env, endpoints or {})
    facts = read_gguf(chat_file(name, env))
    choice = _choose(facts, adapted=bool(adapters))
    if choice.engine == "llama.cpp":
        if find_spec("xllamacpp") is None:
            raise MissingExtra("xllamacpp", extra="llama", why=f"{facts.path.name}: {choice.why}")
        from surefoot.models.chat_llama import LlamaChat

        return LlamaChat(facts, env, adapters, _plain(facts, env) if choice.converted else None)
    from surefoot.models.chat_openvino import EXACT_TYPES, OpenVinoChat
    from surefoot.models.gguf_rewrite import rewrite_as_q8_0

    file = rewrite_as_q8_0(facts.path, env.cache, EXACT_TYPES) if choice.converted else facts.path
    return OpenVinoChat(file, facts, env)


def explain_engine(name: str, env: ModelEnv, *, adapted: bool = False) -> EngineChoice:
    """Which engine would run the model, or the model with adapters beside it, and why.

    Nothing is fetched, so of an alias that is not there it is unknown.

    Raises:
        MissingError: there is no such alias or file.
        DataError: the file cannot be read by any engine.
    """
    if name.startswith(HTTP):
        return EngineChoice("http", "the model answers at an address")
    if not name.endswith(GGUF) and status(load_catalog().get(name, "chat"), env) != "ready":
        return EngineChoice("unknown", f"it is not in the cache: surefoot models fetch {name}")
    return _choose(read_gguf(chat_file(name, env)), adapted=adapted)


def _choose(facts: GgufFacts, *, adapted: bool = False) -> EngineChoice:
    from surefoot.models.chat_openvino import EXACT_TYPES, why_not

    if not facts.has_chat_template:
        raise DataError(
            "has no chat template: it continues texts, it does not answer",
            where=str(facts.path),
            hint="take the instruct or chat version of the model",
        )
    if adapted:
        return _choose_for_adapters(facts)
    if problem := why_not(facts):
        return EngineChoice("llama.cpp", f"OpenVINO cannot run it: {problem}")
    others = sorted(facts.tensor_types - EXACT_TYPES)
    if others:
        return EngineChoice(
            "openvino",
            f"it reads long prompts fastest; tensors of type {', '.join(others)} are made Q8_0 once",
            converted=True,
        )
    return EngineChoice("openvino", "it reads long prompts fastest and reads this file exactly")


def _choose_for_adapters(facts: GgufFacts) -> EngineChoice:
    """llama.cpp rounds what it multiplies with quantised weights to 8 bits, which training did not."""
    from surefoot.models.chat_openvino import CONVERTIBLE_TYPES, EXACT_TYPES

    why = "it switches adapters per request; OpenVINO passes over them"
    quantised = sorted(facts.tensor_types - PLAIN_TYPES)
    readable = facts.tensor_types <= PLAIN_TYPES | EXACT_TYPES | CONVERTIBLE_TYPES
    if not quantised or not readable or facts.parameters > MAX_PLAIN_PARAMETERS:
        return EngineChoice("llama.cpp", why)
    kinds = ", ".join(quantised)
    return EngineChoice(
        "llama.cpp", f"{why}; tensors of type {kinds} are made F16 once", converted=True
    )


def _plain(facts: GgufFacts, env: ModelEnv) -> Path:
    from surefoot.models.gguf_rewrite import rewrite_as

    return rewrite_as(facts.path, env.cache, PLAIN_TYPES, "F16")


def chat_file(name: str, env: ModelEnv) -> Path:
    """The GGUF file of a model, fetched first where it is an alias whose file is absent.

    Raises:
        MissingError: there is no such alias.
        ConfigError: the alias is no chat model.
    """
    if name.endswith(GGUF):
        return env.place(name)
    card = load_catalog().get(name, "chat")
    if card.format != "gguf":
        raise ConfigError(f"{name} is of format {card.format}", hint="chat models are GGUF files")
    return fetch(card, env) / card.files[0].name


def _without_adapters(name: str, adapters: Mapping[str, Path] | None) -> str:
    """The endpoint of `http:NAME`."""
    if adapters:
        raise ConfigError(
            f"{name} answers at an address, where adapters of this machine do not reach",
            hint="name the model that the endpoint serves with the adapter, or a local model",
        )
    return name.removeprefix(HTTP)


def _remote(name: str, env: ModelEnv, endpoints: Mapping[str, Endpoint]) -> ChatModel:
    from surefoot.models.chat_http import HttpChat
    from surefoot.models.http import refuse_offline

    if name not in endpoints:
        known = ", ".join(sorted(endpoints)) or "none"
        raise MissingError(
            f"there is no endpoint {name!r}",
            hint=f'known: {known}; add [endpoints.{name}] with base_url = "..." and model = "..."',
        )
    if env.offline:
        refuse_offline(endpoints[name].base_url, f"{HTTP}{name}")
    return HttpChat(name, endpoints[name])
