"""What is asked of a database, and which columns are what."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from surefoot.config.base import KeyName
from surefoot.core.types import Markup
from surefoot.ingest.sources.settings import SourceSettings
from surefoot.store.readonly import SelectText


class SqlSettings(SourceSettings):
    """The rows of a SELECT, each a document; the query runs in a transaction that cannot write."""

    kind: Literal["sql"] = "sql"
    url: KeyName = Field(
        default="",
        description='"env:VARIABLE": the variable that holds the SQLAlchemy URL of the database',
    )
    path: str = Field(default="", description="an SQLite file in the workspace, instead of url")
    query: SelectText = Field(description="one SELECT; name each column with AS where it is made")
    id: tuple[str, ...] = Field(
        min_length=1, description="columns that name a row; together they are its id"
    )
    text: tuple[str, ...] = Field(
        default=(), description="columns that hold its text, apart by blank lines"
    )
    template: str = Field(
        default="",
        description="the text with {{column}} for what a column holds, instead of text",
    )
    markup: Literal["", "markdown", "plain"] = Field(
        default="", description="how the text is written; empty = told by the text"
    )
    title: str = Field(default="", description="column that holds its title")
    uri: str = Field(
        default="",
        description="where people find it, such as https://example.org/faq/{{id}}; empty = its id",
    )
    columns: tuple[str, ...] = Field(
        default=(), description="columns that are kept as metadata, with their types"
    )
    changed: str = Field(
        default="",
        description="column that changes whenever the row does, such as a time; empty = all that is taken of the row",
    )
    users_column: str = Field(
        default="", description="column that names who may read the row, beside users"
    )
    groups_column: str = Field(default="", description="column that names which groups may")
    duplicates: bool = Field(
        default=False, description="whether documents that copy another one are left out"
    )
    max_rows: PositiveInt = Field(default=100_000, description="rows that are read at most")
    max_mb: PositiveInt = Field(default=500, description="megabytes of text that are read at most")
    batch: PositiveInt = Field(default=1000, description="rows that are fetched at a time")
    timeout_s: PositiveFloat = Field(default=120.0, description="seconds until a query is stopped")

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if bool(self.url) == bool(self.path):
            raise ValueError('needs either url = "env:VARIABLE" or path, an SQLite file')
        if bool(self.text) == bool(self.template):
            raise ValueError("needs either text, a list of columns, or a template")
        return self

    @property
    def shape(self) -> list[object]:
        """What a document is made by, beside its row."""
        own = (self.text, self.template, self.markup, self.title, self.uri, self.columns)
        readers = (self.users, self.groups, self.users_column, self.groups_column)
        return [*own, *readers, dict(self.meta)]

    def markup_of(self, told: Markup) -> Markup:
        """How the text is written, where its own look does not say."""
        return self.markup or told
