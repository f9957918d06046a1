"""What training rows are wanted, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from surefoot.config.base import Settings
from surefoot.core.types import Lang, Usage
from surefoot.evaluate.generate.offers import MethodName
from surefoot.tune.checks import Leak
from surefoot.tune.data import PairSettings, RaftSettings, Summary
from surefoot.tune.left_out import LeftOut
from surefoot.tune.rows import ChatRow, PairRow, TuningRows

RowKind = Literal["chat", "raft", "pairs", "style"]
PLAIN_TOKENS = 1024
"""Tokens of a conversation from which on it is left out where nothing else is said."""


class DataSettings(Settings):
    """Where rows come from, of which kind they are, and what is left out.

    `chat`: questions with their answers, and conversations. `raft`: questions among passages as the solution asks
    them. `pairs`: queries with their passages, for encoder and reranker. `style`: texts as they stand in the documents.
    """

    kind: RowKind = "chat"
    files: tuple[Path, ...] = Field(default=(), description="rows in any common format, eval sets")
    from_documents: bool = Field(
        default=False, description="make questions from the documents of the workspace"
    )
    questions: PositiveInt = Field(
        default=200, description="made from the documents, each language at most"
    )
    languages: tuple[Lang, ...] = ("en", "zh")
    methods: tuple[MethodName, ...] = Field(default=(), description="only these; empty = all")
    model: str = Field(default="", description="chat model that writes; empty = none")
    calls: NonNegativeInt = Field(default=400, description="calls of that model at most")
    against: tuple[Path, ...] = Field(
        default=(), description="eval sets of which no question may be given away"
    )
    drop_leaks: bool = Field(default=False, description="leave leaking rows out; else they stop it")
    served: bool = Field(
        default=False, description="chat: questions stand in the solution's own prompt"
    )
    refusal: str = Field(default="", description="what declining says; empty = as the product does")
    base: str = Field(
        default="",
        description="chat model whose tokens count; empty = the solution's, else a guess",
    )
    max_tokens: PositiveInt | None = Field(
        default=None, description="longer rows are left out; null = 1,024, for pairs the encoder's"
    )
    dev: float = Field(default=0.1, ge=0, lt=1, description="share of the rows to stop by")
    raft: RaftSettings = RaftSettings()
    pairs: PairSettings = PairSettings()
    teacher: str = Field(
        default="", description="folder or alias of a cross-encoder whose scores are learnt from"
    )
    seed: int = 0


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The rows, and what is to be known of them.

    `left_out` has every row that was left out but the `leaks`, which stand apart. `formats` counts records of files
    by format, `unused` their fields that no row has; `unreadable` counts lines of files that are no row at all.
    `offers` counts by reason questions that the documents offered and that were not taken; `usage` is what the chat
    model took.
    """

    rows: TuningRows
    summary: Summary
    left_out: tuple[LeftOut, ...] = ()
    leaks: tuple[Leak, ...] = ()
    notes: tuple[str, ...] = ()
    formats: Mapping[str, int] = field(default_factory=dict)
    unused: Mapping[str, int] = field(default_factory=dict)
    offers: Mapping[str, int] = field(default_factory=dict)
    unreadable: int = 0
    usage: Usage = Usage()

    @property
    def example(self) -> ChatRow | PairRow:
        """One row of the commonest generator and language, of middle length."""
        generator = next(iter(self.summary.counts["generator"]))
        lang = next(iter(self.summary.counts["language"]))
        fitting = [
            row for row in self.rows.rows if row.origin.generator == generator and row.lang == lang
        ]
        rows = sorted(fitting or self.rows.rows, key=lambda row: len(row.model_dump_json()))
        return rows[len(rows) // 2]
