"""What a path says of a document: named groups of a regular expression, or the names of the folders above it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from surefoot.config.base import PartSettings
from surefoot.core.errors import ConfigError
from surefoot.core.roles import SourceItem
from surefoot.core.types import Document
from surefoot.ingest.describe.values import read_text_values, with_values

_MOST_CHARS = 1000


class PathSettings(PartSettings):
    """Metadata from the path of each file (the id of each row): named groups of a regular expression, or folders."""

    kind: Literal["path"] = "path"
    pattern: str = Field(
        default="",
        max_length=_MOST_CHARS,
        description="RE2 expression with named groups, such as (?P<year>\\d{4})/(?P<company>[^/]+)",
    )
    folders: tuple[str, ...] = Field(
        default=(), description="keys of the folders above a file, the outermost first"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.pattern and not self.folders:
            raise ValueError("give pattern or folders")
        return self


class PathParts:
    """Reads the path below the source, with / between its parts; the expression takes linear time (RE2)."""

    Settings = PathSettings
    beside_text: ClassVar[bool] = True

    def __init__(self, settings: PathSettings, base: Path) -> None:
        del base
        self._settings = settings
        if settings.pattern:
            self._groups("")

    def describe(self, item: SourceItem, document: Document) -> Document:
        """The document with what its path says; nothing where the expression does not match."""
        inner = item.id.removeprefix(f"{item.source}/")[:_MOST_CHARS]
        folders = inner.split("/")[:-1]
        told = dict(zip(self._settings.folders, folders, strict=False))
        if self._settings.pattern:
            told |= self._groups(inner)
        return with_values(document, read_text_values(told))

    def mark(self, item: SourceItem) -> str:
        """Nothing: another path is another document."""
        del item
        return ""

    def is_description(self, item: SourceItem) -> bool:
        """No item is a path alone."""
        del item
        return False

    def _groups(self, text: str) -> dict[str, str]:
        import pyarrow as pa
        import pyarrow.compute as pc

        try:
            found = pc.extract_regex(pa.array([text]), pattern=self._settings.pattern)[0].as_py()
        except pa.ArrowInvalid as problem:
            raise ConfigError(
                f"{problem}",
                where="corpus.describe: pattern",
                hint="name every group, (?P<year>...), and write others as (?:...)",
            ) from None
        return dict(found or {})
