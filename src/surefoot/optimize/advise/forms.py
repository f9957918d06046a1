"""The forms that a path takes: whether examples stand in the prompt, which arms to measure, which steps lead there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from surefoot.optimize.advise.rule import Needs, Path, rule
from surefoot.optimize.compare.result import SEARCHING, TRAINED, WITH_ROWS, Method

Form = Literal["prompt", "prompt_examples", "rag", "rag_examples", "tune", "both"]
StepName = Literal[
    "init",
    "add",
    "ask",
    "evalset",
    "import",
    "optimize",
    "rows",
    "other_rows",
    "sourced_rows",
    "extra",
    "compare",
    "advise",
]

_MEASURED: Mapping[Form, tuple[Method, ...]] = {
    "prompt": ("prompt", "cot"),
    "prompt_examples": ("prompt", "fewshot", "nearest"),
    "rag": ("prompt", "rag"),
    "rag_examples": ("prompt", "fewshot", "nearest", "rag"),
    "tune": ("prompt", "fewshot", "nearest", "lora"),
    "both": ("prompt", "nearest", "rag", "lora", "lora+rag"),
}


@dataclass(frozen=True, slots=True)
class There:
    """What is there already: no step asks for it again. Names stand in commands."""

    workspace: bool = False
    documents: bool = False
    asked: bool = False
    evalset: str = ""
    rows: str = ""
    compared: bool = False
    trainer: bool = False


def form_of(needs: Needs) -> Form:
    """The form of the path that these needs call for."""
    path: Path = rule().path(needs)
    if path in ("tune", "both") or not needs.behaviour:
        return path
    return "rag_examples" if path == "rag" else "prompt_examples"


def path_of(form: Form) -> Path:
    """The path that a form belongs to."""
    if form == "rag_examples":
        return "rag"
    return "prompt" if form == "prompt_examples" else form


def measured(form: Form, *, examples: bool = True, full: bool = False) -> tuple[Method, ...]:
    """The methods to compare: the advised one, the cheaper ones beside it, and full training where asked for.

    Without examples nothing is measured that would show or learn them.
    """
    found = _MEASURED[form]
    if not examples:
        found = tuple(method for method in found if method not in WITH_ROWS)
        return found if len(found) > 1 else _MEASURED["prompt"]
    more: tuple[Method, ...] = ("full+rag",) if form == "both" else ("full",)
    return (*found, *more) if full else found


def steps(methods: Sequence[Method], there: There) -> list[tuple[StepName, str]]:
    """The steps to a measured answer with the command of each, what is there already left out."""
    evalset, rows = there.evalset or "mine", there.rows or "rows.jsonl"
    searching = bool(SEARCHING & set(methods))
    with_rows = bool(WITH_ROWS & set(methods))
    training = bool(TRAINED & set(methods))
    train = f" --train {rows}" if with_rows else ""
    listed: list[tuple[StepName, str, bool]] = [
        ("init", "surefoot init", not there.workspace),
        ("add", "surefoot add DOCS", searching and not there.documents),
        ("ask", 'surefoot ask "QUESTION"', searching and not (there.asked or there.evalset)),
        ("evalset", f"surefoot evalset create {evalset}", searching and not there.evalset),
        (
            "import",
            f"surefoot evalset import test-examples.csv --name {evalset}",
            not searching and not there.evalset,
        ),
        ("optimize", f"surefoot optimize {evalset} --budget 15m", searching and not there.compared),
        (
            _rows_step(methods),
            f"surefoot tune data examples.jsonl --against {evalset} --out {rows}",
            with_rows and not there.rows,
        ),
        ("extra", "pip install 'surefoot[tune]'", training and not there.trainer),
        (
            "compare",
            f"surefoot compare --evalset {evalset}{train} --methods {','.join(methods)}",
            not there.compared,
        ),
        ("advise", "surefoot advise --compare last", True),
    ]
    return [(name, command) for name, command, wanted in listed if wanted]


def _rows_step(methods: Sequence[Method]) -> StepName:
    if not SEARCHING & set(methods):
        return "other_rows"
    return "sourced_rows" if TRAINED & SEARCHING & set(methods) else "rows"
