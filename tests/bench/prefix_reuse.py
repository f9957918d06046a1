"""How much sooner a second question over the same passages begins: `python prefix_reuse.py SET FOLDER MODEL [PAIRS]`

Of PAIRS documents with two questions each, the passages found for the first are shown with both questions, the first to
a model that has not read them. Told is the time until the first token, by the clock and of the processor.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import surefoot
from surefoot.core.roles import Call, ChatModel, Message, Sampling
from surefoot.core.types import EvalCase, Query, Turn
from surefoot.evaluate import load_evalset
from surefoot.generate.answer import AnswerSettings, AnswerStage
from surefoot.retrieve.search import Search, SearchSettings

PASSAGES, SEED, DRAWS = 4, 5, 4000


def first_token(model: ChatModel, messages: Sequence[Message]) -> tuple[float, float]:
    """Milliseconds by the clock and of the processor."""
    began, cpu = time.perf_counter(), time.process_time()
    model.chat(messages, Sampling(max_tokens=1))
    return 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - cpu)


def pairs(evalset: Sequence[EvalCase], many: int) -> list[tuple[EvalCase, EvalCase]]:
    """Two questions of each of some documents."""
    by: dict[str, list[EvalCase]] = defaultdict(list)
    for case in evalset:
        by[next(iter(case.relevant))].append(case)
    names = sorted(name for name, cases in by.items() if len(cases) > 1)
    return [
        (by[name][0], by[name][1])
        for name in random.Random(SEED).sample(names, min(many, len(names)))
    ]


def told(name: str, times: Sequence[tuple[float, float]]) -> None:
    """The geometric mean of the ratios, with a 95 % bootstrap interval over pairs."""
    logs = [math.log(first / second) for first, second in times]
    draw = random.Random(SEED)
    means = sorted(math.fsum(draw.choices(logs, k=len(logs))) / len(logs) for _ in range(DRAWS))
    low, high = means[DRAWS // 40], means[-DRAWS // 40]
    first, second = (sum(one) / len(times) for one in zip(*times, strict=True))
    ratio = math.exp(math.fsum(logs) / len(logs))
    print(
        f"{name}: {first:.0f} ms, then {second:.0f} ms; {ratio:.1f} times [{math.exp(low):.1f}, {math.exp(high):.1f}]"
    )


def main(dataset: Path, folder: Path, name: str, many: int) -> None:
    """One set, one model."""
    clock, processor, tokens = [], [], 0
    with surefoot.open(folder) as space:
        parts, model = space.resources.parts(), space.resources.chat(name)
        search = Search(SearchSettings(), parts)
        stage = AnswerStage(AnswerSettings(model=name, passages=PASSAGES), parts)
        first_token(model, [Message("user", "Hello.")])
        for one in pairs(load_evalset(dataset).cases, many):
            queries = [Query(case.question, case.lang) for case in one]
            chunks = [hit.chunk for hit in search(Turn(queries[0]), Call()).hits]
            asked = [stage.messages_for(query, chunks, Call()) for query in queries]
            times = [first_token(model, messages) for messages in asked]
            clock.append((times[0][0], times[1][0]))
            processor.append((times[0][1], times[1][1]))
            tokens += model.count_tokens(asked[1][-1].content)
            print(f"  {processor[-1][0]:.0f} {processor[-1][1]:.0f}", flush=True)
    print(f"{len(clock)} pairs, {tokens / len(clock):.0f} tokens a prompt")
    told("clock", clock)
    told("processor", processor)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int((sys.argv[4:] or ["10"])[0]))
