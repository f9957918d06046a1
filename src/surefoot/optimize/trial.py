"""What the search and the bench that runs its trials say to each other. Knows no model, index or database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from surefoot.evaluate.scoring import Row


@dataclass(frozen=True, slots=True)
class Candidate:
    """One solution of a space.

    `digest` names the solution; `choices` gives the option of each axis by its label; `overrides` are the
    settings by dotted path that make it from the base; `complexity` counts choices unlike the base. Those with the
    same `corpus` search the same index.
    """

    digest: str
    choices: Mapping[str, str]
    overrides: Mapping[str, Any] = field(default_factory=dict)
    complexity: int = 0
    corpus: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """Questions, by id, that a candidate is to be asked."""

    candidate: Candidate
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """One choice of a space by its name, with the labels of its options, the base's first."""

    name: str
    options: tuple[str, ...]


class Space(Protocol):
    """Which solutions there are: a product of axes, in which some combinations make no sense."""

    @property
    def axes(self) -> Sequence[Axis]:
        """The axes in the order of the space file."""
        ...

    @property
    def present(self) -> Candidate:
        """What the workspace uses now; it need not lie in the product of the axes."""
        ...

    @property
    def baseline(self) -> Candidate:
        """The plain solution that everything must beat; may be the present one."""
        ...

    def candidate(self, choices: Mapping[str, str], /) -> Candidate | None:
        """The solution with these options (axes left out: the base's), None where they do not go together.

        Choices that make no difference give the same digest, and so the same candidate.
        """
        ...


class Bench(Protocol):
    """Asks candidates questions. What was asked before is not asked again, nor paid again."""

    def ask(self, requests: Sequence[Request], /) -> Iterator[tuple[Candidate, Sequence[Row]]]:
        """The rows of each request in the order of its cases; requests come back in order.

        A question that fails has a row with `failure` and 0 in every metric.

        Raises:
            CapReached: the budget is used up; what came before it stays recorded.
        """
        ...
