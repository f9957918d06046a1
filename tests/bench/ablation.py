"""Measures what a solution changes against another: `python tests/bench/ablation.py --base A.toml --with B.toml`.

Each corpus is a workspace under the folder; each solution file is put into its `solutions/` with the
documents as its source, synced (its own index, where the recipe differs) and asked every question once.
Each gives as many chunks as it keeps itself; `--limit 30` asks for so many, which makes the lists of a search
longer that are shorter. The scores of every question stay in the folder (JSON) under the solution's digest; a
second run only asks what is new, unless `--again`, and one that was stopped goes on. In a solution file MODEL stands
for the chat model given with `--chat`. Printed and written: the means, the paired difference with its 95% interval, n,
and what a question takes: processor milliseconds, chat calls, their tokens, and how often a stage said that its model
gave nothing to use.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from retrieval_quality import SETS, cases, default_data
from retrieval_tables import MAIN

import surefoot
from surefoot.core.roles import Call, Meter
from surefoot.core.types import Query, Turn
from surefoot.evaluate.metrics import all_evidence, ndcg, ranked_documents
from surefoot.evaluate.stats import mean_score, paired_difference
from surefoot.run.workspace import Workspace

METRICS = {"ndcg@10": ndcg, "all@5": all_evidence}
MULTI = ("2wiki-a", "sec-10q")  # several pieces of evidence a question


FAILED = re.compile(r"the model('s reply| gave no)")


@dataclass
class Scored:
    """What a solution reached on the questions of a set, and what each question took on the average."""

    questions: list[str]
    scores: dict[str, list[float]]
    cost_ms: float
    calls: float = 0.0
    tokens: float = 0.0
    failed: float = 0.0


@dataclass
class Told:
    """One question asked: its scores and what it took."""

    id: str
    scores: dict[str, float]
    cpu_ms: float
    calls: int = 0
    tokens: int = 0
    failed: bool = False


def workspace(options: argparse.Namespace, documents: str, solution: Path) -> Workspace:
    """The corpus's workspace with this solution, its index in step with the documents."""
    root = options.folder / documents
    source = json.dumps(str(options.data / documents))
    text = solution.read_text(encoding="utf-8").replace('"MODEL"', json.dumps(options.chat))
    text = re.sub(r"(?m)^(sources|name) = .*\n", "", text)
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
    with workspace(options, documents, solution) as space:
        short = name.replace(" ", "-").replace(">", "")
        digest = space.resources.digest[:16]
        part = f"-every{options.every}" if options.every > 1 else ""
        part += f"-limit{options.limit}" if options.limit else "-own"
        kept = options.folder / f"{short}-{solution.stem}-{digest}{part}.json"
        if kept.exists() and not options.again:
            return Scored(**json.loads(kept.read_text(encoding="utf-8")))
        going = kept.with_suffix(".jsonl")
        asked = cases(options.data, documents, questions)[:: options.every]
        found = summed(ask(space, asked, Call(limit=options.limit), going))
    kept.write_text(json.dumps(asdict(found)), encoding="utf-8")
    going.unlink()
    return found


def ask(space: Workspace, asked: Sequence, call: Call, going: Path) -> list[Told]:
    """Searches for every question through the solution's own stages; what was told is kept in `going` at once."""
    lines = going.read_text(encoding="utf-8").splitlines() if going.exists() else []
    told = {one.id: one for one in (Told(**json.loads(line)) for line in lines)}
    warm = False
    for case in asked:
        if case.id in told:
            continue
        turn = Turn(Query(case.question, case.lang))
        if not warm:  # opens the models
            space.pipeline.search(turn, replace(call, meter=Meter()))
            warm = True
        meter, began = Meter(), time.process_time()
        after = space.pipeline.search(turn, replace(call, meter=meter))[0]
        took = 1000 * (time.process_time() - began)
        ranking = ranked_documents(after.hits)
        scores = {metric: measure(ranking, case.relevant) for metric, measure in METRICS.items()}
        tokens = meter.usage.prompt_tokens + meter.usage.completion_tokens
        failed = any(FAILED.search(note.message) for note in after.notes)
        told[case.id] = Told(case.id, scores, took, meter.usage.calls, tokens, failed)
        with going.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(told[case.id])) + "\n")
    return [told[case.id] for case in asked]


def summed(told: Sequence[Told]) -> Scored:
    """All questions together."""

    def mean(values: Iterable[float]) -> float:
        return round(sum(values) / max(1, len(told)), 2)

    return Scored(
        [one.id for one in told],
        {metric: [one.scores[metric] for one in told] for metric in METRICS},
        mean(one.cpu_ms for one in told),
        mean(one.calls for one in told),
        mean(one.tokens for one in told),
        mean(one.failed for one in told),
    )


def rows(name: str, base: Scored, others: dict[str, Scored]) -> Iterator[str]:
    """Lines of the table: the base first."""
    for metric in METRICS if name in MULTI else ["ndcg@10"]:
        score = mean_score(metric, base.scores[metric])
        yield (
            f"| {name} | {metric} | base | {score.value:.3f} ({score.low:.3f}-{score.high:.3f})"
            f" | | {score.n} | {took(base)} |"
        )
        for label, other in others.items():
            value = mean_score(metric, other.scores[metric]).value
            change = paired_difference(metric, base.scores[metric], other.scores[metric])
            yield (
                f"| {name} | {metric} | {label} | {value:.3f}"
                f" | {change.value:+.3f} ({change.low:+.3f} to {change.high:+.3f})"
                f" | {change.n} | {took(other)} |"
            )


def took(found: Scored) -> str:
    """The last cells of a line."""
    chat = (
        f"{found.calls:.1f} | {found.tokens:.0f} | {found.failed:.0%}" if found.calls else " | | "
    )
    return f"{found.cost_ms:.1f} | {chat}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--with", dest="others", type=Path, action="append", default=[])
    parser.add_argument("--sets", default=",".join(MAIN), help=f"of {', '.join(SETS)}")
    parser.add_argument("--folder", type=Path, default=Path("build/ablation"))
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--every", type=int, default=1, help="only every n-th question of each set")
    parser.add_argument("--limit", type=int, help="chunks that are asked for; else what it keeps")
    parser.add_argument("--chat", default="", help="the chat model that MODEL stands for")
    parser.add_argument("--again", action="store_true", help="ask again what is known")
    parser.add_argument("--write", type=Path, help="write the table there")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    options.folder, options.data = options.folder.resolve(), options.data.resolve()
    lines = [
        "| set | metric | solution | mean (95% interval) | difference (95% interval) | n | ms | calls | tokens "
        "| failed |",
        "|---|---|---|---|---|---|---|---|---|---|",
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
