"""Orders the best hits anew by a reranker, and drops those that are too unlikely to be relevant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, PositiveInt

from surefoot.config.base import AnyPart, Part, PartSettings
from surefoot.core.errors import ConfigError, TransientError
from surefoot.core.roles import (
    Call,
    HitJudge,
    HitScorer,
    Judged,
    Parts,
    Produces,
    Reranker,
    Takes,
)
from surefoot.core.types import Hit, Note, Query, Turn
from surefoot.retrieve.fuse import best_first, minmax
from surefoot.retrieve.rerank.features import FEATURES
from surefoot.retrieve.rerank.learnt import learnt
from surefoot.retrieve.rerank.relevance import Calibration, judged, relevance, shipped_calibration
from surefoot.retrieve.rerank.rerank_features import FeatureSettings
from surefoot.retrieve.rerank.texts import whole_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class RerankSettings(PartSettings):
    """Orders the best hits anew by a reranker; drops those below a probability of being relevant."""

    kind: Literal["rerank"] = "rerank"
    by: Annotated[AnyPart | None, Part("reranker")] = Field(
        default=None, description='the reranker; null = { kind = "features" }, which needs no model'
    )
    depth: PositiveInt = Field(
        default=30, description="hits that are scored; the others follow in the order they had"
    )
    keep: PositiveInt = Field(default=10, description="hits that go on to the next stage")
    share: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="what the reranker counts beside the score before it; null = what suits the reranker",
    )
    threshold: float | None = Field(
        default=None, ge=0, le=1, description="hits below this probability of relevance are dropped"
    )
    calibration: Calibration | None = Field(
        default=None,
        description="how signals become that probability; surefoot learn rerank writes one for your documents",
    )


class Rerank:
    """The best `depth` hits by falling new score, then the others.

    The new score is 0 to 1 within a question. Scored hits have the signals of the reranker, `rerank` (its own score)
    and, where there is a calibration, `relevance` (a probability).
    """

    Settings = RerankSettings
    takes: ClassVar[Takes] = "hits"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: RerankSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._by = settings.by or FeatureSettings()
        self._calibration = settings.calibration or shipped_calibration(self._by)
        if settings.threshold and self._calibration is None:
            raise ConfigError(
                f"the threshold needs a calibration, and {self._by.kind} comes with none",
                where="rerank",
                hint="surefoot learn rerank EVALSET writes one; or leave the threshold out",
            )

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with its hits in the new order; as it was, with a note, when the reranker fails for now."""
        if not turn.hits:
            return turn
        try:
            judged = self._judge(turn.query, turn.hits[: self._settings.depth], call)
        except TransientError as problem:
            judged = Judged((), (f"the order stays: {problem}",))
        turn = replace(turn, notes=(*turn.notes, *(Note("rerank", text) for text in judged.notes)))
        if not judged.signals:
            return turn
        best, rest = turn.hits[: len(judged.signals)], turn.hits[len(judged.signals) :]
        hits = self._ordered(best, judged.signals)
        if self._calibration is not None:
            hits = _told(hits, self._calibration, turn.query.asked)
        kept, notes = self._likely(hits)
        wanted = max(self._settings.keep, call.limit or 0)
        after = (*kept, *(() if self._settings.threshold else rest))[:wanted]
        return replace(turn, hits=after, notes=(*turn.notes, *notes))

    @property
    def by_features(self) -> bool:
        """Whether the new score is a weighted sum of FEATURES, else of the former score and the reranker's."""
        return isinstance(self._by, FeatureSettings)

    def linear(self) -> Floats:
        """The weights of the columns that `examined` gives, as they are now."""
        if isinstance(self._by, FeatureSettings):
            named = self._by.weights or learnt()["features"]
            return np.array([named.get(name, 0.0) for name in FEATURES])
        return np.array([1 - self._share, self._share])

    def examined(self, turn: Turn) -> tuple[tuple[Hit, ...], Floats, Floats | None]:
        """The hits that would be scored, the columns whose weighted sum orders them, and the reranker's own scores.

        The first column is the former score from 0 to 1; the scores are None where they are that sum.
        """
        hits = turn.hits[: self._settings.depth]
        signals = self._judge(turn.query, hits, Call()).signals if hits else ()
        hits = hits[: len(signals)]
        before = minmax({hit.chunk.id: hit.score for hit in hits}).values()
        if self.by_features:
            columns = [[said[name] for said in signals] for name in FEATURES[1:]]
            return hits, np.array([list(before), *columns]).T, None
        scores = [said["rerank"] for said in signals]
        after = minmax(
            {hit.chunk.id: score for hit, score in zip(hits, scores, strict=True)}
        ).values()
        return hits, np.array([list(before), list(after)]).T, np.array(scores)

    @property
    def _share(self) -> float:
        if self._settings.share is not None:
            return self._settings.share
        return self._scorer.share if isinstance(self._scorer, HitScorer) else 1.0

    @cached_property
    def _scorer(self) -> Reranker | HitScorer:
        return self._parts.reranker(self._by)

    def _judge(self, query: Query, hits: Sequence[Hit], call: Call) -> Judged:
        scorer = self._scorer
        if isinstance(scorer, HitJudge):
            return scorer.judge_hits(query, hits, self._parts, call)
        if isinstance(scorer, HitScorer):
            return Judged(tuple(scorer.score_hits(query, hits, self._parts)))
        scores = scorer.score(query.asked, [whole_text(hit.chunk) for hit in hits])
        return Judged(tuple({"rerank": score} for score in scores))

    def _ordered(self, hits: Sequence[Hit], signals: Sequence[Mapping[str, float]]) -> list[Hit]:
        """The hits with their new scores and signals, best first."""
        share = self._share
        names = [hit.chunk.id for hit in hits]
        before = minmax(dict(zip(names, (hit.score for hit in hits), strict=True)))
        after = minmax(dict(zip(names, (said["rerank"] for said in signals), strict=True)))
        mixed = {name: share * after[name] + (1 - share) * before[name] for name in names}
        place = {name: i for i, name in enumerate(names)}
        return [
            replace(
                hits[place[name]],
                score=mixed[name],
                by="rerank",
                signals={**hits[place[name]].signals, **signals[place[name]]},
            )
            for name in best_first(mixed)
        ]

    def _likely(self, hits: list[Hit]) -> tuple[list[Hit], list[Note]]:
        """The hits that reach the threshold; a note says how many do not."""
        threshold = self._settings.threshold
        if not threshold:
            return hits, []
        notes: list[str] = []
        known = [hit.signals["relevance"] for hit in hits if "relevance" in hit.signals]
        if len(known) < len(hits):
            notes.append(
                f"{len(hits) - len(known)} hits in another script than the question are kept: no calibration for them"
            )
        kept = [hit for hit in hits if hit.signals.get("relevance", 1.0) >= threshold]
        if len(kept) < len(hits):
            likeliest = f"the likeliest of all has {max(known):.2f}"
            notes.append(f"{len(hits) - len(kept)} hits are below {threshold:g}; {likeliest}")
        return kept, [Note("rerank", text) for text in notes]


def _told(hits: Sequence[Hit], calibration: Calibration, question: str) -> list[Hit]:
    """The hits with their `relevance`, those left out for which the calibration was not made."""
    signals = judged(question, hits)
    chances = relevance(calibration, signals)
    return [
        hit
        if said["across"] and not calibration.across
        else replace(hit, signals={**hit.signals, "relevance": chance})
        for hit, said, chance in zip(hits, signals, chances, strict=True)
    ]
