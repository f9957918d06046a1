"""Measures the citation check: `python tests/bench/citation_check.py --part report --n 1000`."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from citation_cases import (
    SPOIL,
    Case,
    Names,
    chinese_names,
    english_names,
    half,
    passages,
    supported_cases,
)

from surefoot.evaluate.stats import wilson
from surefoot.generate.checking.support import check_support

SETS = {"en": ("xquad-en", "clapnq-a"), "zh": ("xquad-zh", "cmrc2018-trial", "csl-zh-a")}
Row = tuple[str, str, int, int]  # language, kind, flagged, n


def default_data() -> Path:
    return Path(os.environ.get("SUREFOOT_DATA", Path(__file__).parents[2] / "../shared/data"))


def cases_of(data: Path, lang: str, part: str, n: int) -> tuple[list[Case], Names]:
    """The supported cases of one half, equally many of each data set."""
    cases: list[Case] = []
    everything = []
    for place, name in enumerate(SETS[lang]):
        found = [passage for passage in passages(data, name, lang) if half(passage.cluster) == part]
        everything += found
        share = n // len(SETS[lang]) + (place < n % len(SETS[lang]))
        cases += supported_cases(found, share, random.Random(f"{name} {part}"))
    names = english_names(everything) if lang == "en" else chinese_names(data, everything)
    return cases, names


def measure(data: Path, lang: str, part: str, n: int, shown: Counter[str]) -> list[Row]:
    """How many of each kind the check refuses."""
    cases, names = cases_of(data, lang, part, n)
    rows = [_count(lang, "supported", [(case.sentence, case.source) for case in cases], shown)]
    for how in sorted({case.how for case in cases}):
        pairs = [(case.sentence, case.source) for case in cases if case.how == how]
        rows.append(_count(lang, f"supported: {how}", pairs, Counter()))
    for kind, spoil in SPOIL.items():
        draw = random.Random(f"{kind} {part}")
        spoilt = [(spoil(case, names, draw), case.source) for case in cases]
        rows.append(_count(lang, kind, [(text, source) for text, source in spoilt if text], shown))
    rows.append(
        _count(lang, "wrong document", [(case.sentence, case.other) for case in cases], shown)
    )
    return rows


def _count(lang: str, kind: str, pairs: Sequence[tuple[str, str]], shown: Counter[str]) -> Row:
    flagged = 0
    for sentence, source in pairs:
        support = check_support(sentence, source, lang)
        flagged += not support.supported
        if support.supported == (kind != "supported") and shown[kind] > 0:
            shown[kind] -= 1
            print(
                f"[{lang} {kind}] {sentence}\n    {support.reasons} {support.score:.2f}\n    {source[:400]}\n"
            )
    return lang, kind, flagged, len(pairs)


def microseconds(data: Path, lang: str) -> float:
    """Processor time of one check of a sentence against its passage, words seen before."""
    cases, _ = cases_of(data, lang, "dev", 200)
    for case in cases:
        check_support(case.sentence, case.source, lang)
    start = time.process_time()
    for case in cases:
        check_support(case.sentence, case.source, lang)
    return (time.process_time() - start) / len(cases) * 1e6


def table(rows: Sequence[Row]) -> str:
    lines = [
        "| language | sentences | flagged | share | 95% interval | n |",
        "|---|---|---|---|---|---|",
    ]
    for lang, kind, flagged, n in rows:
        low, high = wilson(flagged, n)
        share = f"{flagged / n:.3f}" if n else "-"
        lines.append(f"| {lang} | {kind} | {flagged} | {share} | {low:.3f} to {high:.3f} | {n} |")
    return "\n".join(lines)


def main() -> None:
    """Prints the table; `--show KIND=N` prints sentences that went wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", choices=("dev", "report"), default="dev")
    parser.add_argument("--n", type=int, default=400)
    parser.add_argument("--show", action="append", default=[])
    parser.add_argument("--lang", choices=("en", "zh"))
    given = parser.parse_args()
    data = default_data()
    for lang in (given.lang,) if given.lang else ("en", "zh"):
        shown = Counter(
            {kind: int(count) for kind, _, count in (item.partition("=") for item in given.show)}
        )
        print(table(measure(data, lang, given.part, given.n, shown)))
        print(f"{microseconds(data, lang):.0f} microseconds of processor time a sentence\n")


if __name__ == "__main__":
    main()
