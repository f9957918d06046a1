"""Reads a corpus in BEIR layout: one document a line of `corpus.jsonl`, with the id that the line gives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from surefoot.core.digest import sha256_bytes
from surefoot.core.errors import DataError
from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.core.types import Document, Markup, MetaValue
from surefoot.ingest.sources.items import Found
from surefoot.ingest.sources.names import clean_name, shown
from surefoot.ingest.sources.settings import SourceSettings

FILE = "corpus.jsonl"

_MARKDOWN = re.compile(r"^(?:#{1,6} \S|```|\|.+\|$)", re.MULTILINE)


class BeirSettings(SourceSettings):
    """The rows of a `corpus.jsonl`, given as its folder or as the file."""

    kind: Literal["beir"] = "beir"
    path: str
    duplicates: bool = False


class BeirSource:
    """One item a row, its document already built; the row's hash is fingerprint and digest."""

    Settings = BeirSettings

    def __init__(self, settings: BeirSettings, base: Path) -> None:
        self._settings = settings
        path = (base / Path(settings.path).expanduser()).absolute()
        self.file = path if path.suffix == ".jsonl" else path / FILE
        folder = self.file.parent.resolve().name
        named = folder if self.file.name == FILE else self.file.stem
        self.name = settings.name or clean_name(named) or "beir"
        self._uri = shown(str(self.file), base)

    def items(self) -> Iterator[Found]:
        """The rows in order; a line that is no document is a problem with its number."""
        marks = self._settings.marks
        lines = 0
        try:
            with self.file.open("rb") as file:
                for lines, line in enumerate(file, 1):
                    if line.strip():
                        yield self._item(line.rstrip(b"\r\n"), lines, marks)
        except OSError as problem:
            reason = f"cannot be read: {problem.strerror or problem}"
            hint = f"the path must be a folder with {FILE}, or such a file"
            yield SourceProblem(self.name, self._uri, self.name, reason, hint, keep=True)
            return
        if not lines:
            yield SourceProblem(self.name, self._uri, self.name, "holds no rows")

    def _item(self, line: bytes, number: int, marks: str) -> Found:
        try:
            row = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
            document = self._document(row, line, number)
        except (DataError, ValueError, RecursionError) as problem:
            place = f"{self._uri}:{number}"
            return SourceProblem(
                f"{self.name}:{number}", place, self.name, f"line {number}: {problem}", "mend it"
            )
        return SourceItem(
            id=document.id,
            uri=document.uri,
            source=self.name,
            fingerprint=document.digest[:32] + marks,
            document=document,
            meta=self._settings.meta,
            acl=self._settings.acl,
            distinct=not self._settings.duplicates,
        )

    def _document(self, row: Any, line: bytes, number: int) -> Document:
        if not isinstance(row, dict):
            raise DataError("must be an object")
        name, text, title = row.get("_id"), row.get("text"), row.get("title") or ""
        if not isinstance(name, str | int) or isinstance(name, bool) or str(name) == "":
            raise DataError('"_id" must be text')
        if any("\ud800" <= char <= "\udfff" for char in str(name)):
            raise DataError('"_id" is not valid Unicode')
        if not isinstance(text, str) or not isinstance(title, str):
            raise DataError('"text" and "title" must be text')
        metadata = row.get("metadata") or {}
        if not isinstance(metadata, dict):
            raise DataError('"metadata" must be an object')
        return Document(
            id=str(name),
            uri=f"{self._uri}:{number}",
            digest=sha256_bytes(line),
            text=text,
            title=title.strip(),
            markup=markup_of(text),
            meta=plain_meta(metadata) | dict(self._settings.meta),
            acl=self._settings.acl,
        )


def plain_meta(values: Mapping[str, Any]) -> dict[str, MetaValue]:
    """Metadata as plain scalars and tuples of text; null is left out, anything nested becomes JSON text."""
    plain: dict[str, MetaValue] = {}
    for key, value in values.items():
        if isinstance(value, str | int | float | bool):
            plain[key] = value
        elif isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
            plain[key] = tuple(str(item) for item in value)
        elif value is not None:
            plain[key] = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return plain


def markup_of(text: str) -> Markup:
    """Markdown where a line looks like a heading, a fence or a table, else plain."""
    return "markdown" if _MARKDOWN.search(text) else "plain"
