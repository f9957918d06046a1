"""Joins the paragraphs of each XQuAD article to one document: `python tests/bench/long_documents.py --folder DIR`.

Writes, for each language, a corpus in BEIR layout and an eval set whose gold is the span of the answer; questions
whose answer stands more than once in its paragraph are left out, 300 of the others drawn. Then, in a workspace
over the corpus: `surefoot chunks sweep DIR/xquad-long-zh.jsonl --sizes 128,256,480 --kinds structure,fixed`.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from pathlib import Path

from retrieval_quality import default_data

QUESTIONS = 300


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def write(file: Path, rows: list[dict]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    file.write_text(text, encoding="utf-8")


def joined(data: Path) -> tuple[dict[str, str], dict[str, tuple[str, int, int]]]:
    """Text by title, and where in it each paragraph stands."""
    texts: dict[str, str] = {}
    places: dict[str, tuple[str, int, int]] = {}
    for row in lines(data / "corpus.jsonl"):
        before = f"{texts[row['title']]}\n\n" if row["title"] in texts else ""
        texts[row["title"]] = before + row["text"]
        places[row["_id"]] = (row["title"], len(before), len(before) + len(row["text"]))
    return texts, places


def cases(data: Path, lang: str) -> list[dict]:
    texts, places = joined(data)
    with (data / "qrels" / "test.tsv").open(encoding="utf-8") as file:
        judged = {r["query-id"]: r["corpus-id"] for r in csv.DictReader(file, delimiter="\t")}
    answers = {row["_id"]: row["answers"][0] for row in lines(data / "answers.jsonl")}
    made = []
    for row in lines(data / "queries.jsonl"):
        title, start, end = places[judged[row["_id"]]]
        answer = answers[row["_id"]]
        if texts[title][start:end].count(answer) == 1:
            at = texts[title].index(answer, start)
            gold = {"doc": title, "quote": answer, "start": at, "end": at + len(answer)}
            question = {"id": row["_id"], "question": row["text"], "lang": lang}
            made.append({**question, "answers": [answer], "gold": [gold]})
    random.Random(0).shuffle(made)
    return made[:QUESTIONS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/long"))
    parser.add_argument("--data", type=Path, default=default_data())
    options = parser.parse_args()
    for lang in ("en", "zh"):
        data, name = options.data / f"xquad-{lang}", f"xquad-long-{lang}"
        texts, _ = joined(data)
        rows = [
            {"_id": title, "title": title.replace("_", " "), "text": text, "metadata": {}}
            for title, text in texts.items()
        ]
        write(options.folder / name / "corpus.jsonl", rows)
        write(options.folder / f"{name}.jsonl", cases(data, lang))


if __name__ == "__main__":
    main()
