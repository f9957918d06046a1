"""A chat model as judge: prompts, strict reading, pairs in both orders, correction by people's labels."""

from surefoot.evaluate.judge.asking import Judge, Verdict
from surefoot.evaluate.judge.grading import Agreement, Grades, grade_correct, grade_grounded
from surefoot.evaluate.judge.labels import Label, labels_of, read_labels
from surefoot.evaluate.judge.pairs import Preference, prefer

__all__ = [
    "Agreement",
    "Grades",
    "Judge",
    "Label",
    "Preference",
    "Verdict",
    "grade_correct",
    "grade_grounded",
    "labels_of",
    "prefer",
    "read_labels",
]
