"""Finds the best solution of a space: races on the dev split, chooses, and has the verdict of unseen questions.

Pure over what `trial.Bench` answers: the same space, rules and rows give the same result, also when the rows were
there already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from surefoot.core.errors import CapReached, ConfigError, DataError
from surefoot.core.types import EvalCase
from surefoot.evaluate.stats import design_effect, smallest_difference
from surefoot.optimize.result import Searched, Unseen
from surefoot.optimize.search.frontier import frontier
from surefoot.optimize.search.holdout import Spend, compared_rows, unseen
from surefoot.optimize.search.importance import effects
from surefoot.optimize.search.order import asking_order
from surefoot.optimize.search.race import Race
from surefoot.optimize.search.rules import Left, Rules
from surefoot.optimize.search.select import cheaper_first, choose
from surefoot.optimize.search.sheet import Sheet
from surefoot.optimize.search.summary import cursed, tried_solutions
from surefoot.optimize.trial import Bench, Space


def _all_left() -> float:
    return 1.0


def _never_spent() -> bool:
    return True


def search(
    space: Space,
    bench: Bench,
    cases: Sequence[EvalCase],
    rules: Rules,
    *,
    left: Left = _all_left,
    spend: Spend = _never_spent,
) -> Searched:
    """Searches on the cases of the split dev and has the verdict on those of holdout, which `spend` marks as used.

    Cases without a split count as dev. Without a holdout, or where the budget ends before, there is no verdict,
    and the result says so.

    Raises:
        ConfigError: no case is for the search.
        CapReached: the budget ended before any question was asked.
        DataError: no solution could be asked any question.
    """
    dev = [case for case in cases if case.split != "holdout"]
    holdout = [case for case in cases if case.split == "holdout"]
    if not dev:
        raise ConfigError("every question is in the holdout", hint="surefoot evalset split")
    sheet = Sheet(space.axes, asking_order(dev, seed=rules.seed), rules.metric)
    race = Race(space, bench, sheet, rules, {case.id: case.cluster or case.id for case in dev})
    fixed = {space.present.digest, space.baseline.digest}
    stopped = race.run(left, (1 + len(fixed)) * len(holdout))
    if not sheet.asked:
        raise CapReached(stopped, hint="a larger budget")
    if not race.alive():
        raise DataError(f"no solution could be asked: {next(iter(race.out.values()))[1]}")
    found = _chosen(race, space, dev, rules)
    return _judged(replace(found, stopped=stopped), race, (bench, holdout, rules, spend), space)


def _chosen(race: Race, space: Space, dev: Sequence[EvalCase], rules: Rules) -> Searched:
    """What is known from the dev split alone; the winner is the cheaper of the chosen and the present solution."""
    sheet, belief = race.sheet, race.belief()
    present = space.present.digest
    choice = choose(sheet, belief, rules, race.out, present)
    tried = tried_solutions(race, belief, choice, rules)
    scores = sheet.scores([one.digest for one in sheet.candidates])
    against = (
        compared_rows(
            (choice.chosen, present),
            (sheet.rows(choice.chosen), sheet.rows(present)),
            dev,
            rules,
            ("dev", len(tried)),
        )
        if choice.chosen != present
        else None
    )
    clusters = {case.id: case.cluster or case.id for case in dev}
    return Searched(
        metric=rules.metric,
        objectives=rules.objectives,
        seed=rules.seed,
        chosen=choice.chosen,
        winner=cheaper_first(sheet, (choice.chosen, present), present)[0],
        present=present,
        baseline=space.baseline.digest,
        tried=tried,
        n_dev=len(dev),
        n_holdout=0,
        asked=sheet.asked,
        possible=len(sheet.candidates) * len(dev),
        rounds=race.rounds,
        dev=against,
        curse=cursed(sheet, choice.chosen, tried, clusters, rules),
        frontier=frontier(tried),
        effects=effects(
            sheet.axes,
            sheet.levels(sheet.candidates),
            scores,
            [clusters[name] for name in sheet.order],
            seed=rules.seed,
        ),
    )


def _judged(
    found: Searched,
    race: Race,
    trial: tuple[Bench, Sequence[EvalCase], Rules, Spend],
    space: Space,
) -> Searched:
    """With the verdict of the holdout, where there is one and the budget reaches."""
    bench, holdout, rules, spend = trial
    if not holdout:
        return replace(found, notes=(*found.notes, "no questions were kept back: no verdict"))
    known = {one.digest: one for one in race.sheet.candidates}
    digests = (found.chosen, space.present.digest, space.baseline.digest)
    candidates = [known[digest] for digest in digests if race.sheet.rows(digest)]
    try:
        verdict = unseen(bench, holdout, candidates, rules, spend)
    except CapReached as cap:
        note = f"the budget did not reach for the verdict: {cap.message}"
        return replace(found, stopped=cap.message, notes=(*found.notes, note))
    curse = found.curse
    if curse is not None:
        curse = replace(curse, unseen=verdict.scores[found.chosen])
    clusters = [case.cluster or case.id for case in holdout]
    return replace(
        found,
        winner=_winner(found, verdict),
        detectable=smallest_difference(len(holdout), effect=design_effect(clusters)),
        unseen=verdict,
        n_holdout=len(holdout),
        curse=curse,
    )


def _winner(found: Searched, verdict: Unseen) -> str:
    """The chosen solution if proven better, the present one if proven better, else the cheaper, as it stands."""
    kinds = {one.against: one.kind for one in verdict.compared}
    match kinds.get(found.present):
        case "better":
            return found.chosen
        case "worse":
            return found.present
        case _:
            return found.winner
