"""Worlds whose truth is known: questions on documents, answered right or wrong by solutions of known quality.

Documents have 1 to 7 questions, or as many as a geometric law gives (some have very many); questions of one document
are answered alike (beta-distributed quality of each document, intraclass correlation 0.1 or 0.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ALIKE = 0.1


@dataclass(frozen=True, slots=True)
class World:
    """How questions hang together: `mean_size` 0 means 1 to 7 questions a document, evenly; 1 that all stand alone."""

    name: str = "documents of 1 to 7 questions"
    mean_size: int = 0
    alike: float = ALIKE


WORLDS = (
    World(),
    World("questions that stand alone", 1),
    World("4 a document on average, some many more; alike 0.2", 4, 0.2),
    World("8 a document on average, some many more; alike 0.2", 8, 0.2),
)


def documents(draw: np.random.Generator, n: int, world: World) -> np.ndarray:
    """The number of each question's document, in order."""
    if world.mean_size == 1:
        return np.arange(n)
    mean = world.mean_size
    sizes = draw.geometric(1 / mean, n) if mean else draw.integers(1, 8, n)
    return np.repeat(np.arange(n), sizes)[:n]


def qualities(
    draw: np.random.Generator, rate: float, world: World, shape: tuple[int, ...]
) -> np.ndarray:
    """How likely each document's questions are answered right; `rate` on average."""
    if world.mean_size == 1:
        return np.full(shape, rate)
    scale = (1 - world.alike) / world.alike
    return draw.beta(rate * scale, (1 - rate) * scale, shape)


def answers(draw: np.random.Generator, rate: float, of: np.ndarray, world: World) -> np.ndarray:
    """Right (1) or wrong (0) for each question."""
    quality = qualities(draw, rate, world, (int(of[-1]) + 1,))
    return (draw.random(of.size) < quality[of]).astype(float)


def solutions(
    draw: np.random.Generator, rates: list[float], of: np.ndarray, world: World
) -> np.ndarray:
    """Right or wrong of several solutions (rows) on the same questions.

    Each has documents that suit it: on every other document its quality is its own, elsewhere that of all. Three of
    ten questions are luck of each solution; the others are hard or easy for all alike.
    """
    count = int(of[-1]) + 1
    common = draw.random(count) < 0.5
    luck = draw.random(of.size)
    rows = []
    shared = qualities(draw, rates[0], world, (count,))
    for rate in rates:
        own = qualities(draw, rate, world, (count,))
        quality = np.where(common, shared, own) if rate == rates[0] else own
        own_luck = np.where(draw.random(of.size) < 0.3, draw.random(of.size), luck)
        rows.append((own_luck < quality[of]).astype(float))
    return np.stack(rows)


def graded(draw: np.random.Generator, perfect: float, of: np.ndarray, world: World) -> np.ndarray:
    """Scores like nDCG of a good search: the share `perfect` is 1, the rest spread evenly from 0 to 1."""
    right = answers(draw, perfect, of, world)
    return np.where(right == 1, 1.0, draw.random(of.size))


def names(of: np.ndarray) -> list[str]:
    """The documents by name."""
    return [str(number) for number in of]
