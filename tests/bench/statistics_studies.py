"""How often the statistics are right in simulated worlds. Used by the tests and by the printed tables."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from statistics_worlds import World, answers, documents, graded, names, solutions

from surefoot.evaluate.stats import (
    Contender,
    cheapest_of_the_tied,
    compare,
    corrected_for_choice,
    holm,
    judged_mean,
    mean_score,
    paired_difference,
    quantile_score,
    questions_needed,
    sign_flip,
    worse_so_far,
)

CONTENDERS = 24
_LIKE = 0.6


def share_coverage(world: World, n: int, rate: float, runs: int, seed: int) -> float:
    """How often the interval of a share of right answers holds the true rate."""
    draw = np.random.default_rng(seed)
    held = 0
    for _ in range(runs):
        of = documents(draw, n, world)
        score = mean_score("m", answers(draw, rate, of, world), clusters=names(of))
        held += score.low <= rate <= score.high
    return held / runs


def graded_coverage(world: World, n: int, rate: float, runs: int, seed: int) -> float:
    """The same of scores that are perfect for a share `rate` of the questions and spread below for the rest."""
    draw = np.random.default_rng(seed)
    held = 0
    for _ in range(runs):
        of = documents(draw, n, world)
        score = mean_score("m", graded(draw, rate, of, world), clusters=names(of))
        held += score.low <= (1 + rate) / 2 <= score.high
    return held / runs


def paired_coverage(
    world: World, n: int, rates: tuple[float, float], runs: int, seed: int
) -> float:
    """How often the interval of a paired difference holds the true one."""
    draw = np.random.default_rng(seed)
    held = 0
    for _ in range(runs):
        of = documents(draw, n, world)
        first, second = solutions(draw, list(rates), of, world)
        gap = paired_difference("m", first, second, clusters=names(of))
        held += gap.low <= rates[1] - rates[0] <= gap.high
    return held / runs


def quantile_coverage(world: World, n: int, share: float, runs: int, seed: int) -> float:
    """How often the interval of a quantile of lognormal amounts, such as latencies, holds the true one."""
    draw = np.random.default_rng(seed)
    truth = float(np.exp(NormalDist().inv_cdf(share)))
    held = 0
    for _ in range(runs):
        of = documents(draw, n, world)
        common = draw.standard_normal(int(of[-1]) + 1)[of]
        amounts = np.exp(draw.standard_normal(n) * np.sqrt(0.8) + common * np.sqrt(0.2))
        score = quantile_score("ms", amounts, share, clusters=names(of))
        held += score.low <= truth <= score.high
    return held / runs


def coverage(world: World, n: int, rate: float, runs: int, seed: int) -> tuple[float, ...]:
    """Share, graded score, difference of 0 and of 5 points (of 3 where the base rate leaves no room for more)."""
    more = min(rate + 0.05, 0.98)
    return (
        share_coverage(world, n, rate, runs, seed),
        graded_coverage(world, n, rate, runs, seed),
        paired_coverage(world, n, (rate, rate), runs, seed),
        paired_coverage(world, n, (rate, more), runs, seed),
    )


def winners_of_two(world: World, n: int, rate: float, runs: int, seed: int) -> float:
    """How often one of two equal solutions is called better or worse."""
    draw = np.random.default_rng(seed)
    called = 0
    for _ in range(runs):
        of = documents(draw, n, world)
        first, second = solutions(draw, [rate, rate], of, world)
        called += compare(first, second, clusters=names(of)).kind in ("better", "worse")
    return called / runs


def winners_of_several(
    world: World, n: int, rate: float, runs: int, seed: int, count: int = 6
) -> float:
    """How often any of several equal solutions differs from the first after Holm's correction."""
    draw = np.random.default_rng(seed)
    called = 0
    for _ in range(runs):
        of = documents(draw, n, world)
        first, *others = solutions(draw, [rate] * count, of, world)
        p = [sign_flip(other - first, clusters=names(of)) for other in others]
        called += min(holm(p)) < 0.05
    return called / runs


def left_out_of_several(
    world: World, n: int, rate: float, runs: int, seed: int, count: int = 6
) -> float:
    """How often the tie rule leaves out any of several equal solutions."""
    draw = np.random.default_rng(seed)
    called = 0
    for _ in range(runs):
        of = documents(draw, n, world)
        table = solutions(draw, [rate] * count, of, world)
        found = cheapest_of_the_tied(
            [Contender(str(place), row) for place, row in enumerate(table)], clusters=names(of)
        )
        called += len(found.tied) < count
    return called / runs


def race(
    world: World, n: int, rates: tuple[float, float], runs: int, seed: int, looks: int = 5
) -> tuple[float, float]:
    """How often the second is dropped at one of the looks, and the share of the questions that it was asked."""
    draw = np.random.default_rng(seed)
    dropped = asked = 0
    for _ in range(runs):
        of = documents(draw, n, world)
        first, second = solutions(draw, list(rates), of, world)
        cluster = names(of)
        for look in range(1, looks + 1):
            to = n * look // looks
            if worse_so_far(first[:to], second[:to], cluster[:to], look, looks):
                dropped += 1
                break
        asked += to
    return dropped / runs, asked / runs / n


@dataclass(frozen=True, slots=True)
class Flattery:
    """By how much a reported score exceeds the truth, and how often its interval holds it: plain and corrected."""

    plain: float
    corrected: float
    plain_holds: float
    corrected_holds: float


def contenders(draw: np.random.Generator, n: int, rate: float = 0.7) -> np.ndarray:
    """Equal solutions (rows) that are right on the share `rate`; latent correlation 0.6 on each question."""
    cut = NormalDist().inv_cdf(rate)
    common = draw.standard_normal(n) * np.sqrt(_LIKE)
    own = draw.standard_normal((CONTENDERS, n)) * np.sqrt(1 - _LIKE)
    return (common + own < cut).astype(float)


def curse(n: int, runs: int, seed: int, rate: float = 0.7) -> Flattery:
    """The best of equal solutions, scored on the questions that it was chosen on, plainly and corrected."""
    draw = np.random.default_rng(seed)
    seen = np.zeros(4)
    for run in range(runs):
        table = contenders(draw, n, rate)
        chosen = int(table.mean(axis=1).argmax())
        plain = mean_score("m", table[chosen])
        fair = corrected_for_choice(table, chosen, seed=run)
        seen += (
            plain.value - rate,
            fair.value - rate,
            plain.low <= rate <= plain.high,
            fair.low <= rate <= fair.high,
        )
    return Flattery(*(float(value) for value in seen / runs))


def holdout(n: int, runs: int, seed: int, rate: float = 0.7) -> Flattery:
    """The best of equal solutions on one half, scored there and on the other half."""
    draw = np.random.default_rng(seed)
    seen = np.zeros(4)
    for _ in range(runs):
        table = contenders(draw, n, rate)
        dev, rest = table[:, : n // 2], table[:, n // 2 :]
        chosen = int(dev.mean(axis=1).argmax())
        plain, fair = mean_score("m", dev[chosen]), mean_score("m", rest[chosen])
        seen += (
            plain.value - rate,
            fair.value - rate,
            plain.low <= rate <= plain.high,
            fair.low <= rate <= fair.high,
        )
    return Flattery(*(float(value) for value in seen / runs))


@dataclass(frozen=True, slots=True)
class Judging:
    """How often intervals hold the truth and how wide they are: judge alone, corrected, labels alone."""

    judge_holds: float
    holds: float
    width: float
    labels_alone: float


def judge(labels: int, world: World, runs: int, seed: int, n: int = 1000) -> Judging:
    """A judge who calls 15% of the wrong answers right; whole documents are labelled until there are enough labels."""
    draw = np.random.default_rng(seed)
    seen = np.zeros(4)
    for _ in range(runs):
        of = documents(draw, n, world)
        truth = answers(draw, 0.7, of, world)
        said = np.where(draw.random(n) < 0.15, 1.0, truth)
        taken = np.argsort(draw.permutation(of[-1] + 1)[of], kind="stable")[:labels]
        cluster = names(of)
        some = [cluster[place] for place in taken]
        fair = judged_mean(
            said, said[taken], truth[taken], clusters=cluster, labelled_clusters=some
        )
        plain = mean_score("m", said, clusters=cluster)
        alone = mean_score("m", truth[taken], clusters=some)
        seen += (
            plain.low <= 0.7 <= plain.high,
            fair.low <= 0.7 <= fair.high,
            fair.high - fair.low,
            alone.high - alone.low,
        )
    return Judging(*(float(value) for value in seen / runs))


def power(gap: float, disagreement: float, runs: int, seed: int) -> tuple[int, float]:
    """The planned number of questions, and how often the difference is proven there."""
    n = questions_needed(gap, disagreement=disagreement)
    draw = np.random.default_rng(seed)
    proven = 0
    for _ in range(runs):
        luck = draw.random(n)
        gained = luck < (disagreement + gap) / 2
        lost = luck > 1 - (disagreement - gap) / 2
        base = np.where(gained, 0.0, 1.0)
        other = np.where(lost, 0.0, 1.0)
        proven += compare(base, other).kind == "better"
    return n, proven / runs
