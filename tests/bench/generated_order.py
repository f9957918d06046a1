"""Does a generated eval set order solutions as people's questions do? `python tests/bench/generated_order.py`

For each corpus (a workspace with its index under --folder, made where there is none), an eval set is generated
without a model. Each solution below searches with people's questions (a seeded sample) over the documents as they
are, and with the generated ones over the documents without the sentences that were made questions. Printed: nDCG@10
of both, Kendall's tau-b of the two orders, and its 95% interval from resampling the questions of both sets.
The scores of every question stay in the folder (JSON); a second run only asks what is new.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from retrieval_quality import SETS, cases, default_data

import surefoot
from surefoot.core.digest import digest_json
from surefoot.core.roles import Call, Parts
from surefoot.core.types import EvalCase, Hit, Query, Turn
from surefoot.evaluate.evalsets import make_evalset
from surefoot.evaluate.generate import CreateSettings, create_evalset
from surefoot.evaluate.hidden import asked_honestly
from surefoot.evaluate.metrics import ndcg, ranked_documents
from surefoot.retrieve.search import Search, SearchSettings
from surefoot.run.beside import beside
from surefoot.run.workspace import Workspace

ENCODERS: Mapping[str, Mapping[str, str]] = {
    "": {},
    "hash": {"kind": "hash"},
    "English": {"kind": "local", "model": "all-minilm-l6-v2"},
}
SOLUTIONS: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "": {
        "keyword only": {"vector": 0},
        "vector only": {"keyword": 0},
        "hybrid (default)": {},
        "hybrid, rrf": {"fusion": "rrf"},
        "hybrid, vector counts 0.3": {"weight": 0.3},
        "hybrid, vector counts 0.8": {"weight": 0.8},
        "hybrid, no guard": {"guard": 0.0},
        "hybrid, lists of 10": {"keyword": 10, "vector": 10},
    },
    "hash": {"hash encoder, hybrid": {}, "hash encoder, vector only": {"keyword": 0}},
    "English": {"English encoder, hybrid": {}, "English encoder, vector only": {"keyword": 0}},
}
Scores = dict[str, list[float]]
CORPORA = ("banking77", "csl-zh-a", "xquad zh->en", "medfaq-a", "2wiki-a")
ONE_INDEX = ("2wiki-a",)  # large: only solutions over the index that is there, nothing hidden
DEPTH = 100
DRAWS = 2000


@dataclass(frozen=True)
class Compared:
    """nDCG@10 of each solution on both sets, and how far the orders agree."""

    human: Mapping[str, list[float]]
    made: Mapping[str, list[float]]

    @property
    def tau(self) -> float:
        """Kendall's tau-b of the two orders of means."""
        return tau_b(*(means(one) for one in (self.human, self.made)))

    def interval(self, seed: int = 0) -> tuple[float, float]:
        """95% of the taus when both sets of questions are drawn anew."""
        draw = np.random.default_rng(seed)
        taus = []
        for _ in range(DRAWS):
            drawn = []
            for scores in (self.human, self.made):
                table = np.array(list(scores.values()))
                drawn.append(table[:, draw.integers(0, table.shape[1], table.shape[1])].mean(1))
            taus.append(tau_b(*drawn))
        low, high = np.quantile(taus, (0.025, 0.975))
        return float(low), float(high)


def means(scores: Mapping[str, Sequence[float]]) -> np.ndarray:
    return np.array([np.mean(values) for values in scores.values()])


def tau_b(first: np.ndarray, second: np.ndarray) -> float:
    """Kendall's tau-b; differences below a ten-thousandth are ties."""
    pairs = np.triu_indices(len(first), 1)
    a, b = (
        np.where(np.abs(d) < 1e-4, 0, np.sign(d))
        for d in ((one[:, None] - one[None, :])[pairs] for one in (first, second))
    )
    norm = np.sqrt((a != 0).sum() * (b != 0).sum())
    return float((a * b).sum() / norm) if norm else 0.0


def generated(space: Workspace, options: argparse.Namespace, name: str) -> list[EvalCase]:
    """The answerable questions of a generated set."""
    wanted = CreateSettings(
        questions=options.made, unanswerable=0, seed=options.seed, hidden=name not in ONE_INDEX
    )
    made = create_evalset(space, wanted)
    print(f"{name}: made {dict(made.report.made)}, overlap {made.report.overlap}", flush=True)
    return list(made.evalset.cases)


class Remembering:
    """An index and an encoder in one that answer the same question but once, with `DEPTH` hits."""

    def __init__(self, space: Workspace) -> None:
        self._index, self._encoder = space.resources.index(), space.resources.encoder()
        self._found: dict[object, list[Hit]] = {}
        self._vectors: dict[str, np.ndarray] = {}

    def __getattr__(self, name: str) -> object:
        return getattr(self._index if hasattr(self._index, name) else self._encoder, name)

    def embed_queries(self, texts: Sequence[str]) -> np.ndarray:
        for text in texts:
            if text not in self._vectors:
                self._vectors[text] = self._encoder.embed_queries([text])[0]
        return np.stack([self._vectors[text] for text in texts])

    def keyword(self, text: str, *, limit: int, **scope: object) -> list[Hit]:
        if text not in self._found:
            self._found[text] = self._index.keyword(text, limit=DEPTH, **scope)
        return self._found[text][:limit]

    def vector(self, vector: np.ndarray, *, limit: int, **scope: object) -> list[Hit]:
        key = vector.tobytes()
        if key not in self._found:
            self._found[key] = self._index.vector(vector, limit=DEPTH, **scope)
        return self._found[key][:limit]


def asked(parts: Parts, search: Mapping[str, object], questions: Sequence[EvalCase]) -> list[float]:
    """nDCG@10 of each question."""
    stage = Search(SearchSettings(**search), parts)
    turns = (stage(Turn(Query(case.question, case.lang)), Call()) for case in questions)
    return [
        ndcg(ranked_documents(turn.hits), case.relevant)
        for turn, case in zip(turns, questions, strict=True)
    ]


def scored(space: Workspace, questions: Sequence[EvalCase], encoders: Sequence[str]) -> Scores:
    """The scores of every solution, those of one encoder over one index."""
    found: Scores = {}
    for encoder in encoders:
        began = time.process_time()
        overrides = {"corpus.embed": ENCODERS[encoder]} if encoder else {}
        with beside(space, overrides, keep=True) as other:
            held = Remembering(other.space)
            parts = Parts(lambda h=held: h, lambda h=held: h, no_part, no_part, no_part)
            for label, search in SOLUTIONS[encoder].items():
                found[label] = asked(parts, search, questions)
        print(f"  {encoder or 'as it is'}: {time.process_time() - began:.0f} s", flush=True)
    return found


def no_part(*wanted: object) -> NoReturn:
    raise LookupError(f"a search asks for nothing else, not {wanted}")


def compare(options: argparse.Namespace, name: str) -> Compared:
    """Both sets through all solutions."""
    documents, questions = SETS[name]
    root = options.folder / documents
    human = [c for c in cases(options.data, documents, questions) if any(c.relevant.values())]
    human = random.Random(options.seed).sample(human, min(options.human, len(human)))
    encoders = options.encoders if name not in ONE_INDEX else [""]
    with surefoot.open(root) as space:
        if not space.status():
            space.add(options.data / documents)
        made = make_evalset(name, generated(space, options, name))
        kept = (
            options.folder
            / f"order-{digest_json([name, made.digest, encoders, [c.id for c in human]])}.json"
        )
        if kept.exists():
            return Compared(*json.loads(kept.read_text(encoding="utf-8")))
        people = scored(space, human, encoders)
        with asked_honestly(space, made) as hidden:
            scores = people, scored(hidden, made.cases, encoders)
    kept.write_text(json.dumps(scores), encoding="utf-8")
    return Compared(*scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="workspaces and kept scores")
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--sets", nargs="+", default=list(CORPORA))
    parser.add_argument(
        "--encoders", nargs="+", default=list(ENCODERS), help='"" is the present one'
    )
    parser.add_argument("--human", type=int, default=250, help="people's questions, drawn")
    parser.add_argument("--made", type=int, default=200, help="generated questions")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for name in options.sets:
        found = compare(options, name)
        low, high = found.interval()
        n = [len(next(iter(one.values()))) for one in (found.human, found.made)]
        print(
            f"\n{name}: tau {found.tau:.2f} ({low:.2f} to {high:.2f}), {len(found.human)} solutions,",
            end=" ",
        )
        print(
            f"{n[0]} questions by people, {n[1]} generated\n\n| solution | people | generated |\n| --- | --- | --- |"
        )
        for label, human, made in zip(
            found.human, means(found.human), means(found.made), strict=True
        ):
            print(f"| {label} | {human:.3f} | {made:.3f} |", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
