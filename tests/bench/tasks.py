"""How well tasks beside question answering do on real sets: classify, summarise, translate.

    python tests/bench/tasks.py classify-banking --work DIR [--model M.gguf] [--n 400]
    python tests/bench/tasks.py classify-csl | summarise | translate ...

Each run is an eval set of its task, asked of a solution and scored with the task's own metrics.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from surefoot.core.budget import BudgetMeter, parse_budget
from surefoot.core.types import EvalCase, EvalSet, Task
from surefoot.evaluate.course import Course
from surefoot.evaluate.runner import evaluate_workspace
from surefoot.run.workspace import open_workspace

DATA = Path(os.environ.get("SUREFOOT_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
CHARS = 300


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


def sampled(cases: list[EvalCase], n: int, task: Task, name: str) -> EvalSet:
    chosen = sorted(random.Random(0).sample(range(len(cases)), min(n, len(cases))))
    return EvalSet(name, f"bench-{name}-{len(chosen)}", tuple(cases[i] for i in chosen), task)


def written(work: Path, labelled: Iterable[tuple[str, str]]) -> None:
    lines = [json.dumps({"text": t, "label": c}, ensure_ascii=False) for t, c in labelled]
    (work / "labelled.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def banking(work: Path, n: int) -> EvalSet:
    """The labelled rows and the questions share no text."""
    folder = DATA / "banking77-faq"
    written(
        work,
        ((r["text"], r["label"]) for r in rows(folder / "classification" / "train.jsonl")),
    )
    lines = (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]
    gold = {line.split("\t")[0]: line.split("\t")[1] for line in lines}
    cases = [
        EvalCase(r["_id"], r["text"], "en", {}, (gold[r["_id"]],))
        for r in rows(folder / "queries.jsonl")
    ]
    return sampled(cases, n, "classify", "banking77")


def csl(work: Path, n: int) -> EvalSet:
    """The first half of the abstracts is labelled, the second is asked; by the 13 categories."""
    known = rows(DATA / "csl-zh-a" / "corpus.jsonl")
    pairs = [(r["text"][:CHARS], r["metadata"]["category"]) for r in known]
    half = len(pairs) // 2
    written(work, pairs[:half])
    cases = [
        EvalCase(f"c{i}", text, "zh", {}, (label,)) for i, (text, label) in enumerate(pairs[half:])
    ]
    return sampled(cases, n, "classify", "csl")


def summaries(work: Path, n: int) -> EvalSet:
    """Abstracts of papers on medicine, whose last lines, the conclusions, are gold."""
    del work
    folder = DATA / "pubmedqa-a"
    gold = {r["_id"]: r for r in rows(folder / "answers.jsonl")}
    relevant = [
        line.split("\t") for line in (folder / "qrels" / "test.tsv").read_text().splitlines()[1:]
    ]
    texts = {r["_id"]: r["text"] for r in rows(folder / "corpus.jsonl")}
    cases = [
        EvalCase(query, texts[document], "en", {}, (gold[query]["long_answer"],))
        for query, document, _ in relevant
        if gold.get(query, {}).get("long_answer")
    ]
    return sampled(cases, n, "summarise", "pubmedqa")


def translations(work: Path, n: int) -> EvalSet:
    """Chinese paragraphs with their English originals: a question names the paragraph in both."""
    del work
    found: dict[str, dict[str, str]] = {}
    for lang in ("zh", "en"):
        folder = DATA / f"xquad-{lang}"
        texts = {r["_id"]: r["text"] for r in rows(folder / "corpus.jsonl")}
        lines = (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]
        for line in lines:
            query, document, _ = line.split("\t")
            found.setdefault(query, {})[lang] = texts[document]
    pairs = dict.fromkeys((pair["zh"], pair["en"]) for pair in found.values())
    cases = [EvalCase(f"p{i}", zh, "zh", {}, (en,)) for i, (zh, en) in enumerate(pairs)]
    return sampled(cases, n, "translate", "xquad-zh-en")


SETS = {
    "classify-banking": banking,
    "classify-csl": csl,
    "summarise": summaries,
    "translate": translations,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("set", choices=SETS)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--stage", type=json.loads, required=True, help="settings as JSON")
    parser.add_argument("--n", type=int, default=400)
    parser.add_argument("--budget", default="", help="such as 4m: what is then unasked is left out")
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    evalset = SETS[asked.set](asked.work, asked.n)
    with open_workspace(asked.work, overrides={"stages": [asked.stage]}) as space:
        meter = BudgetMeter(parse_budget(asked.budget)) if asked.budget else None
        found = evaluate_workspace(space, evalset, course=Course(budget=meter))
    print(json.dumps(asked.stage, ensure_ascii=False), f"{found.asking_s:.0f} s", found.stopped)
    for score in found.scores:
        print(
            f"{score.metric:20} {score.value:.3f} ({score.low:.3f} to {score.high:.3f}) n={score.n}"
        )
    for row in found.rows[:4]:
        print("--", row.question[:100], "=>", (row.answer or row.failure or "")[:200])


if __name__ == "__main__":
    main()
