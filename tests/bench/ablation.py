"""Measures what a solution changes against another: `python tests/bench/ablation.py --base A.toml --with B.toml`.

Each corpus is a workspace under the folder; each solution file is put into its `solutions/` with the
documents as its source, synced (its own index, where the recipe differs) and asked every question once.
Each gives as many chunks as it keeps itself; `--limit 30` asks for so many, which makes the lists of a search
longer that are shorter. The scores of every question stay in the folder (JSON) under the solution's digest; a
second run only asks what is new, unless `--again`. Printed and written: the means, the paired difference with its 95%
interval, n, and the processor time of a question in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from retrieval_quality import SETS, cases, default_data
from retrieval_tables import MAIN

import surefoot
from surefoot.core.roles import Call
from surefoot.core.types import Query, Turn
from surefoot.evaluate.metrics import all_evidence, ndcg, ranked_documents
from surefoot.evaluate.stats import mean_score, paired_difference
from surefoot.run.workspace import Workspace

METRICS = {"ndcg@10": ndcg, "all@5": all_evidence}
MULTI = ("2wiki-a", "sec-10q")  # several pieces of evidence a question


@dataclass
class Scored:
    """What a solution reached on the questions of a set; `cost_ms` is processor time a question."""

    questions: list[str]
    scores: dict[str, list[float]]
    cost_ms: float


def workspace(folder: Path, data: Path, documents: str, solution: Path) -> Workspace:
    """The corpus's workspace with this solution, its index in step with the documents."""
    root = folder / documents
    source = json.dumps(str(data / documents))
    text = re.sub(r"(?m)^(sources|name) = .*\n", "", solution.read_text(encoding="utf-8"))
    text = text.replace(
        "[corpus]\n", f'[corpus]\nsources = [{{ kind = "beir", path = {source} }}]\n', 1
    )
    place = root / "solutions" / f"{solution.stem}.toml"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f'name = "{solution.stem}"\n{text}', encoding="utf-8")
    space = surefoot.open(root, solution=solution.stem, settings={"trace_keep_days": 1})
    began = time.process_time()
    report = space.sync()
    if report.added or report.changed:
        print(
            f"  {report.chunks} chunks ({time.process_time() - began:.0f} s of processor time)",
            flush=True,
        )
    space.close()
    return surefoot.open(root, solution=solution.stem)


def measured(options: argparse.Namespace, name: str, solution: Path) -> Scored:
    """The scores of a set, asked now or kept from before."""
    documents, questions = SETS[name]
    with workspace(options.folder, options.data, documents, solution) as space:
        short = name.replace(" ", "-").replace(">", "")
        digest = space.resources.digest[:16]
        part = f"-every{options.every}" if options.every > 1 else ""
        part += f"-limit{options.limit}" if options.limit else "-own"
        kept = options.folder / f"{short}-{solution.stem}-{digest}{part}.json"
        if kept.exists() and not options.again:
            return Scored(**json.loads(kept.read_text(encoding="utf-8")))
        asked = cases(options.data, documents, questions)[:: options.every]
        found = ask(space, asked, Call(limit=options.limit))
    kept.write_text(json.dumps(asdict(found)), encoding="utf-8")
    return found


def ask(space: Workspace, asked: Sequence, call: Call) -> Scored:
    """Searches for every question through the solution's own stages."""
    scores: dict[str, list[float]] = {metric: [] for metric in METRICS}
    spent = 0.0
    for place, case in enumerate(asked):
        turn = Turn(Query(case.question, case.lang))
        began = time.process_time()
        hits = space.pipeline.search(turn, call)[0].hits
        spent += time.process_time() - began if place else 0.0  # the first one opens the models
        ranking = ranked_documents(hits)
        for metric, measure in METRICS.items():
            scores[metric].append(measure(ranking, case.relevant))
    cost = 1000 * spent / max(1, len(asked) - 1)
    return Scored([case.id for case in asked], scores, round(cost, 1))


def rows(name: str, base: Scored, others: dict[str, Scored]) -> Iterator[str]:
    """Lines of the table: the base first."""
    for metric in METRICS if name in MULTI else ["ndcg@10"]:
        score = mean_score(metric, base.scores[metric])
        yield (
            f"| {name} | {metric} | base | {score.value:.3f} ({score.low:.3f}-{score.high:.3f})"
            f" | | {score.n} | {base.cost_ms:.1f} |"
        )
        for label, other in others.items():
            value = mean_score(metric, other.scores[metric]).value
            change = paired_difference(metric, base.scores[metric], other.scores[metric])
            yield (
                f"| {name} | {metric} | {label} | {value:.3f}"
                f" | {change.value:+.3f} ({change.low:+.3f} to {change.high:+.3f})"
                f" | {change.n} | {other.cost_ms:.1f} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--with", dest="others", type=Path, action="append", default=[])
    parser.add_argument("--sets", default=",".join(MAIN), help=f"of {', '.join(SETS)}")
    parser.add_argument("--folder", type=Path, default=Path("build/ablation"))
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--every", type=int, default=1, help="only every n-th question of each set")
    parser.add_argument("--limit", type=int, help="chunks that are asked for; else what it keeps")
    parser.add_argument("--again", action="store_true", help="ask again what is known")
    parser.add_argument("--write", type=Path, help="write the table there")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    options.folder, options.data = options.folder.resolve(), options.data.resolve()
    lines = [
        "| set | metric | solution | mean (95% interval) | difference (95% interval) | n | ms |",
        "|---|---|---|---|---|---|---|",
    ]
    print("\n".join(lines), flush=True)
    for name in options.sets.split(","):
        base = measured(options, name, options.base)
        others = {other.stem: measured(options, name, other) for other in options.others}
        for line in rows(name, base, others):
            print(line, flush=True)
            lines.append(line)
    if options.write:
        options.write.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
