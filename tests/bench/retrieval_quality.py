"""Measures retrieval through the parts that answer: `python tests/bench/retrieval_quality.py [sets...] --folder DIR`.

Each corpus becomes a workspace under the folder and stays there, as do the scores of every question (JSON):
a second run only asks again. `--label minilm --set corpus.embed.model=NAME` measures another encoder beside the
default one, `--write FILE` writes the tables of all that was measured so far in that folder.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from retrieval_tables import DEFAULT, EXTRA, MAIN, Measured, tables

import surefoot
from surefoot.core.roles import Call, Encoder, Index, Parts
from surefoot.core.types import EvalCase, Query, Turn
from surefoot.evaluate.evalsets import load_evalset
from surefoot.evaluate.metrics import ndcg, ranked_documents
from surefoot.retrieve.search import Search, SearchSettings
from surefoot.run.workspace import Workspace

# name: folder of the documents and judgements, folder of the questions
SETS: Mapping[str, tuple[str, str]] = {
    "2wiki-a": ("2wiki-multihop-a", "2wiki-multihop-a"),
    "medfaq-a": ("medfaq-graded-a", "medfaq-graded-a"),
    "banking77": ("banking77-faq", "banking77-faq"),
    "xquad-en": ("xquad-en", "xquad-en"),
    "csl-zh-a": ("csl-zh-a", "csl-zh-a"),
    "cmrc-trial": ("cmrc2018-trial", "cmrc2018-trial"),
    "xquad zh->en": ("xquad-en", "xquad-zh"),
    "xquad-zh": ("xquad-zh", "xquad-zh"),
    "xquad en->zh": ("xquad-zh", "xquad-en"),
    "clapnq-a": ("clapnq-a", "clapnq-a"),
    "pubmedqa-a": ("pubmedqa-a", "pubmedqa-a"),
    "sec-10q": ("sec-10q-metadata", "sec-10q-metadata"),
}
ROWS: Mapping[str, SearchSettings] = {
    "default": SearchSettings(),
    "keyword alone": SearchSettings(vector=0),
    "vector alone": SearchSettings(keyword=0),
    "minmax, weight 0.5": SearchSettings(weight=0.5),
    "minmax, best 100": SearchSettings(keyword=100, vector=100),
    "zscore": SearchSettings(fusion="zscore"),
    "rrf": SearchSettings(fusion="rrf", weight=0.5),
}
CHUNKS = 30  # enough for ten documents of several chunks


class Remembering:
    """An index and its encoder whose answers are kept, so that every setting is measured on the same ones."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder
        self._kept: dict[tuple, object] = {}

    def keyword(self, text, *, limit, scope):
        return self._once(
            ("keyword", text, limit), lambda: self._index.keyword(text, limit=limit, scope=scope)
        )

    def vector(self, vector, *, limit, scope):
        key = "vector", vector.tobytes(), limit
        return self._once(key, lambda: self._index.vector(vector, limit=limit, scope=scope))

    def frequencies(self, terms):
        return self._once(("frequencies", *terms), lambda: self._index.frequencies(terms))

    def embed_queries(self, texts):
        return self._once(tuple(texts), lambda: self._encoder.embed_queries(texts))

    def _once(self, key, work):
        if key not in self._kept:
            self._kept[key] = work()
        return self._kept[key]


def default_data() -> Path:
    return Path(os.environ.get("SUREFOOT_DATA", Path(__file__).parents[2] / "../shared/data"))


def opened(data: Path, root: Path, documents: str, overrides: Mapping[str, str]) -> Workspace:
    """The workspace of a corpus, in step with it."""
    space = surefoot.open(root, overrides=overrides)
    started = time.process_time()
    report = space.add(data / documents)
    spent = time.process_time() - started
    print(f"{documents}: {report} ({spent:.0f} s of processor time)", flush=True)
    return space


def cases(data: Path, documents: str, questions: str) -> list[EvalCase]:
    """The questions that the judgements find something relevant for."""
    judged = {case.id: case for case in load_evalset(data / documents).cases}
    asked = load_evalset(data / questions).cases
    found = [(case, judged.get(case.id)) for case in asked]
    return [
        EvalCase(case.id, case.question, case.lang, relevant=gold.relevant)
        for case, gold in found
        if gold is not None and any(grade > 0 for grade in gold.relevant.values())
    ]


def measure(space: Workspace, asked: Sequence[EvalCase]) -> dict[str, list[float]]:
    """nDCG@10 of the documents (best chunk of each) for each question, by row."""
    kept = Remembering(space.resources.index(), space.resources.encoder())
    parts = Parts(lambda: kept, lambda: kept, None, None, None)
    stages = {name: Search(settings, parts) for name, settings in ROWS.items()}
    scores: dict[str, list[float]] = {name: [] for name in ROWS}
    for case in asked:
        turn = Turn(Query(case.question, case.lang))
        for name, stage in stages.items():
            ranking = ranked_documents(stage(turn, Call(limit=CHUNKS)).hits)
            scores[name].append(ndcg(ranking, case.relevant))
    return scores


def run(name: str, options: argparse.Namespace) -> None:
    """Measures one set and keeps the scores of its questions."""
    documents, questions = SETS[name]
    root = options.folder / f"{documents}-{options.label}"
    overrides = dict(pair.split("=", 1) for pair in options.set)
    with opened(options.data, root, documents, overrides) as space:
        asked = cases(options.data, documents, questions)
        started, cpu = time.perf_counter(), time.process_time()
        scores = measure(space, asked)
        wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(
        f"{name}: {len(asked)} questions in {wall:.0f} s ({cpu:.0f} s of processor time)",
        flush=True,
    )
    found = Measured(name, options.label, [case.id for case in asked], scores)
    file = options.folder / f"{name.replace(' ', '-').replace('>', '')}-{options.label}.json"
    file.write_text(json.dumps(found.__dict__), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(SETS)}; the first seven by default")
    parser.add_argument("--folder", type=Path, default=Path("build/retrieval"))
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE")
    parser.add_argument("--label", default=DEFAULT, help="names what --set changes")
    parser.add_argument("--write", type=Path, help="write the tables there")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.sets or MAIN:
        run(name, options)
    known = [
        Measured(**json.loads(file.read_text(encoding="utf-8")))
        for file in sorted(options.folder.glob("*.json"))
    ]
    text = tables(known, (*MAIN, *EXTRA))
    print(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
