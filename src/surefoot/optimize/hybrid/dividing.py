"""Learns on questions to choose by which of them go to the tuned half; says what that would be worth on others.

Every question is judged by prototypes that were learnt without it and what hangs together with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from surefoot.optimize.hybrid.halves import DATED, FACTUAL, TYPICAL, Division, Side
from surefoot.retrieve.question.prototypes import Prototypes, learn
from surefoot.retrieve.question.route import shipped_examples, shipped_patterns

if TYPE_CHECKING:
    from surefoot.core.roles import Encoder
    from surefoot.core.roles.models import Vectors

_FOLDS = 5
_LEAST = 5
"""Examples that a way needs at least: fewer tell nothing of other questions."""
_MOST = 200
"""Examples of a way at most: they stand in the solution file."""
_KEEPS = (0.5, 0.7, 0.8, 0.9, 0.95)
_BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Judged:
    """A question to choose by, with what each half scored on it and what that took."""

    question: str
    cluster: str
    tuned: float
    retrieving: float
    tuned_cost: float = 0.0
    retrieving_cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Divided:
    """The best division found. `quality` and `cost` are means over questions that it was not learnt from.

    `share` of the questions would go to the tuned half.
    """

    division: Division
    quality: float
    cost: float
    share: float


@dataclass(frozen=True, slots=True)
class _Variant:
    """A way to read the outcomes: who gets questions that both answer alike, and what examples are added."""

    alike: Side
    taught: bool
    dated: bool


def divide(
    questions: Sequence[Judged], encoder: Encoder, taught: Sequence[str] = (), *, seed: int = 0
) -> Divided | None:
    """The division that is worth most on questions it was not learnt from; of equal ones the cheapest.

    `taught` are questions that the tuned half was trained on. None where too few questions go either way.
    """
    texts = _Texts(encoder)
    folds = _folds(questions, seed)
    sides: tuple[Side, ...] = ("tuned", "retrieving")
    variants = [
        _Variant(alike, with_taught, dated)
        for alike, with_taught, dated in product(
            sides, sorted({False, bool(taught)}), (False, True)
        )
    ]
    tools = (texts, tuple(taught), seed)
    distinct = {_division(questions, variant, tools): variant for variant in reversed(variants)}
    found = [
        one
        for whole, variant in distinct.items()
        if whole is not None
        for one in _tried(questions, (folds, whole), variant, tools)
    ]
    if not found:
        return None
    return max(found, key=lambda one: (round(one.quality, 6), -one.cost))


class _Texts:
    """Vectors of texts, each embedded once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._kept: dict[str, Vectors] = {}

    def of(self, texts: Sequence[str]) -> Vectors:
        """The vectors in their order (n x dimensions)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._kept]
        if new:
            self._kept |= dict(zip(new, self._encoder.embed_queries(new), strict=True))
        return np.stack([self._kept[text] for text in texts])


_Tools = tuple[_Texts, tuple[str, ...], int]


def _tried(
    questions: Sequence[Judged],
    plan: tuple[Sequence[int], Division],
    variant: _Variant,
    tools: _Tools,
) -> Iterator[Divided]:
    """What each share to keep would be worth under this variant; `plan` has the folds and the division of all."""
    folds, whole = plan
    routed: dict[float, list[bool]] = {keep: [False] * len(questions) for keep in _KEEPS}
    for fold in range(_FOLDS):
        rest = [one for one, own in zip(questions, folds, strict=True) if own != fold]
        learnt = _division(rest, variant, tools)
        if learnt is None:
            continue
        prototypes = prototypes_of(learnt, tools[0])
        for place, own in enumerate(folds):
            if own == fold:
                for keep in _KEEPS:
                    threshold = prototypes.threshold_for(keep)
                    text = questions[place].question
                    routed[keep][place] = _goes(text, prototypes, threshold, variant, tools[0])
    for keep, tuned in routed.items():
        yield _worth(questions, tuned, whole, keep)


def _worth(
    questions: Sequence[Judged], tuned: Sequence[bool], whole: Division, keep: float
) -> Divided:
    pairs = list(zip(questions, tuned, strict=True))
    quality = fmean(one.tuned if goes else one.retrieving for one, goes in pairs)
    cost = fmean(one.tuned_cost if goes else one.retrieving_cost for one, goes in pairs)
    division = Division(whole.typical, whole.factual, keep, whole.dated)
    return Divided(division, quality, cost, fmean(map(float, tuned)))


def _goes(
    text: str, prototypes: Prototypes, threshold: float, variant: _Variant, texts: _Texts
) -> bool:
    """Whether the route would send this question to the tuned half."""
    if variant.dated and any(re.search(p, text, re.IGNORECASE) for p in shipped_patterns(DATED)):
        return False
    guess = prototypes.guess(texts.of([text])[0])
    return guess.known >= threshold and guess.group == TYPICAL


def prototypes_of(division: Division, texts: _Texts) -> Prototypes:
    """What the route learns from the examples of a division."""
    dated = shipped_examples(DATED) if division.dated else []
    told = [(text, FACTUAL) for text in dict.fromkeys((*division.factual, *dated))]
    told += [(text, TYPICAL) for text in division.typical]
    held = {text for text, _ in told}
    others = [text for text in shipped_examples(_BACKGROUND) if text not in held]
    names = [name for _, name in told]
    vectors = texts.of([text for text, _ in told])
    return learn(vectors, names, texts.of(others), keep=division.keep)


def _division(questions: Sequence[Judged], variant: _Variant, tools: _Tools) -> Division | None:
    """Examples of both ways from the outcomes; None where too few go the tuned way."""
    _, taught, seed = tools
    won = [one for one in questions if one.tuned > one.retrieving]
    lost = [one for one in questions if one.tuned < one.retrieving]
    alike = [one for one in questions if one.tuned == one.retrieving]
    typical = [*won, *(alike if variant.alike == "tuned" else ())]
    factual = [*lost, *(alike if variant.alike == "retrieving" else ())]
    asked = {one.question for one in factual}
    more = [text for text in taught if text not in asked] if variant.taught else []
    texts = _drawn([*(one.question for one in typical), *more], seed)
    if len(texts) < _LEAST:
        return None
    return Division(texts, _drawn([one.question for one in factual], seed), dated=variant.dated)


def _drawn(texts: Sequence[str], seed: int) -> tuple[str, ...]:
    """Each text once, in order, and no more than may stand in a solution file."""
    distinct = list(dict.fromkeys(texts))
    if len(distinct) <= _MOST:
        return tuple(distinct)
    places = sorted(Random(seed).sample(range(len(distinct)), _MOST))
    return tuple(distinct[place] for place in places)


def _folds(questions: Sequence[Judged], seed: int) -> list[int]:
    """The fold of each question; what hangs together is in one."""
    clusters = sorted({one.cluster or one.question for one in questions})
    Random(seed).shuffle(clusters)
    fold: Mapping[str, int] = {name: place % _FOLDS for place, name in enumerate(clusters)}
    return [fold[one.cluster or one.question] for one in questions]
