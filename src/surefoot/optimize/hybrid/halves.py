"""The two halves of a hybrid and how they become one solution. Plain settings in, plain settings out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError
from surefoot.evaluate.scoring import Row

Plain = Mapping[str, Any]
Side = Literal["tuned", "retrieving"]

TYPICAL = "typical"
FACTUAL = "factual"
DATED = "date-bound"
"""The set of examples and patterns that comes with surefoot for questions on what is recent."""


@dataclass(frozen=True, slots=True)
class Half:
    """A complete solution, and its answers where they are known. `name` is what verdicts call it."""

    name: str
    solution: Plain
    rows: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Halves:
    """A tuned solution and one that searches."""

    tuned: Half
    retrieving: Half

    def of(self, side: Side) -> Half:
        """One of them."""
        return self.tuned if side == "tuned" else self.retrieving


@dataclass(frozen=True, slots=True)
class Division:
    """How questions are divided: examples of those that go either way, and how sure it must be to go the tuned way.

    `keep` is the share of questions that are like the examples that is told as such; `dated` sends what is recent to
    the half that searches, whatever it is like.
    """

    typical: tuple[str, ...]
    factual: tuple[str, ...] = ()
    keep: float = 0.95
    dated: bool = False


def hybrid_solution(halves: Halves, division: Division, name: str) -> dict[str, Any]:
    """The settings of the hybrid: a route before the answer of the half that searches.

    A tuned half without documents answers from its model alone, as it does by itself.

    Raises:
        ConfigError: the halves cannot be one solution.
    """
    tuned, retrieving = halves.tuned.solution, halves.retrieving.solution
    searching, answering = _stages(halves.retrieving)
    ways = [{"name": TYPICAL, "examples": list(division.typical), "stages": _tuned_stages(halves)}]
    if division.factual or division.dated:
        factual = {"name": FACTUAL, "examples": list(division.factual), "stages": searching}
        ways.insert(0, factual | ({"like": [DATED]} if division.dated else {}))
    route = {"kind": "route", "keep": division.keep, "ways": ways, "otherwise": searching}
    shared = {key: value for key, value in retrieving.items() if key not in ("name", "stages")}
    endpoints = {**tuned.get("endpoints", {}), **retrieving.get("endpoints", {})}
    joined = {**shared, "endpoints": endpoints} if endpoints else shared
    return {"schema": 1, **joined, "name": name, "stages": [route, answering]}


def _tuned_stages(halves: Halves) -> list[dict[str, Any]]:
    """All stages of the tuned half, its answer last."""
    searching, answering = _stages(halves.tuned)
    if not searching:
        return [{**answering, "passages": 0}]
    own, other = halves.tuned.solution.get("corpus"), halves.retrieving.solution.get("corpus")
    if own != other:
        raise ConfigError(
            "both halves search, but not the same documents in the same way",
            where=halves.tuned.name,
            hint="give both the same [corpus]",
        )
    return [*searching, answering]


def _stages(half: Half) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The stages before the answer, and the answer."""
    registry = Registry()
    stages = [dict(stage) for stage in half.solution.get("stages", ())]
    if not stages or registry.part_class("stage", stages[-1]["kind"]).produces != "answer":
        raise ConfigError(
            "the last stage of each half must answer",
            where=half.name,
            hint='put kind = "answer" at the end',
        )
    return stages[:-1], stages[-1]
