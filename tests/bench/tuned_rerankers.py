"""Tunes a reranker and measures it on held-out questions: `python tests/bench/tuned_rerankers.py [studies...]`.

Needs the extra `tune`. The rows are questions of the train part, each with what the default search finds beside the
right passage; the dev part chooses what the reranker counts beside the search; the held-out questions are asked once,
of the default search and of it with the reranker. Sets that it knows nothing of are asked too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from retrieval_quality import SETS, cases, default_data, opened
from tuned_encoders import Study, divided, passages, right

from surefoot.core.roles import Call
from surefoot.core.types import EvalCase, Query, Turn
from surefoot.evaluate.metrics import ndcg, ranked_documents
from surefoot.evaluate.stats import mean_score, paired_difference
from surefoot.models.cross_encoder import CrossEncoderSettings
from surefoot.retrieve.rerank.rerank import Rerank, RerankSettings
from surefoot.retrieve.search import Search, SearchSettings
from surefoot.run.workspace import Workspace
from surefoot.tune.encoder.settings import RerankerSettings
from surefoot.tune.job import run_job
from surefoot.tune.rows import PairRow, TuningRows, write_rows
from surefoot.tune.spec import JobSpec

CANDIDATES = 10
SHARES = (0.15, 0.3, 0.5, 0.7, 1.0)
DEV_ASKED = 150


@dataclass(frozen=True)
class RerankStudy:
    """The set, what is trained, and of how many rows; `asked` held-out questions, None = all."""

    of: Study
    tuner: RerankerSettings
    base: str
    rows: int
    asked: int | None = None
    elsewhere: tuple[str, ...] = ()


STUDIES: Mapping[str, RerankStudy] = {
    "banking77": RerankStudy(
        Study("banking77", rows=1000),
        RerankerSettings(epochs=1, max_tokens=160, learning_rate=1e-4, negatives=3, looks=1),
        "all-minilm-l6-v2",
        600,
        asked=400,
        elsewhere=("medfaq-a",),
    ),
    "banking77-more": RerankStudy(
        Study("banking77", rows=2000),
        RerankerSettings(epochs=1, max_tokens=128, learning_rate=2e-4, negatives=3, looks=1),
        "all-minilm-l6-v2",
        1500,
        asked=400,
        elsewhere=("medfaq-a",),
    ),
}


def mined(rows: Sequence[PairRow], space: Workspace, wanted: int) -> list[PairRow]:
    """Rows with the passages of other documents that the default search ranks highest."""
    texts, _ = passages(space)
    stage = Search(SearchSettings(), space.resources.parts())
    dev = [row for row in rows if row.split == "dev"][:DEV_ASKED]
    train = [row for row in rows if row.split == "train"][:wanted]
    made = []
    for row in (*train, *dev):
        hits = stage(Turn(Query(row.query, row.lang)), Call(limit=3 * CANDIDATES)).hits
        others = [name for name in ranked_documents(hits) if texts[name] != row.positive]
        negatives = tuple(texts[name] for name in others[: CANDIDATES - 1])
        made.append(row.model_copy(update={"negatives": negatives}))
    return made


def scores(space: Workspace, asked: Sequence[EvalCase], weights: Path) -> dict[str, list[float]]:
    """nDCG@10 of each question by what the reranker counts; 0 is the search alone."""
    parts = space.resources.parts()
    search = Search(SearchSettings(), parts)
    settings = RerankSettings(by=CrossEncoderSettings(model=str(weights)), depth=CANDIDATES)
    rerank = Rerank(settings, parts)
    found: dict[str, list[float]] = {f"{share:g}": [] for share in (0.0, *SHARES)}
    for case in asked:
        turn = search(Turn(Query(case.question, case.lang)), Call(limit=30))
        hits, columns, _ = rerank.examined(turn)
        for share in (0.0, *SHARES):
            mixed = columns @ [1 - share, share]
            order = [hits[i] for i in (-mixed).argsort(kind="stable")]
            ranking = ranked_documents([*order, *turn.hits[CANDIDATES:]])
            found[f"{share:g}"].append(ndcg(ranking, case.relevant))
    return found


def as_cases(rows: Sequence[PairRow]) -> list[EvalCase]:
    """The dev rows as questions."""
    return [
        EvalCase(row.id, row.query, row.lang, relevant={row.origin.document: 1.0})
        for row in rows
        if row.split == "dev"
    ]


def measured(name: str, study: RerankStudy, options: argparse.Namespace) -> dict[str, dict]:
    """Scores of the dev rows and of every set, asked once and kept."""
    kept = options.folder / f"reranker-{name}.json"
    if kept.is_file():
        return json.loads(kept.read_text(encoding="utf-8"))
    documents, _ = SETS[study.of.set]
    out = options.folder / "jobs" / f"reranker-{name}"
    out.mkdir(parents=True, exist_ok=True)
    with opened(options.data, options.folder / documents, documents, {}) as space:
        found = divided(study.of, space, options.data)
        if not (out / "rows.jsonl").is_file():
            rows = mined(found.rows, space, study.rows)
            write_rows(TuningRows.of(rows), out / "rows.jsonl")
        spec = JobSpec(
            name=f"reranker-{name}",
            tuner=study.tuner,
            base=study.base,
            rows=str(out / "rows.jsonl"),
            threads=options.threads,
        )
        card = run_job(spec, out, space.resources.env, lambda event: print(" ", event.message))
        print(f"{name}: {dict(card.measured)}; {card.expense}", flush=True)
        dev = as_cases([row for row in found.rows if row.split == "dev"][:DEV_ASKED])
        every = max(1, len(found.test) // study.asked) if study.asked else 1
        result = {
            part: {
                "scores": scores(space, asked, out / "weights"),
                "clusters": [*map(right, asked)],
            }
            for part, asked in (("dev", dev), (study.of.set, found.test[::every]))
        }
    for other in study.elsewhere:
        documents, questions = SETS[other]
        with opened(options.data, options.folder / documents, documents, {}) as space:
            asked = cases(options.data, documents, questions)
            by = scores(space, asked, out / "weights")
            result[other] = {"scores": by, "clusters": [*map(right, asked)]}
    kept.write_text(json.dumps(result), encoding="utf-8")
    return result


def table(name: str, result: Mapping[str, dict]) -> list[str]:
    """A line for each set: the search, with the reranker at the share that the dev rows chose, and the difference."""
    dev = result["dev"]["scores"]
    share = max(dev, key=lambda key: sum(dev[key]))
    lines = []
    for key, found in result.items():
        before, after = found["scores"]["0"], found["scores"][share]
        clusters = found["clusters"]
        gain = paired_difference("ndcg@10", before, after, clusters=clusters)
        was, now = (mean_score("ndcg@10", x, clusters=clusters) for x in (before, after))
        lines.append(
            f"| {name} | {key} | {share} | {was.value:.3f} | {now.value:.3f}"
            f" | {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}) | {gain.n} | {len(set(clusters))} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", nargs="*", help=f"of {', '.join(STUDIES)}; all by default")
    parser.add_argument("--folder", type=Path, default=Path("build/tuned-encoders"))
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--threads", type=int, default=0, help="of training; 0 = cores - 1")
    options = parser.parse_args()
    options.folder, options.data = options.folder.resolve(), options.data.resolve()
    options.folder.mkdir(parents=True, exist_ok=True)
    lines = [
        "| tuned on | asked | share | search | reranked | difference (95 % interval) | n | clusters |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in options.studies or STUDIES:
        lines += table(name, measured(name, STUDIES[name], options))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
