"""What parts with a chat model do beside the plain way of asking: `chat_effects.py EXPERIMENT MODEL OUT [--n 30]`.

EXPERIMENT is one of those in `chat_effect_sets.py`, MODEL a .gguf file or an alias. Each case is given to every arm
before the next case is, so that a run that was stopped has paired figures of a fair sample: cases are drawn by seed.
Every reply is kept in OUT and asked for once. Printed are each arm's means with 95 % intervals, its paired differences
to the first arm or to --base, and what a case takes: calls, tokens read and written, processor seconds (of a kept reply
those that it took when it was asked for; arms that share a reply are each told all of it).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chat_effect_sets import EXPERIMENTS, Arm, Case, Desk, Experiment
from kept_chat import Keeping

import surefoot
from surefoot.evaluate.stats import mean_score, paired_difference

Row = Mapping[str, Any]
COSTS = ("calls", "read", "written", "cpu_s")


def opened(folder: Path, source: Path | None, model: str, replies: Path) -> Desk:
    """A workspace over the set's documents, where it has some, and the kept model."""
    folder.mkdir(parents=True, exist_ok=True)
    corpus = ""
    if source is not None:
        name = json.dumps(str(source.resolve()))
        corpus = f'[corpus]\nsources = [{{ kind = "beir", path = {name} }}]\n'
    stages = '[[stages]]\nkind = "search"\n[[stages]]\nkind = "quote"\n' if corpus else ""
    plain = stages or '[[stages]]\nkind = "answer"\npassages = 0\n'
    (folder / "surefoot.toml").write_text(f"schema = 1\n{corpus}{plain}", encoding="utf-8")
    asked = folder / "prompts" / "ask"
    asked.mkdir(parents=True, exist_ok=True)
    for lang in ("en", "zh"):
        (asked / f"{lang}.md").write_text("{{question}}", encoding="utf-8")
    space = surefoot.open(folder)
    if source is not None:
        space.sync()
    resources = space.resources
    chat = Keeping(resources.chat(model), replies)
    resources._chats = dict.fromkeys(resources._chats, chat)
    return Desk(folder, model, chat, resources.parts(), resources)


def told(desk: Desk, experiment: Experiment, arm: Arm, case: Case) -> dict[str, Any]:
    """One case in one way: its scores and what it took."""
    desk.chat.last = []
    answer = arm(desk, case)
    asked = desk.chat.last
    return {
        **{name: measure(answer, case) for name, measure in experiment.metrics.items()},
        "refused": float(answer.refused),
        "calls": len(asked),
        "read": sum(row["usage"]["prompt_tokens"] for row in asked),
        "written": sum(row["usage"]["completion_tokens"] for row in asked),
        "cpu_s": sum(row["cpu_ms"] for row in asked) / 1000,
        "text": answer.text,
    }


def table(experiment: Experiment, rows: Sequence[Mapping[str, Row]], first: str) -> None:
    """A line an arm and metric; differences are those to the arm `first`."""
    names = [*experiment.metrics, "refused"]
    print("| arm | metric | mean (95 %) | difference | n | calls | read | written | cpu s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for arm in experiment.arms:
        took = " | ".join(f"{sum(row[arm][key] for row in rows) / len(rows):.1f}" for key in COSTS)
        for name in names:
            values = [row[arm][name] for row in rows]
            base = [row[first][name] for row in rows]
            score = mean_score(name, values)
            change = ""
            if arm != first:
                gap = paired_difference(name, base, values)
                change = f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})"
            mean = f"{score.value:.3f} ({score.low:.3f} to {score.high:.3f})"
            print(f"| {arm} | {name} | {mean} | {change} | {len(rows)} | {took} |")


def main() -> None:
    """One experiment with one model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experiment", choices=EXPERIMENTS)
    parser.add_argument("model")
    parser.add_argument("out", type=Path)
    parser.add_argument("--n", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--base", default="", help="the arm to compare with; else the first")
    parser.add_argument("--show", type=int, default=0, help="print what so many cases were told")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    experiment = EXPERIMENTS[options.experiment]
    replies = options.out / f"{options.experiment}-{Path(options.model).stem}.jsonl"
    folder = options.out / (experiment.source.name if experiment.source else "alone")
    desk = opened(folder, experiment.source, options.model, replies)
    cases = experiment.cases(desk, options.n)
    rows: list[dict[str, Row]] = []
    end = time.monotonic() + 60 * options.minutes
    for case in cases:
        if time.monotonic() > end:
            break
        rows.append(
            {name: told(desk, experiment, arm, case) for name, arm in experiment.arms.items()}
        )
    if not rows:
        print("no case was asked in the time given")
        return
    table(experiment, rows, options.base or next(iter(experiment.arms)))
    for case, row in zip(cases[: options.show], rows, strict=False):
        print(f"-- {case.text[:300]!r}\n   gold {[gold[:300] for gold in case.gold]}")
        for name, one in row.items():
            print(f"   {name}: {one['text'][:400]!r}")


if __name__ == "__main__":
    main()
