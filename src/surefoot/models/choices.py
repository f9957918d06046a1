"""Reads off how likely each of some replies is: from the likeliest first tokens, or from what was said. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import exp, inf, log

from surefoot.core.lang import fold, is_han

FIRST_TOKENS = 100
"""So many of the likeliest first tokens are asked for where an engine tells as many as one likes."""


def likelihoods(told: Iterable[tuple[bytes, float]], choices: Sequence[str]) -> tuple[float, ...]:
    """The log-probability that a reply begins with each choice, from first tokens (UTF-8) with their own.

    All tokens that are the beginning of one choice and of no other count for it, so that a choice of several tokens,
    or one that is split within a Han character, is known by its first. One that no token begins gets the lowest.

    Raises:
        ValueError: there are no tokens.
    """
    tokens = [(piece.lstrip(), logprob) for piece, logprob in told]
    least = min(logprob for _, logprob in tokens)
    wanted = [choice.encode() for choice in choices]
    found = []
    for own in wanted:
        others = [other for other in wanted if other != own]
        chance = sum(exp(logprob) for piece, logprob in tokens if _begins(piece, own, others))
        found.append(log(chance) if chance > 0 else least)
    return tuple(found)


def said_choice(reply: str, choices: Sequence[str]) -> tuple[float, ...]:
    """0 for the choice that a reply begins with, minus infinity for the others; for all where it says none or two."""
    words = list(_words(reply))
    spoken = [list(_words(choice)) for choice in choices]
    begun = [words[: len(choice)] == choice for choice in spoken]
    named = [any(words[at : at + len(c)] == c for at in range(len(words))) for c in spoken]
    clear = sum(begun) == 1 and sum(named) == 1
    return tuple(0.0 if clear and one else -inf for one in begun)


def _begins(piece: bytes, own: bytes, others: Sequence[bytes]) -> bool:
    if not piece or not own.startswith(piece):
        return False
    return not any(other.startswith(piece) for other in others)


def _words(text: str) -> Iterator[str]:
    """Words, each Han character by itself."""
    spaced = "".join(
        f" {char} " if is_han(char) else char if char.isalnum() else " " for char in fold(text)
    )
    yield from spaced.split()
