"""The parts of the questions, scored for the solutions that a report shows side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from surefoot.core.types import Score
from surefoot.evaluate.scoring import Row
from surefoot.evaluate.slices import slices
from surefoot.optimize.report.page import Slice

_DIVISIONS = ("lang", "type", "tag", "source")
_SHOWN = 10
_FEW = 3


def parts(
    rows: Mapping[str, Sequence[Row]], metric: str, w: Mapping[str, str], *, seed: int = 0
) -> tuple[Slice, ...]:
    """Each part with the score of every solution, by its label: the ten largest of a division, of three or more."""
    found: dict[tuple[str, str], dict[str, Score]] = {}
    for label, answered in rows.items():
        cut = slices(answered, [metric], _DIVISIONS, seed=seed)
        by_document = slices(_of_large_documents(answered), [metric], ("cluster",), seed=seed)
        for part in (*cut, *by_document):
            found.setdefault((part.by, part.value), {})[label] = part.scores[0]
    shown: Counter[str] = Counter()
    listed = []
    for (by, name), scores in found.items():
        shown[by] += 1
        if shown[by] <= _SHOWN and max(score.n for score in scores.values()) >= _FEW:
            listed.append(Slice(w[f"by_{by}"], name, scores))
    return tuple(listed)


def _of_large_documents(rows: Sequence[Row]) -> list[Row]:
    """Those of the documents with most questions; the many small ones would show nothing."""
    sizes = Counter(row.cluster for row in rows if row.cluster).most_common(_SHOWN)
    large = {name for name, size in sizes if size >= _FEW}
    return [row for row in rows if row.cluster in large]
