"""Checking and splitting a big eval set takes seconds of processor time, and no model."""

from __future__ import annotations

import random
import time

from surefoot.core.types import Document, EvalCase
from surefoot.evaluate.evalsets import make_evalset, split
from surefoot.evaluate.evalsets.checks import Means, check_evalset
from surefoot.evaluate.evalsets.library import Library

QUESTIONS = 3000
LIMIT_S = 20.0


def test_three_thousand_questions_take_seconds():
    draw = random.Random(0)
    words = [f"{draw.choice('bdfgklmn')}{draw.choice('aeiou')}{i:x}" for i in range(2000)]
    han = [chr(draw.randrange(0x4E00, 0x9FFF)) for _ in range(2000)]
    texts = {f"d{i}": " ".join(draw.choices(words, k=150)) for i in range(500)}
    texts |= {f"z{i}": "".join(draw.choices(han, k=300)) for i in range(500)}
    library = Library.of_documents(Document(name, "", "", text) for name, text in texts.items())
    cases = []
    for i in range(QUESTIONS):
        name = draw.choice(list(texts))
        zh = name.startswith("z")
        units = texts[name] if zh else texts[name].split()
        question = ("" if zh else " ").join(draw.sample(list(units), 8)) + "?"
        cases.append(EvalCase(f"q{i}", question, "zh" if zh else "en", {name: 1}, (units[3],)))
    evalset = make_evalset("big", cases)
    began = time.process_time()
    checked = check_evalset(split(evalset), Means(library))
    took = time.process_time() - began
    print(f"{QUESTIONS} questions split and checked in {took:.1f} s: {checked.grade}")
    assert took < LIMIT_S
