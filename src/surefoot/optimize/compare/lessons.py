"""The rows that a trained arm learns from: questions and answers as given, in the prompt that it is served with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from surefoot.core.errors import DataError
from surefoot.core.roles import Message
from surefoot.models.base import ModelEnv
from surefoot.optimize.compare.result import SEARCHING, Method
from surefoot.optimize.training_data import raft_parts
from surefoot.run.saying import serving_prompt
from surefoot.run.workspace import open_workspace
from surefoot.tune.chat.base_model import load_tokenizer
from surefoot.tune.chat.encoding import encode_row
from surefoot.tune.data import (
    MadeRows,
    RaftSettings,
    Taught,
    chat_rows,
    divide,
    raft_rows,
    taught_from,
)
from surefoot.tune.left_out import LeftOut
from surefoot.tune.rows import ChatRow, TuningRows

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

_DEV = 0.1


@dataclass(frozen=True, slots=True)
class Lesson:
    """What rows are made of: the rows given, the file of the solution that is served, and how retrieval is taught.

    `passages` are shown at most; `no_evidence` is the share of questions told again without the right one.
    """

    method: Method
    rows: TuningRows
    root: Path
    solution: Path
    base: str
    env: ModelEnv
    passages: int = 3
    no_evidence: float = 0.25
    seed: int = 0


@dataclass(frozen=True, slots=True)
class LessonRows:
    """The rows of an arm; `tokens` are those of the rows to learn from, once through, as the template says them."""

    rows: tuple[ChatRow, ...]
    tokens: int
    notes: tuple[str, ...] = ()


def lesson_rows(lesson: Lesson) -> LessonRows:
    """The rows, with those to stop by. To be called in a process of its own: it opens encoder and chat model.

    Raises:
        DataError: no row can be made.
    """
    given = with_dev(lesson.rows, seed=lesson.seed)
    with open_workspace(lesson.root, solution=str(lesson.solution)) as space:
        made = _made(space, lesson, given)
    rows = tuple(row for row in made.rows if isinstance(row, ChatRow))
    if not rows:
        raise DataError(
            f"no row to train {lesson.method} on can be made", hint=_told(made.left_out)
        )
    tokenizer = load_tokenizer(lesson.base, lesson.env)
    learnt = [row for row in rows if row.split == "train"]
    tokens = sum(len(encode_row(row, tokenizer).ids) for row in learnt)
    notes = made.notes
    if made.left_out:
        notes = (
            *notes,
            f"{lesson.method}: {len(made.left_out)} rows left out: {_told(made.left_out)}",
        )
    return LessonRows(rows, tokens, notes)


def with_dev(rows: TuningRows, *, seed: int = 0) -> list[ChatRow]:
    """The rows with some to stop by: those that say so, else a tenth, whole documents together."""
    chats = [row for row in rows.rows if isinstance(row, ChatRow)]
    if any(row.split == "dev" for row in chats):
        return chats
    return divide(chats, _DEV, seed=seed)[0]


def _made(space: Workspace, lesson: Lesson, given: Sequence[ChatRow]) -> MadeRows:
    taught, left_out = _taught(given)
    if lesson.method in SEARCHING:
        settings = RaftSettings(
            distractors=lesson.passages - 1, absent=lesson.no_evidence, seed=lesson.seed
        )
        made = raft_rows(taught, raft_parts(space), settings)
    else:
        made = chat_rows(taught, _asks(space))
    return MadeRows(made.rows, (*left_out, *made.left_out), made.notes)


def _asks(space: Workspace) -> Callable[[str], list[Message]]:
    return lambda question: serving_prompt(space, question, ())


def _taught(given: Sequence[ChatRow]) -> tuple[list[Taught], list[LeftOut]]:
    taught: list[Taught] = []
    left_out: list[LeftOut] = []
    for row in given:
        documents = (row.origin.document,) if row.origin.document else ()
        found = taught_from(row, documents=documents)
        if found is None:
            place = row.origin.source or row.id
            left_out.append(LeftOut(place, "a conversation, not one question"))
        else:
            taught.append(found)
    return taught, left_out


def _told(left_out: Sequence[LeftOut]) -> str:
    return "; ".join(
        f"{reason} ({n})" for reason, n in Counter(one.reason for one in left_out).items()
    )
