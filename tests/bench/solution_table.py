"""Asks all solutions of a space: `python tests/bench/solution_table.py banking77 --folder DIR --out FILE`.

The table is what a search can be replayed over: nDCG@10 and processor time of each question under each solution.
The folder holds a workspace a corpus; what was asked stays in its ledger, so a second run goes on where one ended.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from retrieval_quality import SETS, cases, default_data

import surefoot
from surefoot.config.space import read_space
from surefoot.core.budget import Budget
from surefoot.core.digest import digest_json
from surefoot.core.types import EvalSet
from surefoot.optimize.running.asking import Setup
from surefoot.optimize.running.bench import WorkspaceBench
from surefoot.optimize.running.crew import Alone
from surefoot.optimize.running.keeping import Allowance, Kept
from surefoot.optimize.running.variants import Variants
from surefoot.optimize.spaces.ground import Ground
from surefoot.optimize.spaces.space import SolutionSpace
from surefoot.optimize.trial import Request
from surefoot.store.trials import Trials

NAMES = {"banking77": "banking77", "zh-en": "xquad zh->en"}
METRIC = "ndcg@10"


def questions(name: str, data: Path) -> EvalSet:
    """The questions of a set that have a relevant document."""
    asked = cases(data, *SETS[NAMES[name]])
    return EvalSet(
        name, digest_json([[c.id, c.question, dict(c.relevant)] for c in asked]), tuple(asked)
    )


def table(root: Path, space_file: Path, evalset: EvalSet, out: Path) -> None:
    """Asks solution after solution, and writes all that is known after each."""
    with surefoot.open(root) as workspace:
        ground = Ground(workspace)
        space = SolutionSpace(read_space(space_file), ground)
        candidates = space.candidates(space.size + 2)
        corpus = workspace.resources.index().version()
        setup = Setup(workspace.place, workspace.settings.settings, evalset, corpus)
        trials, crew = Trials.at(root / ".surefoot"), Alone(setup)
        show = lambda title, done, total: print(f"  {title} {done}/{total}", flush=True)  # noqa: E731
        variants = Variants(workspace, ground, root / ".surefoot" / "experiments" / "table", show)
        kept = Kept(trials, ground, evalset, corpus)
        bench = WorkspaceBench(space, kept, Allowance(Budget(), evalset), variants, crew)
        names = tuple(case.id for case in evalset.cases)
        made = {
            "solutions": {},
            "cases": list(names),
            "clusters": [case.cluster or next(iter(case.relevant)) for case in evalset.cases],
            "ndcg": {},
            "cpu_ms": {},
            "present": space.present.digest,
            "baseline": space.baseline.digest,
        }
        began = time.process_time()
        for number, (candidate, rows) in enumerate(
            bench.ask([Request(candidate, names) for candidate in candidates]), 1
        ):
            said = {"choices": dict(candidate.choices), "complexity": candidate.complexity}
            made["solutions"][candidate.digest] = said
            made["ndcg"][candidate.digest] = [row.metrics[METRIC] for row in rows]
            made["cpu_ms"][candidate.digest] = [round(row.cpu_ms, 3) for row in rows]
            value = sum(made["ndcg"][candidate.digest]) / len(names)
            cost = sum(made["cpu_ms"][candidate.digest]) / len(names)
            spent = time.process_time() - began
            print(
                f"{number}/{len(candidates)} {value:.4f} {cost:6.1f} ms {spent:5.0f} s {said}",
                flush=True,
            )
            if number % 10 == 0 or number == len(candidates):
                written(out, made, partial=number < len(candidates))
        crew.close()


def written(out: Path, made: dict[str, object], *, partial: bool) -> None:
    """The table in its file; while it is not whole, in one beside it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    place = out.with_suffix(".partial") if partial else out
    place.write_text(json.dumps(made), encoding="utf-8")


def main() -> None:
    """One set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(NAMES))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    root = options.folder / SETS[NAMES[options.name]][0]
    space_file = Path(__file__).parent / "spaces" / f"{options.name}.toml"
    table(root, space_file, questions(options.name, options.data), options.out)


if __name__ == "__main__":
    main()
