"""Measures routing: `python tests/bench/routing.py [intents] [corpora] [talk]`.

- intents: of the 77 intents of banking77's classification rows, 57 (drawn with a seed) become groups with a few
  examples each; further rows of theirs are the known questions, rows of the other 20 the strangers.
- corpora: each public set of a language is a way, as if their documents lay in one workspace; each set in turn is
  left out and its questions are the strangers.
- talk: the shipped examples of small talk against greetings written for this test, which no example repeats, and
  against the questions of all public sets.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from functools import cache
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
ASKED = 100  # questions of a corpus
CORPORA = {
    "en": ("xquad-en", "banking77-faq", "medfaq-graded-a", "pubmedqa-a", "sec-10q-metadata"),
    "zh": ("xquad-zh", "cmrc2018-trial", "csl-zh-a"),
}
# Written before anything was measured.
TALK = {
    "en": (
        "Good evening to you",
        "hey, what's up",
        "How have you been lately?",
        "Cheers, that solved it",
        "Much appreciated",
        "goodbye for now",
        "Can you sing?",
        "Do you have feelings?",
        "What's your name?",
        "How old are you?",
        "I'm bored",
        "You made my day",
        "Have a nice weekend",
        "Sorry, my mistake",
        "That was funny",
        "Are you human?",
        "Talk to you later",
        "Good night",
        "I love you",
        "Let's chat a bit",
    ),
    "zh": (
        "晚上好呀",
        "在吗",
        "最近过得好吗",
        "太谢谢了，问题解决了",
        "辛苦啦",
        "回头见",
        "你会唱歌吗",
        "你有感情吗",
        "你叫什么名字",
        "你几岁了",
        "我好无聊",
        "你真棒",
        "周末愉快",
        "不好意思，我弄错了",
        "哈哈，真好笑",
        "你是真人吗",
        "下次再聊",
        "晚安",
        "我喜欢你",
        "陪我聊聊天吧",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["intents", "corpora", "talk"])
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--examples", type=int, default=8)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    for name in options.what:
        {"intents": intents, "corpora": corpora, "talk": talk}[name](options)


def corpora(options: argparse.Namespace) -> None:
    """Which of several corpora a question is for."""
    for lang, names in CORPORA.items():
        drawn = {name: questions(options, name) for name in names}
        for out in (None, *names):
            examples = [
                (text, name)
                for name, texts in drawn.items()
                if name != out
                for text in texts[: options.examples]
            ]
            asked = [
                (text, "" if name == out else name)
                for name, texts in drawn.items()
                for text in texts[options.examples :]
            ]
            print(f"corpora, {lang}; strangers: {out or 'none'}")
            report(options, examples, asked, keeps=(0.95,))


def talk(options: argparse.Namespace) -> None:
    """Small talk against real questions, by the shipped examples alone."""
    encoder = opened()
    background = encoder.embed_queries(shipped_examples("background"))
    shipped = shipped_examples("small-talk")
    for keep in (0.9, 0.95):
        learnt = learn(
            encoder.embed_queries(shipped), ["talk"] * len(shipped), background, keep=keep
        )
        for lang, names in CORPORA.items():
            said = [learnt.guess(v).known for v in encoder.embed_queries(TALK[lang])]
            real = [text for name in names for text in questions(options, name)]
            asked = [learnt.guess(v).known for v in encoder.embed_queries(real)]
            print(
                f"talk, {lang}, keep {keep}: found {share(np.array(said) >= learnt.threshold)}, "
                f"questions taken for it {share(np.array(asked) >= learnt.threshold)}"
            )


def questions(options: argparse.Namespace, name: str) -> list[str]:
    """Some questions of a set, the examples first."""
    rows = (options.data / name / "queries.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(row)["text"] for row in rows]
    random.Random(options.seed).shuffle(texts)
    return texts[: options.examples + ASKED]


@cache
def opened() -> Remembered:
    settings = load_settings().settings
    return Remembered(
        LocalEncoder(LocalEncoder.Settings(), ModelEnv(settings.models, threads=settings.threads))
    )


class Remembered:
    """An encoder that reads each question once."""

    def __init__(self, encoder: LocalEncoder) -> None:
        self._encoder = encoder
        self._kept: dict[str, np.ndarray] = {}

    def embed_queries(self, texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self._kept]
        self._kept.update(zip(new, self._encoder.embed_queries(new), strict=True) if new else ())
        return np.array([self._kept[text] for text in texts])


def intents(options: argparse.Namespace) -> None:
    """Which of many intents of one bank a question has."""
    lines = (options.data / "banking77-faq/classification/train.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in lines.splitlines()]
    draw = random.Random(options.seed)
    labels = sorted({row["label"] for row in rows})
    draw.shuffle(labels)
    examples, asked = [], []
    for place, intent in enumerate(labels):
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


def report(
    options: argparse.Namespace,
    examples: list,
    asked: list,
    keeps: Sequence[float] = (0.8, 0.9, 0.95),
) -> None:
    encoder = opened()
    vectors = encoder.embed_queries([text for text, _ in examples])
    background = encoder.embed_queries(shipped_examples("background"))
    tested = encoder.embed_queries([text for text, _ in asked])
    known = np.array([bool(label) for _, label in asked])
    for keep in keeps:
        learnt = learn(vectors, [name for _, name in examples], background, keep=keep)
        guesses = [learnt.guess(vector) for vector in tested]
        chance = np.array([guess.known for guess in guesses])
        right = [g.group == label for g, (_, label) in zip(guesses, asked, strict=True) if label]
        kept, refused = chance[known] >= learnt.threshold, chance[~known] < learnt.threshold
        told = f"{options.examples} examples, keep {keep}: right way {share(right)}, known kept {share(kept)}"
        if len(refused):
            low, high = interval(auc, chance, known)
            told += f", AUC {auc(chance, known):.3f} ({low:.3f}-{high:.3f}), strangers refused {share(refused)}"
        print(told)


def share(found: object) -> str:
    hits, n = int(np.sum(found)), len(found)
    low, high = wilson(hits, n)
    return f"{hits / n:.3f} ({low:.3f}-{high:.3f}, n = {n})"


if __name__ == "__main__":
    main()
