"""About how long a comparison takes, told before anything is run from sizes alone. Measures nothing.

The paces are those of a small model on two threads of one processor (docs/benchmarks/methods.md) and go with the number
of weights and threads; other machines differ by a factor. Once arms have ended, their own pace is what counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from statistics import fmean

from surefoot.core.types import EvalSet
from surefoot.models.gguf import read_gguf
from surefoot.optimize.compare.result import SEARCHING, TRAINED, Method
from surefoot.optimize.training_data.checking import guessed
from surefoot.tune.rows import ChatRow, TuningRows

_WEIGHTS, _THREADS = 135e6, 2.0
_PREFILL, _GENERATE, _TRAIN = 2500.0, 60.0, 300.0  # tokens a second of such a model
_FULL = 0.85  # pace of full training beside that of an adapter
_OPEN_S, _MAKE_S, _EXPORT_S = 6.0, 20.0, 60.0
_FRAME_TOKENS, _PASSAGE_TOKENS = 60, 200
_GENERAL, _CHANGED = 60, 40  # questions of the suites, at most


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the time goes by. `tokens` of a question, an answer, and all rows to learn from once through."""

    questions: int
    question_tokens: float
    answer_tokens: float
    rows: int = 0
    row_tokens: float = 0.0
    shots: int = 0
    passages: int = 0
    weights: float = _WEIGHTS
    threads: int = 2
    epochs: float = 1.0
    most_tokens: int = 0
    rates: int = 1
    thought_tokens: int = 0
    no_evidence: float = 0.0
    documents: bool = False


@dataclass(frozen=True, slots=True)
class ArmForecast:
    """Seconds of wall time for making an arm and for asking it."""

    method: Method
    make_s: float
    ask_s: float

    @property
    def seconds(self) -> float:
        """Both."""
        return self.make_s + self.ask_s


def sizes_of(evalset: EvalSet, train: TuningRows | None, **more: float) -> Sizes:
    """The sizes of questions and rows; `more` are fields of `Sizes`."""
    answers = [guessed(case.answers[0]) for case in evalset.cases if case.answers]
    rows = [row for row in (train.of_split("train") if train else []) if isinstance(row, ChatRow)]
    lengths = [guessed(row.prompt[-1].content) + guessed(row.completion) for row in rows]
    return Sizes(
        questions=len(evalset.cases),
        question_tokens=fmean(guessed(case.question) for case in evalset.cases),
        answer_tokens=fmean(answers) if answers else 30.0,
        rows=len(rows),
        row_tokens=fmean(lengths) if lengths else 0.0,
        **more,  # type: ignore[arg-type]
    )


def weights_in(file: Path) -> float:
    """How many numbers a GGUF file holds."""
    return float(sum(prod(tensor.shape) for tensor in read_gguf(file).tensors)) or _WEIGHTS


def forecast(
    methods: Sequence[Method], sizes: Sizes, *, suites: bool
) -> Mapping[Method, ArmForecast]:
    """What each method takes for one seed."""
    return {method: _arm(method, sizes, suites=suites) for method in methods}


def _arm(method: Method, sizes: Sizes, *, suites: bool) -> ArmForecast:
    pace = _WEIGHTS / sizes.weights * sizes.threads / _THREADS
    prompt = sizes.question_tokens + _FRAME_TOKENS
    if method in ("fewshot", "nearest"):
        prompt += sizes.shots * sizes.row_tokens
    if method in SEARCHING:
        prompt += sizes.passages * _PASSAGE_TOKENS
    said = sizes.answer_tokens + (sizes.thought_tokens if method == "cot" else 0)
    asked = sizes.questions + (_besides(method, sizes) if suites else 0)
    one = prompt / (_PREFILL * pace) + said / (_GENERATE * pace)
    return ArmForecast(method, _making(method, sizes, pace), _OPEN_S + asked * one)


def _besides(method: Method, sizes: Sizes) -> int:
    """Questions of the suites: on changed documents, and those by which forgetting is seen."""
    general = method in TRAINED or method == "prompt"
    return _CHANGED * sizes.documents + _GENERAL * general


def _making(method: Method, sizes: Sizes, pace: float) -> float:
    if method not in TRAINED:
        return 0.0
    tokens = sizes.row_tokens + _FRAME_TOKENS
    rows = float(sizes.rows)
    if method in SEARCHING:
        tokens += (1 + (sizes.passages - 1) / 2) * _PASSAGE_TOKENS
        rows *= 1 + sizes.no_evidence
    learnt = rows * tokens * sizes.epochs
    if sizes.most_tokens:
        learnt = min(learnt, sizes.most_tokens)
    speed = _TRAIN * pace * (_FULL if method.startswith("full") else 1.0)
    return _MAKE_S + sizes.rates * learnt / speed + _EXPORT_S
