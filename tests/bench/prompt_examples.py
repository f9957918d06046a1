"""Fixed against nearest examples: `python tests/bench/prompt_examples.py DATA --model M`.

DATA is a folder with `train.jsonl` and, where it has one, `valid.jsonl` in rows of instruction, input and output, such
as ft-e2e-format. Examples come from rows of train drawn by seed; asked are rows of valid, else others of train. Each
arm is a solution in a workspace of its own under `--root`: `zero` shows no examples, `fixed` the first rows, `nearest`
those with the likest words, `meaning` those nearest by the default encoder; `+thinking` behind one of them lets the
model think first. What stands before `####` in an output, as in ft-gsm8k, are thoughts. Printed are the mean score with
its interval, prompt tokens and seconds a question, and the paired difference of each further arm to the first.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from surefoot.core.lang import detect
from surefoot.core.roles import Call
from surefoot.evaluate.metrics.answers import token_f1
from surefoot.evaluate.metrics.forms import has_slots, slot_f1
from surefoot.evaluate.stats import mean_score, paired_difference
from surefoot.run.workspace import Workspace, open_workspace

ARMS: Mapping[str, Mapping[str, Any]] = {
    "zero": {},
    "fixed": {"mode": "fixed"},
    "nearest": {"mode": "nearest"},
    "meaning": {"mode": "nearest"},
}
Row = Mapping[str, str]
ENDING = "####"


@dataclass(frozen=True, slots=True)
class Told:
    """What an arm gave: a score a question, and means of tokens and seconds."""

    scores: Sequence[float]
    tokens: float
    seconds: float


def read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def rows_of(folder: Path, shown: int, asked: int, seed: int) -> tuple[list[Row], list[Row]]:
    """The rows to take examples from, and those to ask; none of the latter has the input of one of the former."""
    chance = Random(seed)
    train = chance.sample(read(folder / "train.jsonl"), shown + asked)
    other = folder / "valid.jsonl"
    pool = read(other) if other.exists() else train[shown:]
    known = {row["input"] for row in train[:shown]}
    free = [row for row in pool if row["input"] not in known]
    return train[:shown], chance.sample(free, min(asked, len(free)))


def prepared(root: Path, rows: Sequence[Row], instruction: str) -> None:
    """A workspace whose prompt is the instruction and the question, with the rows as examples."""
    folder = root / "prompts" / "task"
    folder.mkdir(parents=True, exist_ok=True)
    for lang in ("en", "zh"):
        (folder / f"{lang}.md").write_text(
            f"{instruction}\n\n{{{{question}}}}".strip(), encoding="utf-8"
        )
    lines = [
        json.dumps(
            {"question": row["input"], "answer": answer_of(row), "thoughts": thoughts_of(row)},
            ensure_ascii=False,
        )
        for row in rows
    ]
    (root / "examples.jsonl").write_text("\n".join(lines), encoding="utf-8")


def answer_of(row: Row) -> str:
    return row["output"].rpartition(ENDING)[2].strip()


def thoughts_of(row: Row) -> str:
    return re.sub(r"<<.*?>>", "", row["output"].rpartition(ENDING)[0]).strip()


def solution(args: argparse.Namespace, name: str, *, thinking: bool) -> str:
    arm, corpus = ARMS[name], "[corpus]\n" if name == "meaning" else ""
    lines = [
        f'schema = 1\n{corpus}[[stages]]\nkind = "answer"\npassages = 0',
        f"model = {json.dumps(str(args.model))}",
        'plain = "task"\nreply = "plain"',
        f"max_tokens = {args.max_tokens * (3 if thinking else 1)}",
        f"thinking = {str(thinking).lower()}",
    ]
    if arm:
        mode = arm["mode"]
        lines.append(
            f'examples = {{ file = "examples.jsonl", mode = "{mode}", count = {args.count} }}'
        )
    return "\n".join(lines)


def ask(space: Workspace, rows: Sequence[Row], score: Callable[[str, str], float]) -> Told:
    scores, tokens = [], 0
    began = time.perf_counter()
    for row in rows:
        answer = space.run(space.query(row["input"]), Call()).turn.answer
        assert answer is not None
        scores.append(score(answer.text, answer_of(row)))
        tokens += answer.usage.prompt_tokens
    return Told(scores, tokens / len(rows), (time.perf_counter() - began) / len(rows))


def scored(row: Row) -> Callable[[str, str], float]:
    """Slot F1 where gold has slots, the last number where it has thoughts, else F1 of the words."""
    if ENDING in row["output"]:
        return lambda text, right: float(last_number(text) == last_number(right))
    if has_slots([row["output"]]):
        return lambda text, right: slot_f1(text, [right])
    return lambda text, right: token_f1(text, [right], detect(right))


def last_number(text: str) -> str:
    found = re.findall(r"-?\d+(?:\.\d+)?", text.replace(",", ""))
    return found[-1].removesuffix(".0") if found else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=320)
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--max-tokens", type=int, default=80)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--arms", default="zero,fixed,nearest")
    args = parser.parse_args()
    shown, rows = rows_of(args.data, args.rows, args.questions, args.seed)
    prepared(args.root, shown, rows[0]["instruction"])
    score = scored(rows[0])
    found: dict[str, Told] = {}
    print("| arm | score | prompt tokens | seconds a question |\n| --- | --- | --- | --- |")
    for name in args.arms.split(","):
        kind, _, thinking = name.partition("+")
        text = solution(args, kind, thinking=thinking == "thinking")
        (args.root / "surefoot.toml").write_text(text, encoding="utf-8")
        kept = args.root / f"{name}-{args.count}-{args.questions}.json"
        if not kept.exists():  # an arm that was asked before is not asked again
            with open_workspace(args.root) as space:
                kept.write_text(json.dumps(asdict(ask(space, rows, score))), encoding="utf-8")
        found[name] = told = Told(**json.loads(kept.read_text(encoding="utf-8")))
        mean = mean_score("score", told.scores)
        cell = f"{mean.value:.3f} ({mean.low:.3f}-{mean.high:.3f}, n = {mean.n})"
        print(f"| {name} | {cell} | {told.tokens:.0f} | {told.seconds:.2f} |", flush=True)
    first, *others = found
    for name in others:
        gap = paired_difference("score", found[first].scores, found[name].scores)
        print(f"{name} - {first}: {gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})")


if __name__ == "__main__":
    main()
