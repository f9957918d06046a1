"""Writes down, for every question of a public set, what the quote stage sees: `python answers_collect.py OUT SET...`

A SET is the folder of a BEIR-layout set under SUREFOOT_DATA, or `A:B` for the questions of A to the documents of B.
Each question is searched once with the default solution. Its signs are then read in up to three states: gold documents
present, taken away, and near: present, but with the sentences blanked that hold the answer (answers_states.py).
Workspaces and rows stay in OUT: a run that was stopped goes on. answers_fit.py and answers_report.py read the rows.
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

sys.path.insert(0, str(Path(__file__).parent))

from answers_states import KEPT, near

import surefoot
from surefoot.core.lang import detect
from surefoot.core.roles import Call, Chunker, Encoder, Parts
from surefoot.core.types import Hit, Query, Turn
from surefoot.evaluate.metrics import contains_gold
from surefoot.generate.calibrate import Sight, judge_twice
from surefoot.generate.evidence import READING, Question, ask, gather, measure
from surefoot.generate.guard import read_signs
from surefoot.retrieve.search import Search, SearchSettings

DATA = Path(os.environ.get("SUREFOOT_DATA", Path(__file__).parents[3] / "shared" / "data"))
SEARCHED = 60  # chunks, so that passages can change places
EVERY = {"csl-zh-a": 20, "pubmedqa-a": 2}  # of a large set, only every n-th question
NEAR = {"xquad-en", "xquad-zh", "cmrc2018-trial"}  # documents whose answers are words of a sentence


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
        self.digest = encoder.digest

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


def collect(parts: Parts, chunker: Chunker, asked: Asked, *, nearly: bool) -> dict:
    """Signs in each state, and each candidate with whether it holds a gold answer."""
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
        "near": near_signs(parts, chunker, asked) if gold and nearly else None,
        "candidates": candidates(parts, ask(asked.text, frequencies), hits, asked),
    }


def near_signs(parts: Parts, chunker: Chunker, asked: Asked) -> dict[str, float] | None:
    """Signs without the sentences that answer; None where the answer is in no one sentence."""
    hits = Search(SearchSettings(keep=SEARCHED), parts)(Turn(Query(asked.text)), Call()).hits
    encoder, frequencies = parts.encoder(), parts.index().frequencies
    question = ask(asked.text, frequencies)
    see = (encoder, chunker.indexed_text, frequencies)
    state = near(question, hits, asked.gold, asked.answers, see)
    if state is None:
        return None
    evidence = gather(ask(asked.text, state.frequencies), state.hits, encoder, READING)
    return read_signs(evidence, state.hits) if evidence.candidates else None


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
        chunker, nearly = space.resources.chunker(), documents in NEAR
        for one in left:
            file.write(json.dumps(collect(parts, chunker, one, nearly=nearly)) + "\n")
            file.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
