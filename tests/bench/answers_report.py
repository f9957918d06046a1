"""Prints the tables of docs/benchmarks/answers.md: `python answers_report.py OUT`, after answers_collect.py."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from answers_collect import lines
from answers_fit import choices, fit_sentences, half_removed, load

from surefoot.core.logistic import auc, interval
from surefoot.evaluate.stats import wilson
from surefoot.generate.evidence import weights
from surefoot.generate.guard import SIGNS, logistic, shipped
from surefoot.generate.quote import QuoteSettings

QUOTED = {"xquad-en": "xquad-en", "xquad-zh": "xquad-zh", "cmrc2018-trial": "cmrc2018-trial"}
REFUSED = {
    "xquad-en": "same",
    "cmrc2018-trial": "same",
    "csl-zh-a": "same",
    "xquad-zh": "same",
    "xquad-zh-to-xquad-en": "across",
    "xquad-en-to-xquad-zh": "across",
}
FOLDS = 5
SETTINGS = QuoteSettings()


def main(out: Path) -> None:
    print("## Quotes\n\n| set | weights | n | in the best | in those quoted | quoted |")
    print("|---|---|---|---|---|---|")
    for name in QUOTED:
        rows = rows_of(out, name)
        if rows:
            print(quote_line(name, "shipped", len(rows), holds(choices(rows), weights())))
            print(
                quote_line(name, f"own, {FOLDS} folds by title", len(rows), cross_validated(rows))
            )
    print("\n## Refusals\n\n| set | model | AUC | n | answered | refused | refused at .95 |")
    print("|---|---|---|---|---|---|---|")
    for name, case in REFUSED.items():
        if rows := rows_of(out, name):
            print(refusal_line(name, case, *half_removed(rows)))
    if rows := rows_of(out, "clapnq-a"):
        print(refusal_line("clapnq-a", "same", *as_labelled(rows)))
    if rows := rows_of(out, "medfaq-graded-a"):
        print(refusal_line("medfaq-graded-a", "same", *as_labelled(rows)))


def rows_of(out: Path, name: str) -> list[dict]:
    """The rows of a set, none where it was not collected."""
    return load(out, name) if lines(out / f"answers-{name}.jsonl") else []


def holds(data: Sequence[tuple[np.ndarray, np.ndarray]], by: np.ndarray) -> np.ndarray:
    """For each question: does the best sentence hold a gold answer, does one of those quoted, and how many are."""
    return np.array([_held(features @ by, right) for features, right in data], float)


def _held(scores: np.ndarray, right: np.ndarray) -> tuple[bool, bool, int]:
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    best, *others = np.argsort(-scores, kind="stable")[: SETTINGS.sentences]
    quoted = [best, *(i for i in others if shares[i] >= SETTINGS.least)]
    return right[best], right[quoted].any(), len(quoted)


def cross_validated(rows: Sequence[dict]) -> np.ndarray:
    """The same with weights fitted on the other folds of the set; a title is in one fold only."""
    rows = [row for row in rows if row["candidates"]]
    data = choices(rows)
    titles = sorted({row["title"] for row in rows})
    fold = np.array([titles.index(row["title"]) % FOLDS for row in rows])
    found = np.zeros((len(rows), 3))
    for k in range(FOLDS):
        fitted = fit_sentences([d for d, f in zip(data, fold, strict=True) if f != k])
        found[fold == k] = holds([d for d, f in zip(data, fold, strict=True) if f == k], fitted)
    return found


def as_labelled(rows: Sequence[dict]) -> tuple[np.ndarray, np.ndarray]:
    """Signs and whether the set says that the documents answer."""
    rows = [row for row in rows if row["present"] is not None]
    table = [[row["present"][name] for name in SIGNS] for row in rows]
    return np.array(table), np.array([row["answerable"] for row in rows], bool)


def quote_line(name: str, how: str, n: int, found: np.ndarray) -> str:
    one, three = (share(int(found[:, i].sum()), n) for i in (0, 1))
    return f"| {name} | {how} | {n} | {one} | {three} | {found[:, 2].mean():.2f} |"


def refusal_line(name: str, case: str, table: np.ndarray, labels: np.ndarray) -> str:
    """AUC; rates at the shipped threshold; and what is refused where the threshold lets 95% of this set through."""
    scores = logistic(shipped(case)).probability(table)
    low, high = interval(auc, scores, labels)
    threshold, own = shipped(case)["threshold"], float(np.quantile(scores[labels], 0.05))
    answered = share(int((scores[labels] >= threshold).sum()), int(labels.sum()))
    refused = share(int((scores[~labels] < threshold).sum()), int((~labels).sum()))
    ideal = share(int((scores[~labels] < own).sum()), int((~labels).sum()))
    area = f"{auc(scores, labels):.3f} [{low:.3f}, {high:.3f}]"
    return f"| {name} | {case} | {area} | {len(labels)} | {answered} | {refused} | {ideal} |"


def share(count: int, n: int) -> str:
    low, high = wilson(count, n)
    return f"{count / n:.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
