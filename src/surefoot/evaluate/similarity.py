"""How near in meaning answers are to gold, by an encoder: computed after a run, in batches, outside its latency.

Cosines of small encoders lie close together and differ from encoder to encoder, and a denial is near to what it denies:
this number orders answers of one run, it does not say that any is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from surefoot.config.registry import Registry
from surefoot.config.solution import Corpus
from surefoot.core.roles import Encoder
from surefoot.core.types import EvalSet
from surefoot.evaluate.metrics import plain_answer
from surefoot.evaluate.scoring import Row, scores

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors
    from surefoot.evaluate.runner import Evaluation
    from surefoot.run.workspace import Workspace

SIMILARITY: Final = "similarity"


def with_similarity(space: Workspace, evalset: EvalSet, found: Evaluation) -> Evaluation:
    """The evaluation with the best cosine of each answer to a gold answer; refused and failed ones have 0.

    The encoder is the solution's own, else the default one. Answers longer than it reads are cut.
    """
    if space.solution.corpus is not None:
        return similar(evalset, found, space.resources.encoder())
    settings = Corpus().embed
    encoder: Encoder = Registry().part_class("embedder", settings.kind)(
        settings, space.resources.env
    )
    try:
        return similar(evalset, found, encoder)
    finally:
        encoder.close()


def similar(evalset: EvalSet, found: Evaluation, encoder: Encoder) -> Evaluation:
    """The evaluation with the metric `similarity` for each question that has a gold answer."""
    gold = {case.id: case.answers for case in evalset.cases if case.answers}
    said = {row.id: _said(row) for row in found.rows if row.id in gold}
    texts = list(
        dict.fromkeys(text for key, told in said.items() if told for text in (told, *gold[key]))
    )
    places = {text: place for place, text in enumerate(texts)}
    vectors = encoder.embed_queries(texts) if texts else None
    rows = []
    for row in found.rows:
        if row.id in said:
            value = _best(said[row.id], gold[row.id], places, vectors)
            row = replace(row, metrics={**row.metrics, SIMILARITY: value})
        rows.append(row)
    return replace(found, rows=tuple(rows), scores=scores(rows, seed=found.seed))


def _said(row: Row) -> str:
    return plain_answer(row.answer).strip() if row.answer and not row.refused else ""


def _best(said: str, gold: Sequence[str], places: dict[str, int], vectors: Vectors | None) -> float:
    if not said or vectors is None:
        return 0.0
    own = vectors[places[said]]
    return max(0.0, *(float(own @ vectors[places[answer]]) for answer in gold))
