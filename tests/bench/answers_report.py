"""Prints the tables of docs/benchmarks/answers.md: `python answers_report.py OUT [SET...]`, after answers_collect.py.

The sets named are those with labels of their own that played no part, such as clapnq-a.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from answers_fit import choices, fit_sentences, half_removed, load, states

from surefoot.core.logistic import Logistic, auc, interval
from surefoot.evaluate.stats import wilson
from surefoot.generate.evidence import weights
from surefoot.generate.guard import SIGNS, logistic, shipped
from surefoot.generate.quote import QuoteSettings

QUOTED = {"xquad-en": "xquad-en", "xquad-zh": "xquad-zh", "cmrc2018-trial": "cmrc2018-trial"}
REFUSED = {  # set: case, language of its questions
    "xquad-en": ("same", "en"),
    "pubmedqa-a": ("same", "en"),
    "cmrc2018-trial": ("same", "zh"),
    "csl-zh-a": ("same", "zh"),
    "xquad-zh:fit": ("same", "zh"),
    "xquad-zh:rest": ("same", "zh"),
    "xquad-zh-to-xquad-en": ("across", "zh"),
    "xquad-en-to-xquad-zh": ("across", "en"),
}
LABELLED = (
    "clapnq-a",
    "medfaq-graded-a",
)  # sets that say themselves what is not answered (English)
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
    print("\n## Refusals\n")
    print(
        "| set | model | AUC | n | answered | refused | refused at .95 | near: AUC | near: refused |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, (case, lang) in REFUSED.items():
        if rows := rows_of(out, name):
            print(refusal_line(name, case, shipped_judge(case, lang), rows))
    for name in sys.argv[2:]:
        print(refusal_line(name, "same", shipped_judge("same", "en"), rows_of(out, name)))


def shipped_judge(case: str, lang: str) -> tuple[Logistic, float]:
    table = shipped(case)
    return logistic(table), table[f"threshold_{lang}"]


def rows_of(out: Path, name: str) -> list[dict]:
    """The rows of a set, none where it was not collected."""
    return load(out, name)


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


def refusal_line(name: str, how: str, judge: tuple[Logistic, float], rows: Sequence[dict]) -> str:
    """AUC; rates at the threshold; and what is refused where the threshold lets 95% of this set through.

    Near: questions whose passages only lost the sentences with the answer, beside the answerable ones.
    """
    model, threshold = judge
    table, labels = as_labelled(rows) if name in LABELLED else half_removed(rows)
    scores = model.probability(table)
    own = float(np.quantile(scores[labels], 0.05))
    parts = [
        area(scores, labels),
        str(len(labels)),
        share(int((scores[labels] >= threshold).sum()), int(labels.sum())),
        share(int((scores[~labels] < threshold).sum()), int((~labels).sum())),
        share(int((scores[~labels] < own).sum()), int((~labels).sum())),
    ]
    missed = states(rows, "near")
    if len(missed):
        near = model.probability(missed)
        flags = np.repeat([True, False], [labels.sum(), len(near)])
        parts += [
            area(np.concatenate([scores[labels], near]), flags),
            share(int((near < threshold).sum()), len(near)),
        ]
    else:
        parts += ["", ""]
    return f"| {name} | {how} | {' | '.join(parts)} |"


def area(scores: np.ndarray, labels: np.ndarray) -> str:
    low, high = interval(auc, scores, labels)
    return f"{auc(scores, labels):.3f} [{low:.3f}, {high:.3f}]"


def share(count: int, n: int) -> str:
    low, high = wilson(count, n)
    return f"{count / n:.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
