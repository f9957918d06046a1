"""Scores of parts of an eval set: where a solution is good and where it is not. A part is told by its own n."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from surefoot.core.errors import ConfigError
from surefoot.core.types import Score
from surefoot.evaluate.scoring import Row, mean_of
from surefoot.generate.questions import wanted

_OTHER = "other"
_WAYS: Mapping[str, Callable[[Row], Iterable[str]]] = {
    "lang": lambda row: (row.lang,),
    "type": lambda row: sorted(wanted(row.question)) or (_OTHER,),
    "tag": lambda row: row.tags,
    "source": lambda row: (row.source,) if row.source else (),
    "answerable": lambda row: ("yes" if row.answerable else "no",),
    "cluster": lambda row: (row.cluster,) if row.cluster else (),
}

SLICES = tuple(_WAYS)
"""Ways to divide: by language, what the question asks for, tag, source of the question, answerable, document."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The questions of which `by` is `value`, and their scores. A question with two tags is in two slices."""

    by: str
    value: str
    scores: tuple[Score, ...]


def slices(
    rows: Sequence[Row], metrics: Sequence[str], by: Sequence[str] = SLICES, *, seed: int = 0
) -> tuple[Slice, ...]:
    """The metrics over each part, the largest part of each division first.

    A division with one part only says nothing and is left out. Many parts are many chances: the difference of one
    part is a hint of where to look, not a finding.

    Raises:
        ConfigError: there is no such division.
    """
    found: list[Slice] = []
    for way in by:
        if way not in _WAYS:
            raise ConfigError(
                f"questions cannot be divided by {way!r}", hint=f"known: {', '.join(SLICES)}"
            )
        parts: dict[str, list[Row]] = {}
        for row in rows:
            for value in _WAYS[way](row):
                parts.setdefault(value, []).append(row)
        if len(parts) > 1:
            found += _scored(way, parts, metrics, seed)
    return tuple(found)


def _scored(
    way: str, parts: Mapping[str, Sequence[Row]], metrics: Sequence[str], seed: int
) -> list[Slice]:
    ordered = sorted(parts.items(), key=lambda part: (-len(part[1]), part[0]))
    made = []
    for value, rows in ordered:
        scores = tuple(mean_of(metric, rows, seed=seed) for metric in metrics)
        if any(score.n for score in scores):
            made.append(Slice(way, value, tuple(score for score in scores if score.n)))
    return made
