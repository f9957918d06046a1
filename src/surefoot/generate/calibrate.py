"""Fits the refusal model to a user's own documents, without labels.

Questions are made from the documents and searched twice, with their document present and taken away. The model that
comes with surefoot is the prior, because made questions are easier than people's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import TYPE_CHECKING, Final

import numpy as np

from surefoot.core.errors import DataError
from surefoot.core.lang import terms
from surefoot.core.logistic import Logistic, auc, fit, interval
from surefoot.generate.evidence import READING, Frequencies, ask, gather
from surefoot.generate.guard import SIGNS, RefusalSettings, logistic, read_signs, shipped
from surefoot.generate.probes import Probe

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surefoot.core.roles import Encoder
    from surefoot.core.types import Hit

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FEW: Final = 100
_LEAST: Final = 20
_PRIOR_STRENGTH: Final = 20.0


@dataclass(frozen=True, slots=True)
class Sight:
    """How the solution sees its documents: `search` gives hits best first, `frequencies` is that of the index."""

    search: Callable[[str], Sequence[Hit]]
    encoder: Encoder
    frequencies: Frequencies


@dataclass(frozen=True, slots=True)
class Rate:
    """A share or an area with its 95% bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Settings for the solution file (`refuse = ...`), and how well they part the made questions.

    `probes` counts the questions, each judged with its document and without; `found` those whose document was
    among the hits.
    """

    settings: RefusalSettings
    probes: int
    found: int
    auc: Rate
    answered: Rate
    refused: Rate
    warnings: tuple[str, ...] = ()


def calibrate(
    probes: Iterable[Probe], sight: Sight, *, answer_rate: float = 0.95, seed: int = 0
) -> Calibration:
    """Fits weights, then takes the threshold that lets `answer_rate` of the answerable questions through.

    Raises:
        DataError: too few questions find their document to fit anything.
    """
    rows, labels, asked, found = _table(probes, sight)
    if found < _LEAST:
        raise DataError(
            f"only {found} of {asked} made questions find their document",
            hint=f"calibration needs {_LEAST}, better {FEW}: add documents first",
        )
    prior = logistic(shipped("same"))
    features = np.array(rows)
    model = fit(features, labels, prior=prior, strength=_PRIOR_STRENGTH)
    scores = model.probability(features)
    lowest = float(np.quantile(scores[labels], 1 - answer_rate, method="lower"))
    threshold = floor(lowest * 1000) / 1000
    return Calibration(
        settings=_settings(model, threshold, sight.encoder.digest),
        probes=asked,
        found=found,
        auc=_rate(auc, scores, labels, seed),
        answered=_rate(lambda s, y: float((s[y] >= threshold).mean()), scores, labels, seed),
        refused=_rate(lambda s, y: float((s[~y] < threshold).mean()), scores, labels, seed),
        warnings=tuple(_warnings(asked, found)),
    )


def judge_twice(
    question: str,
    hits: Sequence[Hit],
    gold: frozenset[str],
    sight: Sight,
    *,
    hidden: tuple[int, int] | None = None,
) -> tuple[dict[str, float] | None, dict[str, float] | None]:
    """SIGNS of a question with its documents, and with all that came from them taken away; None without evidence."""
    gone = [hit for hit in hits if hit.chunk.document_id in gold]
    rest = [hit for hit in hits if hit.chunk.document_id not in gold]
    read = [_blanked(hit, hidden) if hidden and hit in gone else hit for hit in hits]
    fewer = _without(sight.frequencies, gone)
    return (
        _signs(question, read, sight.frequencies, sight.encoder),
        _signs(question, rest, fewer, sight.encoder),
    )


def _table(probes: Iterable[Probe], sight: Sight) -> tuple[list[list[float]], Flags, int, int]:
    """One row of signs for each question with its document and one for it without, where the document is found."""
    rows: list[list[float]] = []
    labels: list[bool] = []
    asked = 0
    for probe in probes:
        asked += 1
        gold = frozenset({probe.document_id})
        hits = sight.search(probe.question)
        if not any(hit.chunk.document_id in gold for hit in hits):
            continue
        both = judge_twice(probe.question, hits, gold, sight, hidden=probe.hidden)
        for label, signs in zip((True, False), both, strict=True):
            if signs is not None:
                rows.append([signs[name] for name in SIGNS])
                labels.append(label)
    return rows, np.array(labels, bool), asked, sum(labels)


def _signs(
    question: str, hits: Sequence[Hit], frequencies: Frequencies, encoder: Encoder
) -> dict[str, float] | None:
    evidence = gather(ask(question, frequencies), hits, encoder, READING)
    return read_signs(evidence, hits) if evidence.candidates else None


def _without(frequencies: Frequencies, gone: Sequence[Hit]) -> Frequencies:
    """The frequencies less what these hits hold."""
    held = [frozenset(terms(f"{hit.chunk.title}\n{hit.chunk.text}")) for hit in gone]

    def fewer(wanted: Sequence[str]) -> tuple[list[int], int]:
        counts, chunks = frequencies(wanted)
        left = [n - sum(term in h for h in held) for n, term in zip(counts, wanted, strict=True)]
        return [max(0, n) for n in left], max(1, chunks - len(held))

    return fewer


def _blanked(hit: Hit, hidden: tuple[int, int]) -> Hit:
    """The hit with spaces in the place of the hidden span of its document."""
    chunk = hit.chunk
    start = min(max(hidden[0] - chunk.start, 0), len(chunk.text))
    end = min(max(hidden[1] - chunk.start, 0), len(chunk.text))
    text = chunk.text[:start] + " " * (end - start) + chunk.text[end:]
    return replace(hit, chunk=replace(chunk, text=text))


def _settings(model: Logistic, threshold: float, encoder: str) -> RefusalSettings:
    named = zip(SIGNS, model.weights, strict=True)
    weights = {"bias": round(model.bias, 3)} | {name: round(w, 3) for name, w in named}
    return RefusalSettings(threshold=threshold, weights=weights, encoder=encoder)


def _rate(
    statistic: Callable[[Floats, Flags], float], scores: Floats, labels: Flags, seed: int
) -> Rate:
    low, high = interval(statistic, scores, labels, seed=seed)
    return Rate(statistic(scores, labels), low, high)


def _warnings(asked: int, found: int) -> Iterator[str]:
    if found < FEW:
        yield f"only {found} questions: the threshold is rough, {FEW} and more are better"
    if found < asked / 2:
        yield f"the search found the document of only {found} of {asked} made questions"
