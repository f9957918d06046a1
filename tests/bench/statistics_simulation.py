"""Prints how often the statistics are right in worlds whose truth is known, for docs/benchmarks/statistics.md.

python tests/bench/statistics_simulation.py [--worlds 2000]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

import statistics_studies as studies
from statistics_worlds import WORLDS, World

SIZES = (30, 100, 400)
RATES = (0.5, 0.8, 0.95)
SEED = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=2000)
    runs = parser.parse_args().worlds
    for title, columns, rows in tables(runs):
        print(f"\n{title}\n")
        print("| " + " | ".join(columns) + " |")
        print("|" + "---|" * len(columns))
        for row in rows:
            print("| " + " | ".join(row) + " |", flush=True)


def tables(runs: int) -> Iterator[tuple[str, tuple[str, ...], Iterator[tuple[str, ...]]]]:
    """Title, columns and rows of each table."""
    place = ("documents", "questions", "base rate")
    yield (
        "How often a 95% interval holds the truth",
        (*place, "share", "graded score", "difference of 0", "difference of 5 points"),
        _cells(_coverage, runs, WORLDS),
    )
    yield (
        "Winners among equals (promised: at most 5%)",
        (*place, "two", "best of 6 against the first, Holm", "tie rule leaves out one of 6"),
        _cells(_equals, runs // 2, WORLDS[:1]),
    )
    yield (
        "Racing: 5 looks, one-sided 5% in all",
        (*place, "an equal dropped", "20 points worse dropped", "questions asked of it"),
        _cells(_racing, runs // 2, WORLDS[:1]),
    )
    yield (
        "Winner's curse: 24 equal solutions, true 70%, points above the truth",
        ("questions", "as chosen", "corrected", "interval as chosen holds", "corrected holds"),
        _curse(runs // 5),
    )
    yield (
        "Dev choice, holdout verdict: 24 equal solutions, half of the questions each",
        ("questions", "reported on the questions chosen on", "on the holdout", "holds the truth"),
        _holdout(runs),
    )
    yield (
        "Judge corrected by labels (1,000 questions, judge lenient)",
        ("labels", "documents", "judge alone holds", "corrected holds", "width", "labels alone"),
        _judge(runs // 2),
    )
    yield (
        "Planned power: differences proven at the planned number of questions (promised: 80%)",
        ("difference", "disagreement", "questions", "proven"),
        _power(runs // 2),
    )


def _cells(
    study: Callable[..., tuple[str, ...]], runs: int, worlds: tuple[World, ...]
) -> Iterator[tuple[str, ...]]:
    for world in worlds:
        for n in SIZES:
            for rate in RATES:
                yield (world.name, str(n), str(rate), *study(world, n, rate, runs))


def _coverage(world: World, n: int, rate: float, runs: int) -> tuple[str, ...]:
    found = studies.coverage(world, n, rate, runs, SEED)
    return tuple(_percent(share) for share in found)


def _equals(world: World, n: int, rate: float, runs: int) -> tuple[str, ...]:
    found = (
        studies.winners_of_two(world, n, rate, runs, SEED),
        studies.winners_of_several(world, n, rate, runs, SEED),
        studies.left_out_of_several(world, n, rate, runs // 2, SEED),
    )
    return tuple(_percent(share) for share in found)


def _racing(world: World, n: int, rate: float, runs: int) -> tuple[str, ...]:
    dropped, _ = studies.race(world, n, (rate, rate), runs, SEED)
    hopeless, asked = studies.race(world, n, (rate, rate - 0.2), runs, SEED)
    return _percent(dropped), _percent(hopeless), _percent(asked)


def _curse(runs: int) -> Iterator[tuple[str, ...]]:
    for n in (20, 50, 100, 200, 500):
        seen = studies.curse(n, runs, SEED)
        yield (
            str(n),
            f"{100 * seen.plain:+.1f}",
            f"{100 * seen.corrected:+.1f}",
            _percent(seen.plain_holds),
            _percent(seen.corrected_holds),
        )


def _holdout(runs: int) -> Iterator[tuple[str, ...]]:
    for n in (100, 200, 400):
        seen = studies.holdout(n, runs, SEED)
        yield (
            str(n),
            f"{100 * seen.plain:+.1f} points",
            f"{100 * seen.corrected:+.1f} points",
            _percent(seen.corrected_holds),
        )


def _judge(runs: int) -> Iterator[tuple[str, ...]]:
    for labels in (50, 150, 300):
        for world in (WORLDS[1], WORLDS[0]):
            seen = studies.judge(labels, world, runs, SEED)
            yield (
                str(labels),
                world.name,
                _percent(seen.judge_holds),
                _percent(seen.holds),
                f"{seen.width:.3f}",
                f"{seen.labels_alone:.3f}",
            )


def _power(runs: int) -> Iterator[tuple[str, ...]]:
    for gap, disagreement in ((0.1, 0.2), (0.05, 0.2), (0.05, 0.1)):
        n, share = studies.power(gap, disagreement, runs, SEED)
        yield str(gap), str(disagreement), str(n), _percent(share)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%" if not np.isnan(share) else ""


if __name__ == "__main__":
    main()
