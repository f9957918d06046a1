"""Lists the rows of a query as documents. Asks by the read-only room of the store, and by nothing else."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from surefoot.core.digest import digest_json, sha256_bytes
from surefoot.core.errors import ConfigError, DataError, SurefootError
from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.core.types import Acl, Document
from surefoot.ingest.sources.beir import markup_of
from surefoot.ingest.sources.items import Found
from surefoot.ingest.sources.names import clean_name, is_inside
from surefoot.ingest.sources.sql.settings import SqlSettings
from surefoot.ingest.sources.sql.values import (
    as_id,
    as_meta,
    as_names,
    as_text,
    fill,
    fill_uri,
    placeholders,
)
from surefoot.store.readonly import ForeignDatabase, Row, read_rows

_MB = 1024 * 1024


class SqlSource:
    """One item a row, its document already built; a row without an id is a problem of its own."""

    Settings = SqlSettings

    def __init__(self, settings: SqlSettings, base: Path) -> None:
        self._settings = settings
        file = _file(settings.path, base) if settings.path else None
        named = file.stem if file else settings.url.removeprefix("env:").lower()
        self.name = settings.name or clean_name(named)
        self._database = ForeignDatabase(self.name, settings.url, file)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The database server; none for a file."""
        try:
            address = self._database.address()
        except ConfigError:
            return ()
        return (address,) if address else ()

    def items(self) -> Iterator[Found]:
        """The rows as the query orders them; where it fails or a limit is reached, what was read before stays."""
        rows = 0
        try:
            for found in self._items():
                rows += 1
                yield found
        except SurefootError as problem:
            hint = problem.hint or "mend the source in the solution file"
            yield self._problem(problem.message, hint, keep=True)
            return
        if not rows:
            yield self._problem("the query gives no rows", "check the query")

    def _items(self) -> Iterator[Found]:
        settings = self._settings
        chars, limit = 0, settings.max_mb * _MB
        rows = read_rows(
            self._database, settings.query, batch=settings.batch, timeout_s=settings.timeout_s
        )
        for number, row in enumerate(rows, 1):
            if number == 1:
                self._check_columns(row)
            if number > settings.max_rows:
                raise DataError(
                    f"gives more than {settings.max_rows} rows; the rest was not read",
                    hint="raise max_rows, or ask for less; ORDER BY says which come first",
                )
            found = self._found(row, number)
            if isinstance(found, SourceItem) and found.document is not None:
                chars += len(found.document.text.encode())
            if chars > limit:
                raise DataError(
                    f"gives more than {settings.max_mb} MB of text; the rest was not read",
                    hint="raise max_mb, or ask for less; ORDER BY says which come first",
                )
            yield found

    def _check_columns(self, columns: Collection[str]) -> None:
        settings = self._settings
        single = (settings.title, settings.changed, settings.users_column, settings.groups_column)
        wanted = (
            *settings.id,
            *settings.text,
            *settings.columns,
            *filter(None, single),
            *placeholders(settings.template),
            *placeholders(settings.uri),
        )
        if missing := next((name for name in wanted if name not in columns), None):
            raise ConfigError(
                f"the query gives no column {missing!r}", hint=f"it gives: {', '.join(columns)}"
            )

    def _found(self, row: Row, number: int) -> Found:
        settings = self._settings
        values = [row[name] for name in settings.id]
        if any(value is None or as_text(value) == "" for value in values):
            place = f"{self.name}:{number}"
            reason = f"row {number} has no {' and '.join(settings.id)}"
            return SourceProblem(place, place, self.name, reason, "leave such rows out")
        document = self._document(row, f"{self.name}/{as_id(values, clean_name)}")
        return SourceItem(
            id=document.id,
            uri=document.uri,
            source=self.name,
            fingerprint=self._fingerprint(row, document),
            document=document,
            meta=document.meta,
            acl=document.acl,
            distinct=not settings.duplicates,
        )

    def _document(self, row: Row, name: str) -> Document:
        settings = self._settings
        if settings.template:
            text = fill(settings.template, row)
        else:
            parts = (as_text(row[column]).strip("\n") for column in settings.text)
            text = "\n\n".join(part for part in parts if part.strip())
        title = as_text(row[settings.title]) if settings.title else ""
        told = {column: as_meta(row[column]) for column in settings.columns}
        return Document(
            id=name,
            uri=fill_uri(settings.uri, row) if settings.uri else name,
            digest=sha256_bytes(f"{title}\n{text}".encode(errors="replace")),
            text=text.encode(errors="replace").decode(),
            title=" ".join(title.split()),
            markup=settings.markup_of(markup_of(text)),
            meta={key: value for key, value in told.items() if value is not None}
            | dict(settings.meta),
            acl=self._acl(row),
        )

    def _acl(self, row: Row) -> Acl:
        """Who may read the row: with a column of readers, a row that names none is for those of the source alone."""
        settings = self._settings
        users, groups = settings.users, settings.groups
        if settings.users_column:
            users = (*users, *as_names(row[settings.users_column]))
        if settings.groups_column:
            groups = (*groups, *as_names(row[settings.groups_column]))
        told = settings.users_column or settings.groups_column
        return Acl(not (users or groups or told), users, groups)

    def _fingerprint(self, row: Row, document: Document) -> str:
        settings = self._settings
        taken: list[Any] = [document.digest, document.uri, dict(document.meta), document.markup]
        if settings.changed:
            taken = [as_text(row[settings.changed])]
        readers = [document.acl.public, document.acl.users, document.acl.groups]
        return digest_json([*taken, readers, settings.shape])[:32]

    def _problem(self, reason: str, hint: str, *, keep: bool = False) -> SourceProblem:
        return SourceProblem(self.name, self.name, self.name, reason, hint, keep)


def _file(path: str, base: Path) -> Path:
    """The SQLite file below the workspace.

    Raises:
        ConfigError: the path leads out of it.
    """
    file = base / path
    if not is_inside(os.path.realpath(file), os.path.realpath(base)):
        raise ConfigError(
            "leads out of the workspace",
            where=path,
            hint='put "sqlite:////path/to/file" in a variable and name it: url = "env:VARIABLE"',
        )
    return file
