"""What a chat model answers over a public set: `python chat_answers.py SET FOLDER MODEL OUT [--focus 4] ...`

SET is a folder of the BEIR layout with answers, FOLDER a workspace over it, MODEL a .gguf file or an alias. Every reply
is kept in OUT/replies.jsonl and asked for once, so that a run that was stopped goes on. Questions are those that
`surefoot evaluate --sample N --seed 0` draws, in a random order: what was asked before the time is up is a fair sample.

With --ways the same questions are answered with unsupported sentences marked, dropped and asked for again, and with the
model looking at each sentence (`check`); all of them share the first replies.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kept_chat import Keeping

import surefoot
from surefoot.core.roles import Call
from surefoot.core.types import EvalCase, Query, Turn
from surefoot.evaluate import load_evalset, sample
from surefoot.evaluate.metrics import contains_gold
from surefoot.evaluate.stats.intervals import wilson
from surefoot.generate.answer import AnswerSettings, AnswerStage
from surefoot.generate.checking.citations import claims
from surefoot.retrieve.search import Search, SearchSettings

ORDER = 3  # seed of the order


class Asker:
    """One workspace with its search and the kept model."""

    def __init__(self, folder: Path, model: str, out: Path) -> None:
        self._space = surefoot.open(folder)
        resources = self._space.resources
        self._model = model
        self._chat = Keeping(resources.chat(model), out / "replies.jsonl")
        resources._chats = dict.fromkeys(resources._chats, self._chat)
        self._parts = resources.parts()
        self._search = Search(SearchSettings(), self._parts)

    def ask(self, case: EvalCase, settings: dict[str, Any]) -> dict[str, Any]:
        """What is said to one question, and what it took."""
        stage = AnswerStage(AnswerSettings(model=self._model, **settings), self._parts)
        turn = self._search(Turn(Query(case.question, case.lang)), Call())
        self._chat.last = []
        answer = stage(turn, Call()).answer
        assert answer is not None
        asked = self._chat.last
        return {
            "text": answer.text,
            "refused": answer.refused,
            "right": 0.0 if answer.refused else contains_gold(answer.text, case.answers, case.lang),
            "sentences": 0 if answer.refused else len(claims(answer.text)),
            "unsupported": len(answer.unsupported),
            "calls": len(asked),
            "prompt": sum(row["usage"]["prompt_tokens"] for row in asked),
            "said": sum(row["usage"]["completion_tokens"] for row in asked),
            "cpu_ms": sum(row["cpu_ms"] for row in asked),
            "ms": sum(row["ms"] for row in asked),
        }


def table(rows: Sequence[dict[str, Any]], ways: Sequence[str]) -> None:
    """A line a way: shares with Wilson intervals, means a question."""
    n = len(rows)
    if not n:
        print("no question was asked in the time given")
        return
    for way in ways:
        found = [row[way] for row in rows]
        total = {key: sum(one[key] for one in found) for key in found[0] if key != "text"}
        low, high = wilson(total["right"], n)
        means = {
            key: round(total[key] / n, 2) for key in ("calls", "prompt", "said", "cpu_ms", "ms")
        }
        print(
            f"{way}: right {total['right'] / n:.3f} [{low:.3f}, {high:.3f}] of {n}, refused {total['refused']}, "
            f"unsupported {total['unsupported']} of {total['sentences']} sentences; a question: {means}"
        )


def main() -> None:
    """One set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model")
    parser.add_argument("out", type=Path)
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--most", type=int, help="of these so many")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--focus", type=int, default=0)
    parser.add_argument("--prompt", default="answer/cited")
    parser.add_argument("--ways", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    ways: dict[str, dict[str, Any]] = {"mark": {}}
    if options.ways:
        check = {"model": options.model, "of": "all"}
        ways |= {name: {"on_unsupported": name} for name in ("drop", "retry")}
        ways["check"] = {"on_unsupported": "drop", "check": check}
    base = {"focus": options.focus, "prompt": options.prompt}
    cases = list(sample(load_evalset(options.set), options.sample, seed=0).cases)
    random.Random(ORDER).shuffle(cases)
    asker, end = (
        Asker(options.folder, options.model, options.out),
        time.monotonic() + 60 * options.minutes,
    )
    rows = []
    for case in cases[: options.most]:
        if time.monotonic() > end:
            break
        rows.append({name: asker.ask(case, {**base, **more}) for name, more in ways.items()})
    table(rows, list(ways))


if __name__ == "__main__":
    main()
