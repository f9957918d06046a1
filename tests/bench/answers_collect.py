"""Writes down, for every question of a public set, what the quote stage sees: `python answers_collect.py OUT SET...`

A SET is the folder of a BEIR-layout set under SUREFOOT_DATA, or `A:B` for the questions of A to the documents of B.
Each question is searched once with the default solution; its gold documents are then left in and taken away (hits and
term counts), so that both halves of the refusal experiment come from the same search. Workspaces and rows stay in
OUT: a run that was stopped goes on. answers_fit.py and answers_report.py read the rows.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import surefoot
from surefoot.core.lang import detect
from surefoot.core.roles import Call, Encoder, Parts
from surefoot.core.types import Hit, Query, Turn
from surefoot.evaluate.metrics import contains_gold
from surefoot.generate.calibrate import Sight, judge_twice
from surefoot.generate.evidence import READING, Question, ask, measure
from surefoot.retrieve.search import Search, SearchSettings

DATA = Path(os.environ.get("SUREFOOT_DATA", Path(__file__).parents[3] / "shared" / "data"))
KEPT = 12
EVERY = {
    "csl-zh-a": 20,
    "banking77-faq": 3,
    "pubmedqa-a": 2,
}  # of a large set, only every n-th question


@dataclass(frozen=True)
class Asked:
    """One question of a set."""

    id: str
    text: str
    gold: frozenset[str]
    answers: tuple[str, ...]


class Remembering:
    """An encoder that embeds each text once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._passages: dict[str, np.ndarray] = {}
        self._queries: dict[str, np.ndarray] = {}

    def embed_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._known(texts, self._queries, self._encoder.embed_queries)

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        return self._known(texts, self._passages, self._encoder.embed_passages)

    def _known(self, texts, known, embed) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, embed(new), strict=True) if new else ())
        return np.array([known[text] for text in texts])


def questions(name: str, documents: str) -> Iterator[Asked]:
    """The questions of one set; gold documents are those of the set that is searched."""
    gold = defaultdict(set)
    for line in (DATA / documents / "qrels" / "test.tsv").read_text().splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            gold[query].add(document)
    rows = lines(DATA / documents / "answers.jsonl")
    answers = {row["_id"]: tuple(row["answers"]) for row in rows}
    for row in lines(DATA / name / "queries.jsonl"):
        yield Asked(
            row["_id"], row["text"], frozenset(gold[row["_id"]]), answers.get(row["_id"], ())
        )


def lines(file: Path) -> list[dict]:
    """The rows of a JSONL file; none where there is no file."""
    return [json.loads(line) for line in file.open(encoding="utf-8")] if file.exists() else []


def collect(parts: Parts, asked: Asked) -> dict:
    """Signs with the gold documents present and taken away, and each candidate with whether it holds a gold answer."""
    hits = Search(SearchSettings(keep=KEPT), parts)(Turn(Query(asked.text)), Call()).hits
    frequencies = parts.index().frequencies
    sight = Sight(lambda _: hits, parts.encoder(), frequencies)
    present, away = judge_twice(asked.text, hits, asked.gold, sight)
    gold = [hit for hit in hits if hit.chunk.document_id in asked.gold]
    return {
        "id": asked.id,
        "title": gold[0].chunk.title if gold else "",
        "answerable": bool(asked.gold),
        "found": bool(gold),
        "present": present,
        "away": away if asked.gold else None,
        "candidates": candidates(parts, ask(asked.text, frequencies), hits, asked),
    }


def candidates(
    parts: Parts, question: Question, hits: Sequence[Hit], asked: Asked
) -> list[tuple[list[float], bool]]:
    """Features of each candidate and whether it holds a gold answer, in the hits' order."""
    if not asked.answers:
        return []
    drafts, features, _ = measure(question, hits, parts.encoder(), READING)
    lang = detect(hits[0].chunk.text) if hits else "en"
    return [
        ([round(float(x), 4) for x in row], bool(contains_gold(draft.text, asked.answers, lang)))
        for draft, row in zip(drafts, features, strict=True)
    ]


def main(out: Path, names: Sequence[str]) -> None:
    for name in names:
        started = time.monotonic()
        asked, _, documents = name.partition(":")
        rows = out / f"answers-{name.replace(':', '-to-')}.jsonl"
        done = {row["id"] for row in lines(rows)}
        every = list(questions(asked, documents or asked))[:: EVERY.get(name, 1)]
        left = [one for one in every if one.id not in done]
        if left:
            collect_all(out / (documents or asked), documents or asked, left, rows)
        print(name, len(left), round(time.monotonic() - started), "s", flush=True)


def collect_all(folder: Path, documents: str, left: Sequence[Asked], rows: Path) -> None:
    """Asks the questions in a workspace of the default solution, made if missing; one line each, as they come."""
    folder.mkdir(parents=True, exist_ok=True)
    source = f'{{ kind = "beir", path = "{DATA / documents}" }}'
    (folder / "surefoot.toml").write_text(
        f'schema = 1\n[corpus]\nsources = [{source}]\n[[stages]]\nkind = "search"\n'
    )
    with surefoot.open(folder) as space, rows.open("a") as file:
        space.sync()
        index, encoder = space.resources.index(), Remembering(space.resources.encoder())
        parts = Parts(lambda: index, lambda: encoder, None, None, None)
        encoder.embed_queries([one.text for one in left])
        for one in left:
            file.write(json.dumps(collect(parts, one)) + "\n")
            file.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
