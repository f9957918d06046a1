"""Fits the tables of generate/data/coefficients.toml: `python answers_fit.py OUT`, after answers_collect.py.

Sentence weights: softmax over the candidates of a question, cmrc2018-trial alone. Refusal: each question of the set
counts once, its gold documents present or taken away by a coin of its id.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from answers_collect import lines

from surefoot.core.logistic import Logistic, fit
from surefoot.generate.evidence import FEATURES
from surefoot.generate.guard import SIGNS

SENTENCES = ("cmrc2018-trial",)
REFUSAL = {
    "same": ("xquad-en", "cmrc2018-trial"),
    "across": ("xquad-zh-to-xquad-en", "xquad-en-to-xquad-zh"),
}
THRESHOLD = {  # by language of the question
    "same": {"en": ("xquad-en",), "zh": ("cmrc2018-trial", "xquad-zh:fit")},
    "across": {"en": ("xquad-en-to-xquad-zh",), "zh": ("xquad-zh-to-xquad-en",)},
}
ANSWERED = {"en": 0.97, "zh": 0.95}  # docs/benchmarks/answers.md says why they differ
STRENGTH = 5.0

Table = tuple[np.ndarray, np.ndarray]


def load(out: Path, name: str) -> list[dict]:
    """What answers_collect.py wrote of a set; `NAME:fit` and `NAME:rest` are its halves, a title is in one only."""
    whole, _, half = name.partition(":")
    rows = lines(out / f"answers-{whole}.jsonl")
    if not half:
        return rows
    return [row for row in rows if (zlib.crc32(row["title"].encode()) % 2 == 0) == (half == "fit")]


def half_removed(rows: Sequence[dict]) -> Table:
    """Signs (n x SIGNS) and whether the gold documents were left in, by a coin of the question's id."""
    table, labels = [], []
    for row in rows:
        stays = zlib.crc32(f"coin {row['id']}".encode()) % 2 == 0
        signs = row["present" if stays else "away"]
        if signs is not None:
            table.append([signs[name] for name in SIGNS])
            labels.append(stays)
    return np.array(table), np.array(labels, bool)


def states(rows: Sequence[dict], state: str) -> np.ndarray:
    """Signs (n x SIGNS) of the questions in one state: present, away or near."""
    kept = [row[state] for row in rows if row["answerable"] and row.get(state)]
    return np.array([[signs[name] for name in SIGNS] for signs in kept]).reshape(-1, len(SIGNS))


def choices(rows: Sequence[dict]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Features and verdicts of the candidates of each question."""
    return [
        (np.array([x for x, _ in row["candidates"]]), np.array([y for _, y in row["candidates"]]))
        for row in rows
        if row["candidates"]
    ]


def fit_sentences(data: Sequence[tuple[np.ndarray, np.ndarray]], steps: int = 400) -> np.ndarray:
    """Weights that make the candidates with the answer likely among those of their question (Adam, a little L2)."""
    data = [(x, y) for x, y in data if y.any() and not y.all()]
    rows = np.concatenate([x for x, _ in data])
    scale = rows.std(axis=0) + 1e-9
    rows = rows / scale
    right = np.concatenate([y for _, y in data]).astype(float)
    owner = np.repeat(np.arange(len(data)), [len(y) for _, y in data])
    at, mean, square = (np.zeros(rows.shape[1]) for _ in range(3))
    for step in range(1, steps + 1):
        linear = rows @ at
        top = np.full(len(data), -np.inf)
        np.maximum.at(top, owner, linear)
        e = np.exp(linear - top[owner])
        share = e / np.bincount(owner, e)[owner]
        wanted = e * right / np.bincount(owner, e * right)[owner]
        slope = rows.T @ (share - wanted) / len(data) + 1e-3 * at
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope**2
        at -= 0.05 * mean / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    return at / scale


def fit_refusal(tables: Sequence[Table]) -> Logistic:
    """The model; each set weighs the same."""
    draw = np.random.default_rng(0)
    size = min(len(labels) for _, labels in tables)
    parts = [draw.permutation(len(labels))[:size] for _, labels in tables]
    rows = np.concatenate([table[part] for (table, _), part in zip(tables, parts, strict=True)])
    flags = np.concatenate([labels[part] for (_, labels), part in zip(tables, parts, strict=True)])
    return fit(rows, flags, strength=STRENGTH)


def lowest(model: Logistic, tables: Sequence[Table], share: float) -> float:
    """The threshold that lets at least this share of every set's answerable questions through."""
    answered = [model.probability(table)[labels] for table, labels in tables]
    return min(float(np.quantile(scores, 1 - share)) for scores in answered)


def main(out: Path) -> None:
    sentence = fit_sentences([c for name in SENTENCES for c in choices(load(out, name))])
    print("[sentence]")
    for name, weight in zip(FEATURES, sentence, strict=True):
        print(f"{name} = {weight:.3f}")
    for case, sets in REFUSAL.items():
        model = fit_refusal([half_removed(load(out, name)) for name in sets])
        print(f"\n[refusal_{case}]")
        for lang, names in THRESHOLD[case].items():
            tables = [half_removed(load(out, name)) for name in names]
            threshold = lowest(model, tables, ANSWERED[lang])
            print(f"threshold_{lang} = {threshold:.3f}")
        print(f"bias = {model.bias:.3f}")
        for name, weight in zip(SIGNS, model.weights, strict=True):
            print(f"{name} = {weight:.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
