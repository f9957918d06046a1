"""Replays forecasts of time over traced runs: the first questions of each 100 in a row tell all of them.

python tests/bench/forecast_replay.py WORKSPACE... prints, over all windows of 100 questions of one solution, how often
the forecast was within a factor of 1.5 of what the window took, and how often its interval held that.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from surefoot.evaluate.forecast import asked_enough, forecast_of
from surefoot.evaluate.scoring import Row

WINDOW = 100
QUERY = (
    "SELECT start_ns, end_ns, attributes, name FROM spans WHERE parent_id IS NULL ORDER BY start_ns"
)


def windows(workspace: Path) -> Iterator[list[float]]:
    """Seconds of 100 questions in a row that one solution was asked."""
    ledger = workspace / ".surefoot" / "ledger.sqlite"
    spans = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True).execute(QUERY).fetchall()

    def solution(span: tuple[int, int, str, str]) -> tuple[str | None, str]:
        return json.loads(span[2]).get("surefoot.solution_digest"), span[3]

    for _, run in groupby(spans, solution):
        seconds = [(end - start) / 1e9 for start, end, *_ in run]
        for start in range(0, len(seconds) - WINDOW + 1, WINDOW):
            yield seconds[start : start + WINDOW]


def main(workspaces: list[str]) -> None:
    """Prints the two shares."""
    near = held = n = 0
    for seconds in (window for name in workspaces for window in windows(Path(name))):
        probed = 1
        while not asked_enough(probed, sum(seconds[:probed])):
            probed += 1
        rows = [
            Row(str(i), "", "en", True, latency_ms=s * 1e3) for i, s in enumerate(seconds[:probed])
        ]
        ahead, took = forecast_of(rows, WINDOW).wall_s, sum(seconds)
        n += 1
        near += 2 / 3 <= ahead.value / took <= 1.5
        held += ahead.low <= took <= ahead.high
    print(f"{n} windows; within a factor of 1.5: {near / n:.3f}; interval held it: {held / n:.3f}")


if __name__ == "__main__":
    main(sys.argv[1:])
