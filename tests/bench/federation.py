"""Measures what joining engines does: `python tests/bench/federation.py DATA_SET... --data DIR`.

The passages of a set are dealt over the own folder and three servers of the published shape, which rank by BM25. What
is found of them together is compared with one index of all passages. Then the time of a question with 0 to 8 servers.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import surefoot
from surefoot.core.lang import content_terms, terms
from surefoot.core.roles import Parts
from surefoot.core.types import Hit
from surefoot.evaluate.metrics import ndcg
from surefoot.evaluate.stats import mean_score, paired_difference
from surefoot.retrieve.federate import Federate, FederateSettings
from surefoot.retrieve.fuse import best_first
from surefoot.retrieve.merging import Listed
from surefoot.run.workspace import Workspace
from surefoot.testing.engine_server import EngineServer, Held

SHARES = 4
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "ranks (rrf)": {"fusion": "rrf", "nearness": 0.0},
    "scores (minmax)": {"nearness": 0.0},
    "rrf, nearness .5": {"fusion": "rrf", "nearness": 0.5},
    "nearness .3": {"nearness": 0.3},
    "nearness .5": {"nearness": 0.5},
    "nearness .7": {"nearness": 0.7},
    "nearness 1": {"nearness": 1.0},
    "candidates 20": {"candidates": 20},
    "candidates 12": {"candidates": 12},
    "candidates 8": {"candidates": 8},
}


class BmServer(EngineServer):
    """Ranks by BM25 over its own documents."""

    def __init__(self, documents: Sequence[Held]) -> None:
        super().__init__(documents)
        self._bags = [Counter(terms(f"{one.title} {one.text}")) for one in documents]
        self._known = Counter(term for bag in self._bags for term in bag)
        self._usual = sum(bag.total() for bag in self._bags) / max(1, len(self._bags))

    def found(self, question: str, limit: int) -> list[tuple[float, Held]]:
        """The best documents with their scores."""
        wanted = set(content_terms(question))
        scored = [
            (sum(self._score(term, bag) for term in wanted), one)
            for bag, one in zip(self._bags, self.documents, strict=True)
        ]
        return sorted((p for p in scored if p[0] > 0), key=lambda p: -p[0])[:limit]

    def _score(self, term: str, bag: Counter[str]) -> float:
        count, known = bag[term], self._known[term]
        rarity = math.log1p((len(self._bags) - known + 0.5) / (known + 0.5))
        return rarity * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * bag.total() / self._usual))


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=4, help="ask every so many questions")
    options = parser.parse_args(arguments)
    for name in options.sets:
        quality(options.data / name, options.every)
    speed(options.data / options.sets[0])


def quality(data: Path, every: int) -> None:
    """nDCG@10 of each variant, and its paired difference to one index of everything."""
    rows, asked = _read(data, every)
    dealt = [rows[place::SHARES] for place in range(SHARES)]
    with ExitStack() as stack:
        servers = [stack.enter_context(BmServer(_held(part))) for part in dealt[1:]]
        whole = stack.enter_context(_space(rows, []))
        joined = stack.enter_context(_space(dealt[0], servers, candidates=40))
        base = _scores(whole, asked)
        print(
            f"\n{data.name}: n = {len(asked)}, one index of all {len(rows)}: {_said(base)}",
            flush=True,
        )
        pools = [joined.run(joined.query(text), answer=False).turn.hits for text, _ in asked]
        for label, settings in VARIANTS.items():
            found = [
                ndcg(_ordered(pool, settings), relevant, 10)
                for pool, (_, relevant) in zip(pools, asked, strict=True)
            ]
            change = paired_difference("ndcg@10", base, found)
            told = f"{change.value:+.3f} ({change.low:+.3f} to {change.high:+.3f})"
            print(f"  {label:18} {_said(found)}  {told}", flush=True)


def _bare(signals: Mapping[str, float]) -> dict[str, float]:
    return {key: value for key, value in signals.items() if key != "cosine"}


def _elsewhere(pool: Sequence[Hit]) -> list[Hit]:
    """The pool by best rank elsewhere, the own hits, which have their cosine, first."""
    ranks = {
        hit.chunk.id: min(
            (v for k, v in hit.signals.items() if k.startswith("e") and k.endswith("_rank")),
            default=0,
        )
        for hit in pool
    }
    return sorted(pool, key=lambda hit: (ranks[hit.chunk.id], hit.chunk.id))


def _ordered(pool: Sequence[Hit], settings: Mapping[str, Any]) -> list[str]:
    """The documents of a pool with all signals, in the order that other settings give them."""
    names = ["own", *(f"e{place}" for place in range(SHARES - 1))]
    lists = [
        Listed(name, ()) for name in names if any(f"{name}_rank" in hit.signals for hit in pool)
    ]
    stage = Federate(FederateSettings(**settings), Parts(*[None] * 5))
    ordered = _elsewhere(pool)
    own = sum("own_rank" in hit.signals for hit in ordered)
    most = own + settings.get("candidates", len(pool))
    by_id = {
        hit.chunk.id: hit if place < most else replace(hit, signals=_bare(hit.signals))
        for place, hit in enumerate(ordered)
    }
    fused = stage.fused(by_id, lists)
    return _documents([by_id[name] for name in best_first(fused)])


def speed(data: Path) -> None:
    """The median processor time of a question with so many servers over that without any."""
    rows, asked = _read(data, 60)
    with ExitStack() as stack:
        servers = [stack.enter_context(EngineServer(_held(rows[n::24][:10]))) for n in range(8)]
        first = stack.enter_context(_space(rows, servers))
        search, federate = first.settings_in_force()["stages"]
        spaces = {}
        for count, nearness in (
            (0, 0.0),
            (1, 0.0),
            (4, 0.0),
            (8, 0.0),
            (1, 0.5),
            (4, 0.5),
            (8, 0.5),
        ):
            engines = {**federate, "nearness": nearness, "engines": federate["engines"][:count]}
            stages = {"stages": [search, engines] if count else [search]}
            spaces[count, nearness] = stack.enter_context(first.varied(stages))
            spaces[count, nearness].search(asked[0][0])
        times = {key: [] for key in spaces}
        for question, _ in asked:
            for key, space in spaces.items():
                began = process_time()
                space.search(question)
                times[key].append(process_time() - began)
        alone = median(times[0, 0.0])
        print(f"\nmedian of {len(asked)} questions, search alone {1000 * alone:.1f} ms")
        for (count, nearness), spent in times.items():
            print(f"  {count} engines, nearness {nearness}: {median(spent) / alone:.2f} times")


def _scores(space: Workspace, asked: Sequence[tuple[str, Mapping[str, int]]]) -> list[float]:
    return [
        ndcg(_documents(space.search(text, limit=10)), relevant, 10) for text, relevant in asked
    ]


def _documents(hits: Sequence[Hit]) -> list[str]:
    """The ids as the data set has them, each once."""
    named = (hit.chunk.document_id.rpartition(":")[2] for hit in hits)
    return list(dict.fromkeys(named))


def _said(values: Sequence[float]) -> str:
    score = mean_score("ndcg@10", values)
    return f"{score.value:.3f} ({score.low:.3f} to {score.high:.3f})"


def _held(rows: Sequence[Mapping[str, str]]) -> list[Held]:
    return [Held(row["_id"], row["text"], row.get("title", "")) for row in rows]


def _space(
    rows: Sequence[Mapping[str, str]],
    servers: Sequence[EngineServer],
    nearness: float = 0.5,
    candidates: int = 8,
) -> Workspace:
    root = Path(tempfile.mkdtemp(prefix="federation-"))
    (root / "data" / "qrels").mkdir(parents=True)
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (root / "data" / "corpus.jsonl").write_text(lines, encoding="utf-8")
    engines = "".join(
        f'[[stages.engines]]\nkind = "elasticsearch"\nname = "e{n}"\nbase_url = "{server.url}"\nindex = "i"\n'
        'fields = { text = "text", title = "title" }\n'
        for n, server in enumerate(servers)
    )
    federate = (
        f'[[stages]]\nkind = "federate"\nkeep = 40\nnearness = {nearness}\ncandidates = {candidates}\n{engines}'
        if servers
        else ""
    )
    (root / "surefoot.toml").write_text(
        'schema = 1\n[corpus]\nsources = [{ kind = "beir", path = "data" }]\n'
        f'[[stages]]\nkind = "search"\n{federate}',
        encoding="utf-8",
    )
    space = surefoot.open(root)
    space.sync()
    return space


def _read(data: Path, every: int) -> tuple[list[dict[str, str]], list[tuple[str, dict[str, int]]]]:
    def lines(name: str) -> list[dict[str, str]]:
        return [json.loads(line) for line in (data / name).read_text("utf-8").splitlines()]

    judged: dict[str, dict[str, int]] = {}
    for file in sorted((data / "qrels").glob("*.tsv")):
        for row in file.read_text("utf-8").splitlines()[1:]:
            question, document, grade = row.split("\t")
            judged.setdefault(question, {})[document] = int(grade)
    rows = [
        {key: row.get(key, "") for key in ("_id", "title", "text")} for row in lines("corpus.jsonl")
    ]
    asked = [
        (row["text"], judged[row["_id"]]) for row in lines("queries.jsonl") if row["_id"] in judged
    ]
    return rows, asked[::every]


if __name__ == "__main__":
    main(sys.argv[1:])
