"""Which methods can be compared here, and in words why others cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surefoot.core.errors import ConfigError
from surefoot.optimize.compare.result import METHODS, SEARCHING, TRAINED, WITH_ROWS, Method


@dataclass(frozen=True, slots=True)
class Means:
    """What there is to work with.

    `train` says that there are rows to learn from, `sourced` that they name the documents they are about, without
    which no row for retrieval can be made of them. `local` says that the model's weights are here, `torch` that what
    trains is installed.
    """

    searches: bool
    train: bool
    sourced: bool
    local: bool
    torch: bool


def parse_methods(text: str) -> tuple[Method, ...]:
    """Reads a list such as `prompt,rag,lora+rag`, in the order of cost; empty means all.

    Raises:
        ConfigError: one of them is no method.
    """
    named = [part.strip() for part in text.split(",") if part.strip()]
    wrong = [name for name in named if name not in METHODS]
    if wrong:
        raise ConfigError(
            f"{wrong[0]!r} is no method", where="--methods", hint=f"known: {', '.join(METHODS)}"
        )
    return tuple(method for method in METHODS if method in named or not named)


def possible(
    wanted: Sequence[Method], means: Means
) -> tuple[tuple[Method, ...], dict[Method, str]]:
    """The methods that can be run, and for each other one why not."""
    left_out = {method: why for method in wanted if (why := _why_not(method, means))}
    return tuple(method for method in wanted if method not in left_out), left_out


def _why_not(method: Method, means: Means) -> str:
    if method in SEARCHING and not means.searches:
        return "the workspace has no documents to search"
    if method in WITH_ROWS and not means.train:
        return "no training rows were given (--train)"
    if method not in TRAINED:
        return ""
    if not means.local:
        return "the model answers at an address: its weights are not here to be trained"
    if not means.torch:
        return 'training needs pip install "surefoot[tune]"'
    if method in SEARCHING and not means.sourced:
        return "no training row names the document that it is about"
    return ""
