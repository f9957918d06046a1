"""Front matter at the head of any text, such as a row of a corpus; that of Markdown files is read anyway."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from surefoot.config.base import PartSettings
from surefoot.core.errors import DataError
from surefoot.core.roles import SourceItem
from surefoot.core.types import Document
from surefoot.ingest.describe.values import plain_values, with_values
from surefoot.ingest.extract.plain import front_matter


class FrontMatterSettings(PartSettings):
    """YAML or TOML between --- or +++ lines at the head of a text: taken out of it and kept as metadata."""

    kind: Literal["frontmatter"] = "frontmatter"
    keys: tuple[str, ...] = Field(default=(), description="keys that are kept; empty = all")


class FrontMatter:
    """Takes front matter out of the text; positions and pages are those of what is left."""

    Settings = FrontMatterSettings
    beside_text: ClassVar[bool] = False

    def __init__(self, settings: FrontMatterSettings, base: Path) -> None:
        del base
        self._keys = settings.keys

    def describe(self, item: SourceItem, document: Document) -> Document:
        """The document without its front matter, which is in its metadata.

        Raises:
            DataError: it is not valid; the text is kept whole.
        """
        try:
            found = front_matter(document.text)
        except ValueError as problem:
            raise DataError(
                f"its front matter is not valid: {problem}",
                where=item.uri,
                hint="mend what stands between the --- or +++ lines",
            ) from None
        if found is None or document.regions:
            return document
        raw, length = found
        values = plain_values(raw)
        kept = {key: values[key] for key in values if not self._keys or key in self._keys}
        pages = tuple(max(0, page - length) for page in document.pages)
        return with_values(replace(document, text=document.text[length:], pages=pages), kept)

    def mark(self, item: SourceItem) -> str:
        """Nothing: it stands in the text itself."""
        del item
        return ""

    def is_description(self, item: SourceItem) -> bool:
        """No item is front matter alone."""
        del item
        return False
