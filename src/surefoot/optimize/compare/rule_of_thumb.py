"""What the rule of thumb says of the methods beside what was measured, dimension by dimension, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from surefoot.core.types import Score
from surefoot.optimize.advise.rule import Dimension, FourMethods, rule
from surefoot.optimize.compare.claims import metric_of
from surefoot.optimize.compare.figures import score_text
from surefoot.optimize.compare.freshness import FRESHNESS
from surefoot.optimize.compare.hallucination import HALLUCINATION
from surefoot.optimize.compare.result import METHODS, Comparison, Method
from surefoot.optimize.compare.table import CITATION, MethodRow, table_rows
from surefoot.optimize.compare.words import Lang, say

_MEASURES: Final[Mapping[str, str]] = {
    "freshness": FRESHNESS,
    "traceability": CITATION,
    "grounding": HALLUCINATION,
    "terms": "",
}
"""The score that measures a dimension; the quality where it is empty."""
_LESS_IS_BETTER: Final = frozenset({HALLUCINATION})


def rule_words(comparison: Comparison, lang: Lang = "en") -> tuple[str, ...]:
    """A sentence for each dimension that was measured: as the rule says, otherwise, or not told apart.

    The rule speaks of the four methods alone, so arms that are both, such as LoRA with retrieval, do not stand in it.
    """
    rows = {row.method: row for row in table_rows(comparison)}
    return tuple(
        said
        for dimension in rule().dimensions
        if dimension.key in _MEASURES
        for said in _said(dimension, comparison, rows, lang)
    )


def _said(
    dimension: Dimension, comparison: Comparison, rows: Mapping[Method, MethodRow], lang: Lang
) -> Iterator[str]:
    if dimension.key == "terms" and not metric_of(comparison, "form"):
        return
    measured = _measured(dimension.key, rows)
    ruled_class = dimension.order[-1]
    ruled = [one for one in measured if _class_of(one) in ruled_class]
    if not ruled or len(measured) < 2 or len({_class_of(one) for one in measured}) < 2:
        return
    name = _MEASURES[dimension.key]
    best = _best(measured, name)
    champion = _best({one: measured[one] for one in ruled}, name)
    told = _standing(measured[best], measured[champion], name, same=best in ruled)
    yield say(
        f"rule_{told}",
        lang,
        dimension=say(f"dimension_{dimension.key}", lang),
        ruled=say(f"method_{champion}", lang),
        best=say(f"method_{best}", lang),
        score=score_text(measured[best]),
        ruled_score=score_text(measured[champion]),
    )


def _measured(key: str, rows: Mapping[Method, MethodRow]) -> dict[Method, Score]:
    """The score of each of the four methods' arms that has one."""
    name = _MEASURES[key]
    found: dict[Method, Score] = {}
    for method, row in rows.items():
        score = row.scores.get(name) if name else row.quality
        if score is not None and score.n and _class_of(method):
            found[method] = score
    return found


def _class_of(method: Method) -> FourMethods | None:
    return next((one for one, arms in rule().arms.items() if method in arms), None)


def _best(scores: Mapping[Method, Score], name: str) -> Method:
    way = -1 if name in _LESS_IS_BETTER else 1
    return max(scores, key=lambda method: (way * scores[method].value, -METHODS.index(method)))


def _standing(
    best: Score, champion: Score, name: str, *, same: bool
) -> Literal["as", "other", "open"]:
    if same:
        return "as"
    apart = best.high < champion.low if name in _LESS_IS_BETTER else best.low > champion.high
    return "other" if apart else "open"
