"""Puts into words and figures how each solution came out of the race."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import sqrt

import numpy as np

from surefoot.core.types import Score
from surefoot.evaluate.stats import corrected_for_choice, mean_score
from surefoot.optimize.result import Curse, Standing, Tried
from surefoot.optimize.search.belief import Belief, Numbers
from surefoot.optimize.search.race import Race
from surefoot.optimize.search.rules import Rules
from surefoot.optimize.search.select import Choice
from surefoot.optimize.search.sheet import Sheet

_DRAWS = 2000
_WIDTH = 1.96
_FINALIST = 0.8


def tried_solutions(race: Race, belief: Belief, choice: Choice, rules: Rules) -> tuple[Tried, ...]:
    """Every solution that was asked anything, the highest expected first."""
    sheet = race.sheet
    chances = _chances(race, belief, rules)
    found: list[Tried] = []
    for place, one in enumerate(sheet.candidates):
        rows = sheet.rows(one.digest)
        if not rows:
            continue
        expected = _expected(belief, place, rules.metric, len(rows))
        ahead = float(belief.mean.max()) - expected.value
        standing, reason = race.out.get(one.digest) or _in_race(one.digest, choice, ahead)
        found.append(
            Tried(
                candidate=one,
                standing=standing,
                reason=reason,
                score=_score(sheet, one.digest, rules),
                expected=expected,
                best=float(chances[place]),
                expense=sheet.expense(one.digest),
                asked=len(rows),
                failures=sum(row.failure is not None for row in rows.values()),
                same_as=race.same.get(one.digest, ""),
            )
        )
    return tuple(sorted(found, key=lambda one: -one.expected.value))


def cursed(
    sheet: Sheet, chosen: str, tried: Sequence[Tried], clusters: Mapping[str, str], rules: Rules
) -> Curse:
    """What the chosen solution scored where it was chosen, and that less what choosing it there flattered it.

    The correction is measured among those asked nearly as much, on the questions that all of them were asked.
    """
    shown = _score(sheet, chosen, rules)
    enough = _FINALIST * len(sheet.rows(chosen))
    finalists = [
        one.candidate.digest
        for one in tried
        if one.asked >= enough and one.standing not in ("failed", "same")
    ]
    scores = sheet.scores(finalists)
    both = [not any(column) for column in np.isnan(scores).T.tolist()]
    if not any(both):
        return Curse(shown, shown)
    line = finalists.index(chosen)
    names = [clusters[name] for name, there in zip(sheet.order, both, strict=True) if there]
    fair = corrected_for_choice(scores[:, both].tolist(), line, clusters=names, seed=rules.seed)
    moved = fair.value - float(scores[line, both].mean())
    return Curse(
        shown,
        replace(shown, value=shown.value + moved, low=shown.low + moved, high=shown.high + moved),
    )


def _in_race(digest: str, choice: Choice, ahead: float) -> tuple[Standing, str]:
    if digest == choice.chosen:
        return "chosen", "the best" if digest == choice.best else "the cheapest of those as good"
    if digest in choice.tied:
        return "tied", "as good, not cheaper"
    return "behind", f"expected {ahead:.3f} below the best, not proven"


def _score(sheet: Sheet, digest: str, rules: Rules) -> Score:
    rows = sheet.rows(digest).values()
    values = [row.metrics[rules.metric] for row in rows if rules.metric in row.metrics]
    return mean_score(rules.metric, values, seed=rules.seed)


def _expected(belief: Belief, place: int, metric: str, asked: int) -> Score:
    value = float(belief.mean[place])
    doubt = _WIDTH * sqrt(max(float(belief.covariance[place, place]), 0.0))
    return Score(metric, value, value - doubt, value + doubt, asked)


def _chances(race: Race, belief: Belief, rules: Rules) -> Numbers:
    """How often each is the best of drawn truths; 0 for those out of the race."""
    draws = belief.draws(_DRAWS, rules.seed)
    for place, one in enumerate(race.sheet.candidates):
        if one.digest in race.out:
            draws[place] = float("-inf")
    wins: Numbers = (draws == draws.max(axis=0)).mean(axis=1)
    return wins
