"""The card of a tuned encoder or reranker."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from surefoot.tune.artefact import Trained
from surefoot.tune.encoder.base_folder import BaseEncoder
from surefoot.tune.rows import TuningRows
from surefoot.tune.spec import JobSpec
from surefoot.tune.spending import spent
from surefoot.tune.torch_family import versions


def encoder_card(
    method: Literal["embedder", "reranker"],
    spec: JobSpec,
    rows: TuningRows,
    base: BaseEncoder,
    measured: dict[str, float],
    out: Path,
) -> Trained:
    """What was trained from what, and what training measured; `out` holds the account of what it took."""
    return Trained(
        name=spec.name,
        kind="encoder" if method == "embedder" else "reranker",
        method=method,
        base=spec.base,
        base_digest=base.digest,
        rows=spec.rows,
        rows_digest=rows.digest,
        rows_used=len(rows.rows),
        seed=spec.seed,
        settings=spec.tuner.model_dump(mode="json"),
        langs=tuple(sorted({row.lang for row in rows.rows})),
        expense=spent(out),
        versions=versions(),
        measured=measured,
    )
