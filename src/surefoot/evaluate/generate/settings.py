"""What is wanted of a generated set, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, NonNegativeInt, PositiveInt

from surefoot.config.base import Settings
from surefoot.core.types import EvalSet, Lang, Usage
from surefoot.evaluate.generate.offers import MethodName


class CreateSettings(Settings):
    """How many questions of which kinds are made from a workspace's documents."""

    name: str = Field(default="generated", min_length=1, description="name of the eval set")
    questions: PositiveInt = Field(
        default=200, description="answerable questions of each language at most"
    )
    languages: tuple[Lang, ...] = Field(
        default=("en", "zh"), description="languages of documents that questions are made from"
    )
    methods: tuple[MethodName, ...] = Field(
        default=(), description="only these methods; empty = all of them"
    )
    reworded: float = Field(
        default=0.3, ge=0, le=1, description="share of questions that are said in other words"
    )
    unanswerable: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="questions that the documents do not answer, as a share of those that they do",
    )
    hidden: bool = Field(
        default=True,
        description="questions may be sentences of the documents, which are hidden where they are asked",
    )
    neighbours: tuple[Path, ...] = Field(
        default=(),
        description="other workspaces; questions made from their documents are unanswerable here",
    )
    model: str = Field(default="", description="chat model that writes questions; empty = none")
    calls: NonNegativeInt = Field(
        default=400, description="calls of the chat model at most; what is made by then is kept"
    )
    ask_in: Lang | None = Field(
        default=None, description="language the chat model asks in; null = that of the document"
    )
    seed: int = Field(default=0, description="of every draw: the same documents give the same set")


@dataclass(frozen=True, slots=True)
class CreateReport:
    """How a set came about.

    `made` counts questions by language and method, `rejected` offers by the reason they were dropped. `overlap` is
    the mean share of a question's content words that stand in its gold passage, by language. `forecast` is the
    usage expected of the chat model before it was asked, `usage` what it took.
    """

    documents: int = 0
    asked_documents: int = 0
    made: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    overlap: Mapping[str, float] = field(default_factory=dict)
    hidden: int = 0
    forecast: Usage = Usage()
    usage: Usage = Usage()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Created:
    """A made set and how it came about."""

    evalset: EvalSet
    report: CreateReport
