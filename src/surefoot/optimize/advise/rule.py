"""The rule of thumb as data: which path six yes/no needs call for, and how the four methods rank. Measures nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import product
from typing import Any, Literal

from surefoot.optimize.advise.interview import Answers, interview

Path = Literal["prompt", "rag", "tune", "both"]
FourMethods = Literal["prompt", "rag", "peft", "full"]
KEYS = ("knowledge", "behaviour", "hallucination", "labelled", "changes", "traceable")
"""The six needs, in the order in which they are asked."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The six answers as yes or no. `assumed` are those that were open and count as the prior has it."""

    knowledge: bool
    behaviour: bool
    hallucination: bool
    labelled: bool
    changes: bool
    traceable: bool
    assumed: frozenset[str] = frozenset()

    def flipped(self, key: str) -> Needs:
        """The same with one need the other way."""
        changed: dict[str, Any] = {key: not getattr(self, key)}
        return replace(self, **changed)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing by which methods differ. `order` ranks them from least to most; equal ones stand together.

    `measure` names the figure of a comparison that measures it; empty where none does. `good` says which end is wanted.
    """

    key: str
    good: Literal["low", "high"]
    order: tuple[tuple[FourMethods, ...], ...]
    measure: str = ""

    def rank(self, method: FourMethods) -> int:
        """The place of a method, from 1 for the least."""
        return next(place for place, group in enumerate(self.order, 1) if method in group)


@dataclass(frozen=True, slots=True)
class Rule:
    """The whole rule. `plenty` examples make training worth a try; `measured` are figures that texts quote."""

    prior: Mapping[str, bool]
    plenty: int
    rag_any: tuple[str, ...]
    tune_all: tuple[str, ...]
    arms: Mapping[FourMethods, tuple[str, ...]]
    dimensions: tuple[Dimension, ...]
    measured: Mapping[str, str]

    def path(self, needs: Needs) -> Path:
        """Retrieval where one of its needs is there, tuning where all of its are; both, or neither: prompting."""
        rag = any(getattr(needs, key) for key in self.rag_any)
        tune = all(getattr(needs, key) for key in self.tune_all)
        if rag:
            return "both" if tune else "rag"
        return "tune" if tune else "prompt"

    def needs(self, answers: Answers) -> Needs:
        """The answers as yes or no, open ones as the prior has it."""
        found = {key: self._need(answers, key) for key in KEYS}
        given = {key: self.prior[key] if value is None else value for key, value in found.items()}
        return Needs(**given, assumed=frozenset(key for key in KEYS if found[key] is None))

    def _need(self, answers: Answers, key: str) -> bool | None:
        value = getattr(answers, key)
        if value is None or isinstance(value, bool):
            return value
        if key == "labelled":
            return bool(value >= self.plenty)
        question = interview().question(key)
        ranks = [option.value for option in question.options]
        return ranks.index(value) >= ranks.index(question.high)


@cache
def rule() -> Rule:
    """The rule of thumb that comes with surefoot."""
    file = resources.files("surefoot.optimize.advise") / "data" / "rule.toml"
    raw = tomllib.loads(file.read_text(encoding="utf-8"))
    return Rule(
        prior=raw["prior"],
        plenty=raw["plenty"]["examples"],
        rag_any=tuple(raw["paths"]["rag"]["any"]),
        tune_all=tuple(raw["paths"]["tune"]["all"]),
        arms={method: tuple(arms) for method, arms in raw["methods"].items()},
        dimensions=tuple(_dimension(one) for one in raw["dimension"]),
        measured=raw["measured"],
    )


def combinations() -> list[Needs]:
    """All 64 combinations of the six needs, from all no to all yes."""
    every = product((False, True), repeat=len(KEYS))
    return [Needs(**dict(zip(KEYS, values, strict=True)), assumed=frozenset()) for values in every]


def _dimension(raw: Mapping[str, Any]) -> Dimension:
    return Dimension(
        key=raw["key"],
        good=raw["good"],
        order=tuple(tuple(group) for group in raw["order"]),
        measure=raw.get("measure", ""),
    )
