"""Scores texts that need not be in the index against a question, as a solution would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from surefoot.core.roles import HitJudge, HitScorer, Reranker

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace


@dataclass(frozen=True, slots=True)
class TextScores:
    """A score for each text, higher is better, and the tokens that were read."""

    scores: list[float]
    tokens: int


def score_texts(space: Workspace, question: str, texts: Sequence[str]) -> TextScores:
    """Scored by the solution's reranker where that reads texts by themselves, else by the cosines of its encoder."""
    encoder = space.resources.encoder()
    tokens = sum(encoder.count_tokens([question, *texts]))
    by = _reranker(space)
    if by is not None:
        scores = by.score(question, texts)
    else:
        asked = encoder.embed_queries([question])[0]
        scores = (encoder.embed_passages(texts) @ asked).tolist()
    return TextScores([float(value) for value in scores], tokens)


def _reranker(space: Workspace) -> Reranker | None:
    for stage in space.solution.stages:
        settings = getattr(stage, "by", None)
        if stage.kind == "rerank" and settings is not None:
            found = space.resources.reranker(settings)
            if not isinstance(found, HitScorer | HitJudge):
                return found
    return None
