"""A recognised page as text with the place of each line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from surefoot.core.types import Region
from surefoot.ingest.extract.media.layout import read_page
from surefoot.models.media import turned_back

if TYPE_CHECKING:
    from surefoot.ingest.extract.media.reader import MediaReader
    from surefoot.models.media.ocr import Pixels

_UNSURE = 0.8
"""Lines below are counted in the note; those below `media.confidence` are left out."""
READ_BY = "read_by"
"""The metadata key that says how a text came about: `ocr` or `speech`."""


@dataclass(frozen=True, slots=True)
class Page:
    """The text of one page, where its lines stand in it, and how many were unsure or left out."""

    text: str
    regions: tuple[Region, ...] = ()
    unsure: int = 0
    left_out: int = 0
    turned: int = 0


def recognised(
    reader: MediaReader, picture: Pixels, number: int, progress: tuple[int, int]
) -> Page:
    """Reads the picture of page `number` (from 1); `progress` is how many are done, and how many there are."""
    found, angle = reader.lines(picture, *progress)
    sure = [line for line in found if line.confidence >= reader.settings.confidence]
    text, placed = read_page(sure)
    regions = tuple(
        Region(one.start, one.end, page=number, box=turned_back(one.line.box, angle))
        for one in placed
    )
    unsure = sum(line.confidence < _UNSURE for line in sure)
    return Page(text, regions, unsure, len(found) - len(sure), angle)


def joined(pages: Iterable[Page], starts: Iterable[int]) -> tuple[Region, ...]:
    """The regions of all pages, by their places in the whole text; `starts` is where each page begins."""
    return tuple(
        replace(one, start=one.start + start, end=one.end + start)
        for page, start in zip(pages, starts, strict=True)
        for one in page.regions
    )


def notes(pages: Sequence[Page]) -> tuple[str, ...]:
    """What should be known of how well the pages were recognised."""
    lines = sum(len(page.regions) for page in pages)
    unsure = sum(page.unsure for page in pages)
    left_out = sum(page.left_out for page in pages)
    said = []
    if unsure:
        said.append(f"{unsure} of {lines} recognised lines are unsure ({unsure / lines:.0%})")
    if left_out:
        said.append(f"{left_out} lines could not be made out and are left out")
    return tuple(said)
