"""Processor time of the page's long lists with 1,000 runs and 20,000 traces; the bar is 50 ms each.

Run: `python tests/bench/list_pages.py`. A workspace is made in a temporary folder and served in this process, without a
network; each page is asked for a few times after one that warms it, and the median is told. A text that no trace holds
is looked for in all of them: that one is just over the bar.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from fastapi.testclient import TestClient

import surefoot
from surefoot.config.settings import load_settings
from surefoot.core.trace import SpanRecord
from surefoot.serve.app import make_app
from surefoot.serve.tenants import Tenant, Tenants
from surefoot.store.runs import Run

RUNS, TRACES, STAGES, TIMES = 1_000, 20_000, 4, 7
SOLUTION = """schema = 1
name = "house"
[corpus]
sources = [{ kind = "folder", path = "docs", name = "docs" }]
embed = { kind = "hash" }
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
"""
PAGES = (
    "/ui/evaluate",
    "/ui/evaluate?evalset=first",
    "/ui/evaluate?before={middle}",
    "/ui/traces",
    "/ui/traces?text=refund",
    "/ui/traces?text=nowhere",
    "/ui/home",
)
BAR_MS = 50.0


def made(root: Path) -> str:
    """The workspace; gives where its middle run is."""
    (root / "docs").mkdir()
    (root / "docs" / "a.md").write_text("# Refunds\n\nRefunds take thirty days. 退款需要三十天。\n")
    (root / "surefoot.toml").write_text(SOLUTION)
    rng = random.Random(1)
    now = time.time_ns()
    with surefoot.open(root) as space:
        space.sync()
        middle = ""
        for n in range(RUNS):
            middle = _run(space.runs, n, now, rng) if n == RUNS // 2 else middle
            if n != RUNS // 2:
                _run(space.runs, n, now, rng)
        for first in range(0, TRACES, 500):
            space.ledger._write([one for n in range(first, first + 500) for one in _spans(n, now)])
    return middle


def _run(runs, n: int, now: int, rng: random.Random) -> str:
    value = rng.random()
    scores = [
        {"metric": name, "value": value, "low": value - 0.1, "high": value + 0.1, "n": 100}
        for name in ("correct", "recall@5", "refusal")
    ]
    details = {
        "questions": 100,
        "headline": "correct",
        "scores": scores,
        "settings": {"stages": [{"kind": "search", "keep": k} for k in range(20)]},
    }
    at = now - n * 10**9
    run = Run("evaluate", at, f"s{n % 40}", f"{n % 40:x}", "first", "d", "c", details=details)
    rows = [{"id": f"q{k}", "question": "?", "metrics": {"correct": 1.0}} for k in range(20)]
    return f"{at}-{runs.record(run, rows)}"


def _spans(n: int, now: int) -> list[SpanRecord]:
    """A question with the stages of a usual solution."""
    asked = "When is the refund paid?" if n % 7 == 0 else f"What of the matter {n}?"
    attributes = {
        "input.value": asked,
        "output.value": "Thirty days. [1]" * 20,
        "surefoot.solution": "house",
        "surefoot.documents": json.dumps(["docs/a.md"]),
    }
    start = now - n * 10**8
    trace, root = f"{n:032x}", f"{n:016x}"
    whole = SpanRecord(trace, root, None, "ask", start, start + 10**7, attributes)
    stages = [
        SpanRecord(
            trace, f"{n * 10 + k:015x}s", root, f"stage {k}", start, start + 10**6, attributes
        )
        for k in range(STAGES)
    ]
    return [whole, *stages]


def main() -> int:
    """Prints a line a page; 1 where one is over the bar."""
    slow = 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        middle = made(root)
        settings = load_settings(workspace=root).settings
        app = make_app(Tenants([Tenant(root)]), settings)
        with TestClient(app, base_url="http://127.0.0.1") as client:
            for page in PAGES:
                path = page.format(middle=middle)
                assert client.get(path).status_code == 200, path
                took = []
                for _ in range(TIMES):
                    began = time.process_time()
                    client.get(path)
                    took.append(1000 * (time.process_time() - began))
                median = statistics.median(took)
                slow += median > BAR_MS
                print(f"{median:7.1f} ms  {page}", flush=True)
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
