"""The eval set that a command is given: by its name in the workspace, or by a path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surefoot.cli.command import Options
from surefoot.core.errors import MissingError

if TYPE_CHECKING:
    from surefoot.core.types import EvalSet

EvalSetName = Annotated[
    str,
    typer.Argument(
        metavar="EVALSET",
        help="A name in evalsets/ of the workspace, a JSONL file, or a folder in BEIR layout.",
    ),
]


def evalset_root(options: Options) -> Path:
    """The folder whose `evalsets/` is meant: that of the workspace, else the present one."""
    from surefoot.run.workspace import find_root

    start = (options.workspace or Path.cwd()).expanduser().resolve()
    try:
        return find_root(start)
    except MissingError:
        return start


def evalset_path(options: Options, name: str) -> Path:
    """Where the named eval set lies.

    Raises:
        MissingError: there is none.
    """
    from surefoot.evaluate.evalsets import find_evalset

    return find_evalset(name, evalset_root(options))


def read_questions(
    options: Options, name: str, sample: int | None = None, seed: int = 0
) -> EvalSet:
    """The named eval set, or so many of its questions drawn at random."""
    from surefoot.evaluate.evalsets import load_evalset
    from surefoot.evaluate.evalsets import sample as draw

    questions = load_evalset(evalset_path(options, name))
    return questions if sample is None else draw(questions, sample, seed=seed)
