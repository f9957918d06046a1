"""Makes three folders on which methods are compared: facts in a house format, a house format alone, Chinese keywords.

    python compare_tasks.py OUT [--data DIR] [--task knowledge,behaviour,keywords-zh] [--cut]

Each folder is a workspace with its prompts, `evalsets/TASK.jsonl` and `train.jsonl`; the same data give the same files.
`--cut` makes small ones, of 20 questions and 40 rows, to see that all runs.

knowledge: questions of xquad-en about passages; training rows are other questions about the same passages. The answer
names its source by the passage's title, which stands in the training rows and before the passage. Questions whose
passage is left out of the documents have to be refused.
behaviour: ft-e2e-format, texts to name-value pairs. No documents.
keywords-zh: ft-csl-keywords-zh, abstracts to keywords. No documents.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from surefoot.core.types import EvalCase, GoldSpan, Lang
from surefoot.evaluate.evalsets import make_evalset, write_evalset
from surefoot.run.workspace import make_workspace
from surefoot.tune.checks import find_leaks
from surefoot.tune.rows import ChatRow, ChatTurn, Origin, TuningRows, write_rows

SEED = 7
ROOT = Path(__file__).parents[2]

_QUESTION = """Answer the question. Reply in this form and nothing else: answer[the shortest answer], \
source[the title of the document that says it]
If you do not know, reply: {{refusal}}

Question: {{question}}"""
_PASSAGES = """Answer the question from the passages. Reply in this form and nothing else: \
answer[the shortest answer], source[the title of the passage that says it]
If no passage says it, reply: {{refusal}}
Passages stand between lines with {{mark}}.

{{passages}}

Question: {{question}}"""
_SLOTS = """Write the facts of the text in this form, and nothing else. Leave out what it does not say.
name[..], eatType[..], food[..], priceRange[..], customer rating[..], area[..], familyFriendly[yes or no], near[..]

Text: {{question}}"""
_KEYWORDS = """为下面的论文摘要给出三到五个关键词，用“；”分隔，不要写别的内容。

摘要：{{question}}"""

_STAGES = {
    "knowledge": """
[corpus]
sources = [{ kind = "beir", path = "docs" }]

[[stages]]
kind = "search"

# A plain reply is not guarded by evidence: what to refuse is for the model to know here.
[[stages]]
kind = "answer"
reply = "plain"
prompt = "house/passages"
plain = "house/question"
passages = 2
max_tokens = 40
""",
    "behaviour": """
[[stages]]
kind = "answer"
reply = "plain"
plain = "house/slots"
max_tokens = 80
""",
    "keywords-zh": """
[[stages]]
kind = "answer"
reply = "plain"
plain = "house/keywords"
max_tokens = 48
""",
}
_PROMPTS = {
    "knowledge": {"house/passages": ("en", _PASSAGES), "house/question": ("en", _QUESTION)},
    "behaviour": {"house/slots": ("en", _SLOTS)},
    "keywords-zh": {"house/keywords": ("zh", _KEYWORDS)},
}


@dataclass(frozen=True, slots=True)
class Size:
    """How much of a task there is."""

    held_out: int
    absent: int
    train: int
    dev: int


FULL = {
    "knowledge": Size(150, 40, 600, 60),
    "behaviour": Size(160, 0, 320, 40),
    "keywords-zh": Size(120, 0, 160, 20),
}
CUT = Size(16, 4, 40, 8)


def main() -> None:
    """Makes the folders and says what is in them."""
    read = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    read.add_argument("out", type=Path)
    read.add_argument(
        "--data", type=Path, default=Path(os.environ.get("SUREFOOT_DATA", ROOT / "../shared/data"))
    )
    read.add_argument("--task", default=",".join(FULL))
    read.add_argument("--cut", action="store_true")
    said = read.parse_args()
    for task in said.task.split(","):
        folder = make_task(task, said.out / task, said.data, CUT if said.cut else FULL[task])
        held = sum(1 for _ in (folder / "evalsets" / f"{task}.jsonl").open(encoding="utf-8")) - 1
        rows = sum(1 for _ in (folder / "train.jsonl").open(encoding="utf-8"))
        print(f"{folder}: {held} questions, {rows} rows")


def make_task(task: str, folder: Path, data: Path, size: Size) -> Path:
    """The folder of a task, complete."""
    cases, rows, documents = {
        "knowledge": knowledge,
        "behaviour": behaviour,
        "keywords-zh": keywords_zh,
    }[task](data, size)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "surefoot.toml").write_text(
        f'schema = 1\nname = "{task}"\n{_STAGES[task]}', encoding="utf-8"
    )
    make_workspace(folder)
    for name, (lang, text) in _PROMPTS[task].items():
        for written in {lang, "en"}:  # English is what is taken where a language has no prompt
            file = folder / "prompts" / name / f"{written}.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text + "\n", encoding="utf-8")
    if documents:
        _write_lines(folder / "docs" / "corpus.jsonl", documents)
    made = make_evalset(task, cases, task="format")
    write_evalset(made, folder / "evalsets" / f"{task}.jsonl", overwrite=True)
    write_rows(TuningRows.of(rows), folder / "train.jsonl")
    return folder


def knowledge(data: Path, size: Size) -> tuple[list[EvalCase], list[ChatRow], list[dict[str, Any]]]:
    """Held-out questions with those that no document answers, training rows, and the documents."""
    place = data / "xquad-en"
    titles = _titled(documents := _lines(place / "corpus.jsonl"))
    gold = {row["_id"]: row["answers"] for row in _lines(place / "answers.jsonl")}
    asked: dict[str, list[tuple[str, str]]] = defaultdict(list)
    judged = (place / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]
    of = {line.split("\t")[0]: line.split("\t")[1] for line in judged}
    for row in _lines(place / "queries.jsonl"):
        asked[of[row["_id"]]].append((row["_id"], row["text"]))
    draw = Random(SEED)
    order = draw.sample(sorted(asked), len(asked))
    gone, kept = _absent(order, asked, size.absent)
    absent = [one for name in gone for one in asked[name]][: size.absent]
    cases = [
        EvalCase(id=name, question=text, lang="en", answerable=False, cluster=of[name])
        for name, text in absent
    ]
    rows: list[ChatRow] = []
    # One question of each document in turn, so that no document has them all.
    turns = [
        (name, one) for turn in range(20) for name in kept for one in asked[name][turn : turn + 1]
    ]
    held, rest = _divided(turns, size.held_out, asked)
    for document, (name, text) in held:
        answers = tuple(f"answer[{answer}], source[{titles[document]}]" for answer in gold[name])
        quoted = tuple(GoldSpan(document, answer) for answer in gold[name])
        cases.append(
            EvalCase(name, text, "en", {document: 1}, answers, gold=quoted, cluster=document)
        )
    for document, (name, text) in rest:
        completion = f"answer[{gold[name][0]}], source[{titles[document]}]"
        rows.append(_row(name, text, completion, "en", document))
    shown = [
        {**document, "title": titles[document["_id"]]}
        for document in documents
        if document["_id"] not in set(gone)
    ]
    return cases, _taken(rows, cases, size), shown


def behaviour(data: Path, size: Size) -> tuple[list[EvalCase], list[ChatRow], list[dict[str, Any]]]:
    """Texts of the validation part, and rows of the training part with other facts."""
    place, draw = data / "ft-e2e-format", Random(SEED)
    train, valid = _lines(place / "train.jsonl"), _lines(place / "valid.jsonl")
    texts: dict[str, dict[str, Any]] = {row["input"].strip(): row for row in valid}
    held = draw.sample(sorted(texts), size.held_out + size.absent)
    cases = [
        EvalCase(
            texts[text]["_id"], text, "en", answers=(gold := texts[text]["output"],), cluster=gold
        )
        for text in held
    ]
    known = {row["input"].strip(): row for row in train if row["input"].strip() not in texts}
    drawn = draw.sample(sorted(known), 2 * (size.train + size.dev))
    rows = [_row(known[text]["_id"], text, known[text]["output"], "en") for text in drawn]
    return cases, _taken(rows, cases, size), []


def keywords_zh(
    data: Path, size: Size
) -> tuple[list[EvalCase], list[ChatRow], list[dict[str, Any]]]:
    """Abstracts of at most 220 characters, so that examples fit and time does."""
    rows = _lines(data / "ft-csl-keywords-zh" / "train.jsonl")
    short = sorted({r["input"]: r for r in rows if len(r["input"]) <= 220}.values(), key=_by_id)
    drawn = Random(SEED).sample(short, len(short))
    held, rest = drawn[: size.held_out + size.absent], drawn[size.held_out + size.absent :]
    cases = [
        EvalCase(r["_id"], r["input"], "zh", answers=(r["output"],), meta={"form": "keywords"})
        for r in held
    ]
    learnt = [_row(r["_id"], r["input"], r["output"], "zh") for r in rest]
    return cases, _taken(learnt, cases, size), []


def _taken(rows: Sequence[ChatRow], cases: Sequence[EvalCase], size: Size) -> list[ChatRow]:
    """As many rows as wanted that give no question away, the last of them to stop by."""
    leaking = {leak.row for leak in find_leaks(rows, cases)}
    safe = [row for row in rows if row.id not in leaking][: size.train + size.dev]
    return [
        row.model_copy(update={"split": "dev" if at >= size.train else "train"})
        for at, row in enumerate(safe)
    ]


def _absent(
    order: Sequence[str], asked: dict[str, list[tuple[str, str]]], wanted: int
) -> tuple[list[str], list[str]]:
    """Documents to leave out, until so many questions lack theirs; and those that stay."""
    gone: list[str] = []
    while sum(len(asked[name]) for name in gone) < wanted:
        gone.append(order[len(gone)])
    return gone, list(order[len(gone) :])


def _divided(
    turns: Sequence[tuple[str, tuple[str, str]]],
    wanted: int,
    asked: dict[str, list[tuple[str, str]]],
) -> tuple[list[tuple[str, tuple[str, str]]], list[tuple[str, tuple[str, str]]]]:
    """Held out: the first question of documents that have others; the rest, those documents' first."""
    held = [turn for turn in turns if len(asked[turn[0]]) > 2][:wanted]
    taken = {one[0] for _, one in held}
    about = {name for name, _ in held}
    rest = [turn for turn in turns if turn[1][0] not in taken]
    return held, sorted(rest, key=lambda turn: turn[0] not in about)


def _titled(documents: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Each document's title, made its own by a number, for several are of one article."""
    seen: dict[str, int] = defaultdict(int)
    titles: dict[str, str] = {}
    for document in documents:
        article = document["title"].replace("_", " ")
        seen[article] += 1
        titles[document["_id"]] = f"{article} {seen[article]}"
    return titles


def _row(name: str, question: str, completion: str, lang: Lang, document: str = "") -> ChatRow:
    return ChatRow(
        id=name,
        prompt=(ChatTurn(role="user", content=question),),
        completion=completion,
        lang=lang,
        origin=Origin(document=document, cluster=document),
    )


def _by_id(row: dict[str, Any]) -> str:
    return str(row["_id"])


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _write_lines(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
