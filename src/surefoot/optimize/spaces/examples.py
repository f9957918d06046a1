"""Proposes sets of examples from rows of right answers, as files and as an axis of a space. Asks no model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from surefoot.config.space import SpaceSettings, parse_space
from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.generate.answer_settings import AnswerSettings
from surefoot.generate.asking.examples import Example, read_examples
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.optimize.spaces.prompting import EXAMPLES, example_axis

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from surefoot.run.workspace import Workspace

    Vectors = NDArray[np.float32]

_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Proposal:
    """Files of examples, by their path in the workspace, and the space that tries them.

    `rows` is how many there were to take from.
    """

    files: tuple[str, ...]
    space: SpaceSettings
    rows: int


def propose_examples(
    space: Workspace, rows: Path, *, count: int = 5, sets: int = 4, seed: int = 0
) -> Proposal:
    """Writes `sets` random sets of `count` rows, one of rows unlike each other, and all rows to take the nearest of.

    The files lie in the workspace's folder `examples`, named after that of the rows.

    Raises:
        MissingError: there is no such file.
        DataError: a line is no example, or there are fewer rows than a set has.
        ConfigError: no stage of the solution asks a chat model.
    """
    asking = [stage for stage in space.solution.stages if isinstance(stage, AnswerSettings)]
    if not asking:
        raise ConfigError(
            "no stage asks a chat model, so there is nobody to show examples",
            where=space.solution_file.name,
            hint='add [[stages]] kind = "answer"',
        )
    if not rows.is_file():
        raise MissingError("there is no such file of rows", where=str(rows))
    known = read_examples(rows)
    if len(known) < count:
        raise DataError(
            f"has {len(known)} rows, fewer than the {count} of one set",
            where=str(rows),
            hint=f"try --count {len(known)}",
        )
    picked = dict(_picked(space, known, (count, sets, seed)))
    folder = space.root / EXAMPLES
    folder.mkdir(exist_ok=True)
    files = {
        name: _write(folder / f"{rows.stem}-{name}.jsonl", [known[place] for place in places])
        for name, places in picked.items()
    }
    options = [
        (file, [{"file": file, "mode": "fixed", "count": count}])
        for name, file in files.items()
        if name != "pool"
    ]
    nearest = [{"file": files["pool"], "mode": "nearest", "count": n} for n in _near(count)]
    base = "none" if asking[0].examples is None else "present"
    axis = example_axis([*options, (files["pool"], nearest)], base)
    made = parse_space({"schema": 1, "axes": [axis]}, where="examples")
    return Proposal(tuple(files.values()), made, len(known))


def diverse(vectors: Vectors, count: int) -> list[int]:
    """The rows in the middle of `count` groups, the largest group first (k-means from the rows farthest apart)."""
    import numpy as np

    centres = vectors[_apart(vectors, count)]
    for _ in range(_ROUNDS):
        group = (vectors @ centres.T).argmax(axis=1)
        sums = np.stack([vectors[group == one].sum(axis=0) for one in range(count)])
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 0, sums / np.maximum(lengths, 1e-9), centres)
    near = vectors @ centres.T
    sizes = np.bincount(near.argmax(axis=1), minlength=count)
    taken: list[int] = []
    for one in np.argsort(-sizes, kind="stable"):
        order = np.argsort(-near[:, one], kind="stable")
        taken.append(next(int(place) for place in order if int(place) not in taken))
    return taken


def _picked(
    space: Workspace, known: Sequence[Example], told: tuple[int, int, int]
) -> Iterator[tuple[str, Sequence[int]]]:
    """Name of a set, and the places of its rows."""
    count, sets, seed = told
    for number in range(1, sets + 1):
        yield f"random-{number}", Random(f"{seed}:{number}").sample(range(len(known)), count)
    yield "diverse", diverse(_vectors(space, known), count)
    yield "pool", range(len(known))


def _vectors(space: Workspace, known: Sequence[Example]) -> Vectors:
    """By the encoder of the corpus; by words where there is none."""
    asked = [example.question for example in known]
    if space.solution.corpus is None:
        return HashEncoder(HashSettings()).embed_queries(asked)
    return space.resources.encoder().embed_queries(asked)


def _apart(vectors: Vectors, count: int) -> list[int]:
    """Rows of which each is the farthest from those before it; the first is nearest to the mean."""
    import numpy as np

    first = int((vectors @ vectors.mean(axis=0)).argmax())
    taken, near = [first], vectors @ vectors[first]
    while len(taken) < count:
        near[taken] = 2.0  # more than any cosine
        taken.append(int(near.argmin()))
        near = np.maximum(near, vectors @ vectors[taken[-1]])
    return taken


def _near(count: int) -> list[int]:
    return sorted({count, 2 * count})


def _write(file: Path, examples: Sequence[Example]) -> str:
    """Writes them as questions and answers; the path in the workspace."""
    lines = [
        json.dumps(
            {"question": one.question, "answer": one.answer}
            | ({"thoughts": one.thoughts} if one.thoughts else {}),
            ensure_ascii=False,
        )
        for one in examples
    ]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return f"{file.parent.name}/{file.name}"
