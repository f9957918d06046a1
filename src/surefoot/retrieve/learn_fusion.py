"""Chooses how lists are fused from questions with known answers. Knows scores and a judge, no gold and no index.

By cross-validation over questions: in each fold the settings that are best on the other folds are judged on it, so
that what is said of learnt settings was never measured on the questions that they were learnt from.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean

from surefoot.retrieve.found import Found
from surefoot.retrieve.fuse import Ranked, best_first, fuse
from surefoot.retrieve.search import SearchSettings, Weighed, shares

DEPTHS = (10, 30, 100)
_WEIGHTS = (0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
_FUSIONS = ("minmax", "zscore", "rrf")
_FEW = 1e-9

Judge = Callable[[int, Sequence[str]], float]
"""The score of a ranking of documents for the question at this place."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Listed:
    """What one side found for one aim: chunk ids with raw scores, best first."""

    weighed: Weighed
    scores: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question's lists, keyword lists first with their coverages, and the document of each chunk."""

    lists: tuple[Listed, ...]
    seen: tuple[float, ...]
    documents: Mapping[str, str]

    @classmethod
    def of(cls, found: Sequence[Found], seen: Sequence[float]) -> Asked:
        """What is needed of what a search found."""
        lists = [one for one in found if one.hits]
        return cls(
            tuple(
                Listed(Weighed.of(one), tuple((h.chunk.id, h.score) for h in one.hits))
                for one in lists
            ),
            tuple(seen),
            {hit.chunk.id: hit.chunk.document_id for one in lists for hit in one.hits},
        )


@dataclass(frozen=True, slots=True)
class Learnt:
    """The settings best on all questions, and what each question scores now and under settings learnt without it.

    `chosen` are the settings of each fold.
    """

    settings: SearchSettings
    present: tuple[float, ...]
    out_of_fold: tuple[float, ...]
    chosen: tuple[SearchSettings, ...]


def learn_fusion(
    asked: Sequence[Asked],
    judge: Judge,
    present: SearchSettings,
    *,
    folds: int = 5,
    seed: int = 0,
    progress: Progress | None = None,
) -> Learnt:
    """The best of the candidates by the mean of the judge; equal means leave the settings as they are."""
    tried = candidates(present)
    scores: list[list[float]] = []
    for place, one in enumerate(asked):
        scores.append([judge(place, ranking(one, settings)) for settings in tried])
        if progress:
            progress(place + 1, len(asked))
    fold_of = _folds(len(asked), folds, seed)
    chosen = [
        _best([row for row, its in zip(scores, fold_of, strict=True) if its != fold])
        for fold in range(folds)
    ]
    return Learnt(
        tried[_best(scores)],
        tuple(row[0] for row in scores),
        tuple(row[chosen[fold]] for row, fold in zip(scores, fold_of, strict=True)),
        tuple(tried[place] for place in chosen),
    )


def candidates(present: SearchSettings) -> list[SearchSettings]:
    """The present settings first, then kind, share and depth of the fusion, with the guard and without."""
    found = [present]
    for fusion, weight, depth, guard in product(_FUSIONS, _WEIGHTS, DEPTHS, _guards(present)):
        changed = {
            "fusion": fusion,
            "weight": weight,
            "keyword": depth if present.keyword else 0,
            "vector": depth if present.vector else 0,
            "guard": guard,
        }
        settings = present.model_copy(update=changed)
        if settings != present:
            found.append(settings)
    return found


def ranking(asked: Asked, settings: SearchSettings) -> list[str]:
    """Documents in the order that these settings give, each by its best chunk."""
    depth = {"keyword": settings.keyword, "vector": settings.vector}
    parts = shares([one.weighed for one in asked.lists], asked.seen, settings)
    fused = fuse(
        (
            Ranked(dict(one.scores[: depth[one.weighed.side]]), share)
            for one, share in zip(asked.lists, parts, strict=True)
        ),
        settings.fusion,
    )
    return list(dict.fromkeys(asked.documents[name] for name in best_first(fused)))


def changes(before: SearchSettings, after: SearchSettings) -> dict[str, float | int | str]:
    """The settings that differ, with their new value."""
    old = before.model_dump()
    return {name: value for name, value in after.model_dump().items() if value != old[name]}


def _guards(present: SearchSettings) -> Iterator[float]:
    yield present.guard
    if present.guard:
        yield 0.0


def _best(scores: Sequence[Sequence[float]]) -> int:
    means = [fmean(column) for column in zip(*scores, strict=True)]
    return next(place for place, mean in enumerate(means) if mean >= max(means) - _FEW)


def _folds(n: int, folds: int, seed: int) -> list[int]:
    order = list(range(n))
    random.Random(seed).shuffle(order)
    return [place % folds for place in order]
