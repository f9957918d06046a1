"""How much evidence stands in few tokens: `python tests/bench/evidence.py EVALSET --root WORKSPACE --with B.toml`.

For eval sets with gold spans, such as those of long_documents.py. The workspace's own solution is the base; each other
solution file is put into its `solutions/` over the same documents, synced, and asked the same questions. Printed are
nDCG@10 and the share of questions whose gold span stands in the best hits of 250 and 500 tokens, paired with the base.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import surefoot
from surefoot.config.presets import over_documents
from surefoot.core.roles import Call
from surefoot.core.types import EvalCase, Query, Turn
from surefoot.evaluate.evalsets import load_evalset, sample
from surefoot.evaluate.learn.sweep import HITS
from surefoot.evaluate.metrics import ndcg, ranked_documents
from surefoot.evaluate.metrics.spans import evidence_within, sized
from surefoot.evaluate.stats import mean_score, paired_difference
from surefoot.run.workspace import Workspace

TOKENS = (250, 500)
Scores = dict[str, list[float]]


def ask(space: Workspace, cases: Sequence[EvalCase]) -> tuple[Scores, float]:
    """The scores of every question, and the processor time of one search in milliseconds."""
    scores: Scores = {"nDCG@10": [], **{f"evidence@{tokens}": [] for tokens in TOKENS}}
    encoder, spent = space.resources.encoder(), 0.0
    for case in cases:
        turn = Turn(Query(case.question, case.lang))
        began = time.process_time()
        hits = space.pipeline.search(turn, Call(limit=HITS))[0].hits
        spent += time.process_time() - began
        relevant = case.relevant or {gold.document_id: 1 for gold in case.gold}
        scores["nDCG@10"].append(ndcg(ranked_documents(hits), relevant))
        read = sized(hits, encoder.count_tokens, max(TOKENS))
        for tokens in TOKENS:
            scores[f"evidence@{tokens}"].append(evidence_within(case, read, tokens) or 0.0)
    return scores, 1000 * spent / len(cases)


def cells(scores: Scores, base: Scores | None) -> str:
    """Mean of each score, and the paired difference to the base."""
    told = []
    for name, values in scores.items():
        cell = f"{mean_score(name, values).value:.3f}"
        if base is not None:
            gap = paired_difference(name, base[name], values)
            cell += f", {gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})"
        told.append(cell)
    return " | ".join(told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("evalset", type=Path)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--with", dest="others", type=Path, action="append", default=[])
    parser.add_argument("--sample", type=int, default=300)
    options = parser.parse_args()
    cases = sample(load_evalset(options.evalset), options.sample).cases
    with surefoot.open(options.root) as space:
        written = space.written_settings()
        base, cost = ask(space, cases)
    print(f"| solution | {' | '.join(base)} | n | ms |\n|---|{'---|' * (len(base) + 2)}")
    print(f"| base | {cells(base, None)} | {len(cases)} | {cost:.0f} |", flush=True)
    for file in options.others:
        place = options.root / "solutions" / file.name
        place.parent.mkdir(exist_ok=True)
        place.write_text(over_documents(file.read_text("utf-8"), written), "utf-8")
        with surefoot.open(options.root, solution=file.stem) as space:
            space.sync()
        with surefoot.open(options.root, solution=file.stem) as space:
            scores, cost = ask(space, cases)
        print(f"| {file.stem} | {cells(scores, base)} | {len(cases)} | {cost:.0f} |", flush=True)


if __name__ == "__main__":
    main()
