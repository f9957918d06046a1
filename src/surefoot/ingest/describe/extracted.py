"""What a text says of itself: its date, its author, what sort of file it is, and the headings above each passage."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PartSettings
from surefoot.core.lang import Date, dates
from surefoot.core.roles import SourceItem
from surefoot.core.types import Chunk, Document, Meta, MetaValue
from surefoot.ingest.blocks import Block, blocks
from surefoot.ingest.describe.values import with_values

Fact = Literal["date", "author", "file_type", "section"]

_LINE_CHARS = 100
_LABEL = re.compile(
    r"^\W*(?:date|dated|published|posted|issued|updated|effective|日期|时间|发布|发布日期|发布时间|印发日期|生效)\b",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    r"^\W*(?:(?:authors?|written by|prepared by|by)\s*:?\s+(?P<en>[^\W\d_][^\n,;|]{1,60}?)"
    r"|(?:作者|撰稿|撰文|编写|执笔|文)\s*[:：/／]\s*(?P<zh>[^\s，,；;|]{2,20}))\s*(?:[,;|，；].*)?$",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?:[^\W\d_a-z][\w.'’-]*|de|van|von|and|&)(?: (?:[^\W\d_a-z][\w.'’-]*|de|van|von|and|&)){0,7}"
)


class ExtractedSettings(PartSettings):
    """Date and author from the title and the first lines, and the type of the file; what the file says itself stays."""

    kind: Literal["extracted"] = "extracted"
    facts: tuple[Fact, ...] = Field(
        default=("date", "author", "file_type"),
        description="what is looked for; section, which must be asked for, gives each passage the list of headings "
        "above it and within",
    )
    lines: PositiveInt = Field(default=12, description="first lines that are looked at")


class HeadFacts:
    """Adds `date` (ISO text, as far as it is told), `author`, `file_type` and `section`; never over what is there."""

    Settings = ExtractedSettings
    beside_text: ClassVar[bool] = False

    def __init__(self, settings: ExtractedSettings, base: Path) -> None:
        del base
        self._settings = settings

    def describe(self, item: SourceItem, document: Document) -> Document:
        """The document with what its head says; `created` is its date where nothing else says one."""
        found: dict[str, MetaValue] = {}
        lines = list(self._head(document))
        if day := _date(lines) or str(document.meta.get("created", ""))[:10]:
            found["date"] = day
        if author := next((name for line in lines if (name := _author(line))), ""):
            found["author"] = author
        if item.path is not None and item.path.suffix:
            found["file_type"] = item.path.suffix[1:].lower()
        wanted: dict[str, MetaValue] = {
            key: value
            for key, value in found.items()
            if key in self._settings.facts and key not in document.meta
        }
        return with_values(document, wanted)

    def describe_chunks(self, document: Document, chunks: Sequence[Chunk]) -> list[Meta]:
        """The headings above and within each chunk as its `section`; one without headings has none."""
        if "section" not in self._settings.facts or "section" in document.meta:
            return [{} for _ in chunks]
        found = list(blocks(document.text, document.markup))
        ends = [block.end for block in found]
        return [_section(chunk, found, bisect_right(ends, chunk.start)) for chunk in chunks]

    def mark(self, item: SourceItem) -> str:
        """Nothing: all of it stands in the text and the name."""
        del item
        return ""

    def is_description(self, item: SourceItem) -> bool:
        """No item is its own head alone."""
        del item
        return False

    def _head(self, document: Document) -> Iterator[str]:
        """The title and the first lines that are short: long ones tell a story, not what the text is."""
        lines = [line for line in document.text[:8000].split("\n") if line.strip()]
        for line in (document.title, *lines[: self._settings.lines]):
            plain = " ".join(unicodedata.normalize("NFKC", line).split())
            if plain and len(plain) <= _LINE_CHARS:
                yield plain


def _section(chunk: Chunk, found: Sequence[Block], first: int) -> Meta:
    """The headings of the blocks that reach into a chunk, from the first on, as a list in their order."""
    following = (found[place] for place in range(first, len(found)))
    within = takewhile(lambda block: block.start < chunk.end, following)
    names = tuple(dict.fromkeys(name for block in within for name in block.path))
    return {"section": names} if names else {}


def _date(lines: list[str]) -> str:
    """The date on a line that says it is one, else the first that is told to the month at least."""
    ordered = sorted(lines, key=lambda line: not _LABEL.match(line))
    found = (_iso(day) for line in ordered for day in dates(line))
    return next((day for day in found if day), "")


def _iso(day: Date) -> str:
    if day.year is None or day.month is None:
        return ""
    return f"{day.year:04d}-{day.month:02d}" + (f"-{day.day:02d}" if day.day else "")


def _author(line: str) -> str:
    match = _AUTHOR.match(line)
    if match is None:
        return ""
    name = (match["zh"] or match["en"] or "").strip(" *_")
    return name if match["zh"] or _NAME.fullmatch(name) else ""
