"""Measures how much of people's questions stands in their gold passage: the figures of checks/data/human_overlap.toml.

python tests/bench/evalset_overlap.py ../shared/data xquad-en clapnq-a banking77-faq xquad-zh cmrc2018-trial
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from surefoot.core.types import Document
from surefoot.evaluate.evalsets import load_evalset
from surefoot.evaluate.evalsets.checks import Means, check_evalset
from surefoot.evaluate.evalsets.library import Library


def main(data: Path, names: list[str]) -> None:
    for name in names:
        lines = (data / name / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
        rows = map(json.loads, lines)
        library = Library.of_documents(Document(row["_id"], "", "", row["text"]) for row in rows)
        for score in check_evalset(load_evalset(data / name), Means(library)).scores:
            if score.metric.startswith("overlap"):
                interval = f"{score.low:.3f} to {score.high:.3f}"
                print(f"{name} {score.metric} {score.value:.3f} ({interval}) n = {score.n}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
