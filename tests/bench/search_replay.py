"""Replays searches over a table in which every solution was asked everything: how good is what a tenth of it finds?

    python search_replay.py TABLE.json ... [--splits 20] [--json OUT]
    python search_replay.py --synthetic 12 [--splits 2]

A table: {"solutions": {digest: {"choices": {...}, "complexity": n}}, "cases": [...], "clusters": [...],
"ndcg": {digest: [...]}, "cpu_ms": {digest: [...]}, "present": digest}.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import exp
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from surefoot.core.types import EvalCase
from surefoot.evaluate.stats import compare
from surefoot.optimize.search.order import asking_order
from surefoot.optimize.search.rules import Rules
from surefoot.optimize.search.search import search
from surefoot.optimize.trial import Axis, Candidate
from surefoot.testing.score_table import ScoreTable, TableBench, TableSpace, grid, with_split

HOLDOUT = 0.5
SHARE = 0.1
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class World:
    """A split table: scores of the solutions (lines) on the dev questions in asking order, and on the unseen ones."""

    table: ScoreTable
    dev: Numbers
    unseen: Numbers
    clusters: tuple[str, ...]
    seed: int

    @property
    def budget(self) -> int:
        return int(SHARE * self.dev.size)


@dataclass(frozen=True, slots=True)
class Found:
    """What a method chose (a line) and, for the search, what it showed and expected of it and finally recommends."""

    line: int
    winner: int
    shown: float
    expected: float
    asked: int


def searched(world: World) -> Found:
    """surefoot's search."""
    rules = Rules(questions=world.budget, solutions=len(world.table.candidates), seed=world.seed)
    bench = TableBench(world.table)
    result = search(TableSpace(world.table), bench, world.table.cases, rules)
    lines = {one.digest: line for line, one in enumerate(world.table.candidates)}
    assert result.curse is not None
    return Found(
        lines[result.chosen],
        lines[result.winner],
        result.curse.shown.value,
        result.curse.corrected.value,
        result.asked,
    )


def random_search(world: World) -> Found:
    """As many solutions as the budget allows, drawn at random, are asked everything; the best mean is taken."""
    count = max(1, world.budget // world.dev.shape[1])
    drawn = np.random.default_rng(world.seed).permutation(len(world.dev))[:count]
    return _best(world, drawn, world.dev.shape[1])


def best_mean(world: World) -> Found:
    """Every solution is asked the same tenth of the questions; the best mean is taken."""
    return _best(world, np.arange(len(world.dev)), max(1, world.budget // len(world.dev)))


def halving(world: World) -> Found:
    """Successive halving: the better half is asked twice as much, until one is left."""
    alive = np.arange(len(world.dev))
    rounds = int(np.ceil(np.log2(len(alive))))
    budget, asked = float(world.budget), 0
    for step in range(rounds):
        more = max(1, int(budget / (rounds - step) / len(alive)))
        budget -= more * len(alive)
        asked = min(world.dev.shape[1], asked + more)
        if step < rounds - 1:
            order = np.argsort(-world.dev[alive, :asked].mean(axis=1), kind="stable")
            alive = alive[order[: (len(alive) + 1) // 2]]
    return replace(_best(world, alive, asked), asked=world.budget - int(budget))


def everything(world: World) -> Found:
    """Every solution is asked every dev question, ten times the budget; the best mean is taken."""
    return _best(world, np.arange(len(world.dev)), world.dev.shape[1])


def present(world: World) -> Found:
    """No search: the present solution."""
    return _best(world, np.array([0]), world.dev.shape[1])


def _best(world: World, lines: NDArray[np.int64], asked: int) -> Found:
    means = world.dev[lines, :asked].mean(axis=1)
    line = int(lines[int(np.argmax(means))])
    return Found(line, line, float(means.max()), float(means.max()), asked * len(lines))


METHODS: Mapping[str, Callable[[World], Found]] = {
    "search": searched,
    "successive halving": halving,
    "best mean": best_mean,
    "random search": random_search,
    "everything": everything,
    "present": present,
}


def worlds(table: ScoreTable, splits: int) -> Iterator[World]:
    """Random splits of the clusters into halves."""
    names = sorted({case.cluster for case in table.cases})
    for seed in range(splits):
        kept = np.random.default_rng(seed).permutation(len(names))[: int(HOLDOUT * len(names))]
        split = with_split(table, {names[place] for place in kept})
        scores = np.array(table.scores)
        places = {case.id: place for place, case in enumerate(split.cases)}
        dev = [case for case in split.cases if case.split == "dev"]
        unseen = [case for case in split.cases if case.split == "holdout"]
        order = [places[name] for name in asking_order(dev, seed=seed)]
        yield World(
            split,
            scores[:, order],
            scores[:, [places[case.id] for case in unseen]],
            tuple(case.cluster for case in unseen),
            seed,
        )


def replay(
    table: ScoreTable, splits: int, methods: Mapping[str, Callable[[World], Found]]
) -> dict[str, dict[str, float]]:
    """Per method: regrets, how often worse than the present solution, evaluations used."""
    overall = np.array(table.scores).mean(axis=1)
    notes: dict[str, list[dict[str, float]]] = {name: [] for name in methods}
    for world in worlds(table, splits):
        means = world.unseen.mean(axis=1)
        for name, method in methods.items():
            found = method(world)
            kinds = [
                compare(world.unseen[0], world.unseen[line], clusters=world.clusters).kind
                for line in (found.line, found.winner)
            ]
            notes[name].append(
                {
                    "regret": means.max() - means[found.line],
                    "against best of all": means[int(overall.argmax())] - means[found.line],
                    "on the whole table": overall.max() - overall[found.line],
                    "after the verdict": means.max() - means[found.winner],
                    "worse": float(kinds[0] == "worse"),
                    "better": float(kinds[0] == "better"),
                    "worse after": float(kinds[1] == "worse"),
                    "flattered": found.shown - means[found.line],
                    "expected": found.expected - means[found.line],
                    "share": found.asked / world.dev.size,
                }
            )
    return {name: _summed(rows) for name, rows in notes.items()}


def _summed(rows: list[dict[str, float]]) -> dict[str, float]:
    table = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    found = {key: float(values.mean()) for key, values in table.items()}
    found["regret se"] = (
        float(table["regret"].std(ddof=1) / len(rows) ** 0.5) if len(rows) > 1 else 0.0
    )
    found["regret max"] = float(table["regret"].max())
    return found


def read(path: Path) -> ScoreTable:
    """A table from its file, the present solution first."""
    plain = json.loads(path.read_text(encoding="utf-8"))
    named = sorted(plain["solutions"].items(), key=lambda pair: pair[0] != plain["present"])
    base = named[0][1]["choices"]
    axes = tuple(
        Axis(name, tuple(dict.fromkeys([base[name], *(one["choices"][name] for _, one in named)])))
        for name in base
    )
    return ScoreTable(
        axes,
        tuple(Candidate(d, one["choices"], complexity=one["complexity"]) for d, one in named),
        tuple(
            EvalCase(str(name), str(name), "other", cluster=str(cluster))
            for name, cluster in zip(plain["cases"], plain["clusters"], strict=True)
        ),
        [plain["ndcg"][digest] for digest, _ in named],
        milliseconds={digest: float(np.mean(plain["cpu_ms"][digest])) for digest, _ in named},
    )


def invented(
    seed: int, options: tuple[int, ...] = (3, 3, 2, 2, 2), clusters: int = 200
) -> ScoreTable:
    """A table like real ones: each option moves the place of the first right document, by question and cluster."""
    chance = np.random.default_rng(seed)
    axes, candidates = grid(
        {f"axis {a}": [f"option {o}" for o in range(count)] for a, count in enumerate(options)}
    )
    levels = np.array([[int(label[-1]) for label in one.choices.values()] for one in candidates])
    questions = 5 * clusters
    cluster = chance.integers(0, clusters, questions)
    place = 1.2 + chance.normal(0, 1.6, questions) + chance.normal(0, 1.0, clusters)[cluster]
    place = np.tile(place, (len(candidates), 1))
    for axis, count in enumerate(options):
        strength = exp(chance.normal(-1.2, 0.9))
        moved = strength * chance.normal(0, 0.35, count)[:, None]
        moved = moved + strength * chance.normal(0, 0.8, (count, questions))
        moved = moved + strength * chance.normal(0, 0.5, (count, clusters))[:, cluster]
        place += moved[levels[:, axis]]
    one, other = chance.choice(len(options), 2, replace=False)
    place += chance.normal(0, 0.1, (options[one], options[other]))[
        levels[:, one], levels[:, other]
    ][:, None]
    place += chance.normal(0, 0.12, place.shape)
    rank = 1 + np.floor(np.exp(-place))
    scores = np.where(rank <= 10, 1 / np.log2(1 + rank), 0.0)
    return ScoreTable(
        axes,
        candidates,
        tuple(
            EvalCase(f"q{i}", f"q{i}", "en" if i % 2 else "zh", cluster=f"c{c}")
            for i, c in enumerate(cluster)
        ),
        scores.tolist(),
        tokens={one.digest: 10 * (1 + one.complexity) for one in candidates},
    )


def main() -> None:
    """Prints a table in Markdown for each score table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", type=Path)
    parser.add_argument("--synthetic", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    results = {path.stem: replay(read(path), given.splits, METHODS) for path in given.tables}
    if given.synthetic:
        made = [
            replay(invented(given.first + n), given.splits, METHODS) for n in range(given.synthetic)
        ]
        results["synthetic"] = {
            name: {key: float(np.mean([one[name][key] for one in made])) for key in made[0][name]}
            for name in METHODS
        }
    for name, methods in results.items():
        keys = list(methods["search"])
        print(f"\n### {name}\n| method | " + " | ".join(keys) + " |\n|" + "---|" * (len(keys) + 1))
        for method, row in methods.items():
            print(f"| {method} | " + " | ".join(f"{row[key]:.4f}" for key in keys) + " |")
    if given.json:
        given.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
