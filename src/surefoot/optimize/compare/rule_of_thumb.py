"""What the rule of thumb says of the methods beside what was measured, dimension by dimension, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from surefoot.optimize.sheets import Sheet

_MEASURES: Final[Mapping[str, str]] = {
    "freshness": FRESHNESS,
    "traceability": CITATION,
    "grounding": HALLUCINATION,
    "terms": "",
}
"""The score that measures a dimension; the quality where it is empty."""
_LESS_IS_BETTER: Final = frozenset({HALLUCINATION})


@dataclass(frozen=True, slots=True)
class Ruled:
    """A dimension that was measured: which method the rule holds best, and which was; `standing` compares the two.

    `as`: the rule's was the best; `other`: another was, its interval apart; `open`: the two are not told apart.
    """

    dimension: str
    ruled: Method
    ruled_score: Score
    best: Method
    best_score: Score
    standing: Literal["as", "other", "open"]


def ruled(comparison: Comparison) -> tuple[Ruled, ...]:
    """Each dimension of the rule that at least two of its four methods were measured in.

    The rule speaks of the four methods alone, so arms that are both, such as LoRA with retrieval, do not stand in it.
    """
    rows = {row.method: row for row in table_rows(comparison)}
    found = [
        _ruled(dimension, rows)
        for dimension in rule().dimensions
        if dimension.key in _MEASURES
        and (dimension.key != "terms" or metric_of(comparison, "form"))
    ]
    return tuple(one for one in found if one is not None)


def rule_words(comparison: Comparison, lang: Lang = "en") -> tuple[str, ...]:
    """A sentence for each of them: the rule of thumb says this, measured was that."""
    return tuple(
        say(
            f"rule_{one.standing}",
            lang,
            dimension=say(f"dimension_{one.dimension}", lang),
            ruled=say(f"method_{one.ruled}", lang),
            best=say(f"method_{one.best}", lang),
            score=score_text(one.best_score),
            ruled_score=score_text(one.ruled_score),
        )
        for one in ruled(comparison)
    )


def rule_sheet(comparison: Comparison, lang: Lang = "en") -> Sheet | None:
    """The same as a table; None where nothing of it was measured."""
    found = ruled(comparison)
    if not found:
        return None
    columns = ("dimension", "ruled", "best", "outcome")
    return Sheet(
        title=say("rule", lang),
        columns=tuple(say(f"column_{name}", lang) for name in columns),
        rows=tuple(
            (
                say(f"dimension_{one.dimension}", lang),
                f"{say(f'method_{one.ruled}', lang)} {score_text(one.ruled_score)}",
                f"{say(f'method_{one.best}', lang)} {score_text(one.best_score)}",
                say(f"outcome_{one.standing}", lang),
            )
            for one in found
        ),
    )


def _ruled(dimension: Dimension, rows: Mapping[Method, MethodRow]) -> Ruled | None:
    measured, name = _measured(dimension.key, rows), _MEASURES[dimension.key]
    held_best = {
        one: score for one, score in measured.items() if _class_of(one) in dimension.order[-1]
    }
    if not held_best or len({_class_of(one) for one in measured}) < 2:
        return None
    best, champion = _best(measured, name), _best(held_best, name)
    standing = _standing(measured[best], measured[champion], name, same=best in held_best)
    return Ruled(dimension.key, champion, measured[champion], best, measured[best], standing)


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
