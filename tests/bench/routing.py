"""Measures routing with intents held out as strangers: `python tests/bench/routing.py`.

Of the 77 intents of banking77's classification rows, 57 (drawn with a seed) become groups with a few
examples each; further rows of theirs are the known questions, rows of the other 20 the strangers.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
from retrieval_quality import default_data

from surefoot.config.settings import load_settings
from surefoot.core.logistic import auc, interval
from surefoot.evaluate.stats import wilson
from surefoot.models.base import ModelEnv
from surefoot.models.embed import LocalEncoder
from surefoot.retrieve.question.prototypes import learn
from surefoot.retrieve.question.route import shipped_examples

KNOWN = 57
TESTED = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--examples", type=int, default=8)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    lines = (options.data / "banking77-faq/classification/train.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in lines.splitlines()]
    draw = random.Random(options.seed)
    intents = sorted({row["label"] for row in rows})
    draw.shuffle(intents)
    examples, asked = [], []
    for place, intent in enumerate(intents):
        texts = [row["text"] for row in rows if row["label"] == intent]
        draw.shuffle(texts)
        if place < KNOWN:
            examples += [(text, intent) for text in texts[: options.examples]]
            asked += [(text, intent) for text in texts[options.examples :][:TESTED]]
        else:
            asked += [(text, "") for text in texts[: 2 * TESTED]]
    known = [(text, label) for text, label in asked if label]
    far = (options.data / "xquad-en/queries.jsonl").read_text("utf-8").splitlines()[::4]
    print("strangers: intents of the same bank")
    report(options, examples, asked)
    print("strangers: questions of an encyclopedia")
    report(options, examples, known + [(json.loads(line)["text"], "") for line in far])


def report(options: argparse.Namespace, examples: list, asked: list) -> None:
    settings = load_settings().settings
    with_settings = LocalEncoder.Settings()
    encoder = LocalEncoder(with_settings, ModelEnv(settings.models, threads=settings.threads))
    vectors = encoder.embed_queries([text for text, _ in examples])
    background = encoder.embed_queries(shipped_examples("background"))
    tested = encoder.embed_queries([text for text, _ in asked])
    known = np.array([bool(label) for _, label in asked])
    for keep in (0.8, 0.9, 0.95):
        learnt = learn(vectors, [name for _, name in examples], background, keep=keep)
        guesses = [learnt.guess(vector) for vector in tested]
        chance = np.array([guess.known for guess in guesses])
        right = [g.group == label for g, (_, label) in zip(guesses, asked, strict=True) if label]
        kept, refused = chance[known] >= learnt.threshold, chance[~known] < learnt.threshold
        low, high = interval(auc, chance, known)
        print(
            f"{options.examples} examples, keep {keep}: right way {share(right)}, AUC {auc(chance, known):.3f}"
            f" ({low:.3f}-{high:.3f}), known kept {share(kept)}, strangers refused {share(refused)}"
        )


def share(found: object) -> str:
    hits, n = int(np.sum(found)), len(found)
    low, high = wilson(hits, n)
    return f"{hits / n:.3f} ({low:.3f}-{high:.3f}, n = {n})"


if __name__ == "__main__":
    main()
