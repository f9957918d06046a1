"""What is trained on: rows in one canonical JSONL, whatever format they came in. Knows no model and no tokenizer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from surefoot.config.base import Settings
from surefoot.core.digest import digest_json
from surefoot.core.errors import DataError, MissingError
from surefoot.core.roles import Message
from surefoot.core.types import Lang

RowSplit = Literal["train", "dev"]


class Origin(Settings):
    """Where a row is from: the document span it was made of, by what, or the line of the user's file."""

    document: str = ""
    start: int | None = None
    end: int | None = None
    generator: str = Field(
        default="given", description="given, or how it was made: template, raft, model:NAME"
    )
    source: str = Field(default="", description="file:line of the user's own row")
    cluster: str = Field(
        default="", description="what is not divided by a split, by default the document"
    )


class ChatTurn(Settings):
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class ChatRow(Settings):
    """A conversation up to where the model speaks, and what it should say; only `completion` is learnt."""

    kind: Literal["chat"] = "chat"
    id: str
    prompt: tuple[ChatTurn, ...] = Field(min_length=1)
    completion: str = Field(min_length=1)
    lang: Lang = "other"
    split: RowSplit = "train"
    origin: Origin = Origin()

    def messages(self) -> list[Message]:
        """The prompt as a chat model takes it."""
        return [Message(turn.role, turn.content) for turn in self.prompt]


class PairRow(Settings):
    """A query with a passage that answers it and passages that look alike but do not.

    `scores` are a teacher's for the positive and then each negative; empty where there is no teacher.
    """

    kind: Literal["pair"] = "pair"
    id: str
    query: str = Field(min_length=1)
    positive: str = Field(min_length=1)
    negatives: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    lang: Lang = "other"
    split: RowSplit = "train"
    origin: Origin = Origin()


TuningRow = Annotated[ChatRow | PairRow, Field(discriminator="kind")]
_ROW: TypeAdapter[ChatRow | PairRow] = TypeAdapter(TuningRow)


@dataclass(frozen=True, slots=True)
class TuningRows:
    """Rows of one kind, in order, under a digest that names their content."""

    rows: tuple[ChatRow, ...] | tuple[PairRow, ...]
    digest: str

    @staticmethod
    def of(rows: Sequence[ChatRow] | Sequence[PairRow]) -> TuningRows:
        """These rows.

        Raises:
            DataError: there is none, they are of both kinds, or two have the same id.
        """
        kinds = {row.kind for row in rows}
        if len(kinds) != 1:
            raise DataError("there are no rows" if not rows else "chat rows and pairs are mixed")
        if len({row.id for row in rows}) < len(rows):
            raise DataError("two rows have the same id")
        return TuningRows(tuple(rows), digest_json([row.model_dump(mode="json") for row in rows]))  # type: ignore[arg-type]

    @property
    def kind(self) -> Literal["chat", "pair"]:
        """Whether these are conversations or pairs."""
        return self.rows[0].kind

    def of_split(self, split: RowSplit) -> list[ChatRow] | list[PairRow]:
        """The rows to learn from, or those to stop by."""
        return [row for row in self.rows if row.split == split]  # type: ignore[return-value]


def write_rows(rows: TuningRows, path: Path) -> None:
    """Writes canonical JSONL; `read_rows` gives equal rows back."""
    lines = (row.model_dump_json() for row in rows.rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read_rows(path: Path) -> TuningRows:
    """Reads canonical JSONL.

    Raises:
        MissingError: there is no such file.
        DataError: naming the first bad line.
    """
    if not path.is_file():
        raise MissingError(
            "there is no such file of rows", where=str(path), hint="surefoot tune data makes one"
        )
    with path.open(encoding="utf-8") as lines:
        return TuningRows.of(list(_parsed(lines, path)))  # type: ignore[arg-type]


def _parsed(lines: Iterable[str], path: Path) -> Iterator[ChatRow | PairRow]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _ROW.validate_python(json.loads(line))
        except (json.JSONDecodeError, ValidationError) as problem:
            raise DataError(
                f"is not a row of tuning data: {problem}",
                where=f"{path}:{number}",
                hint="surefoot tune data FILE turns other formats into it",
            ) from None
