"""Where a stretch of text stands in a scan or a recording: found, said in words, and as plain rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from surefoot.core.types import Citation, Region


def covering(regions: Sequence[Region], start: int, end: int) -> Region | None:
    """Where the characters `[start, end)` stand: on their first page, all boxes in one; or from when to when.

    None where no region holds any of them.
    """
    touched = [one for one in regions if one.start < end and one.end > start]
    if not touched:
        return None
    page = touched[0].page
    on_page = [one for one in touched if one.page == page]
    boxes = [one.box for one in on_page if one.box is not None]
    times = [one.seconds for one in touched if one.seconds is not None]
    box = None
    if boxes:
        left, top, right, bottom = zip(*boxes, strict=True)
        box = (min(left), min(top), max(right), max(bottom))
    seconds = (min(t[0] for t in times), max(t[1] for t in times)) if times else None
    return Region(on_page[0].start, on_page[-1].end, page, box, seconds)


def said_place(region: Region) -> str:
    """In words: `page 2` or `at 0:42`; empty where neither is known."""
    if region.seconds is not None:
        whole = int(region.seconds[0])
        hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
        return f"at {hours}:{minutes:02d}:{seconds:02d}" if hours else f"at {minutes}:{seconds:02d}"
    return f"page {region.page}" if region.page is not None else ""


def cited_place(citation: Citation) -> str:
    """What follows the name of a cited document: `, page 2` or ` at 0:42`; empty where neither is known."""
    region = citation.region
    place = said_place(region) if region is not None else ""
    if not place and citation.chunk.page:
        place = f"page {citation.chunk.page}"
    if not place:
        return ""
    return f" {place}" if place.startswith("at ") else f", {place}"


def to_row(region: Region) -> list[Any]:
    """Start, end, page, box, seconds, as JSON has them."""
    return [region.start, region.end, region.page, region.box, region.seconds]


def from_row(row: Sequence[Any]) -> Region:
    """The inverse of `to_row`."""
    start, end, page, box, seconds = row
    return Region(
        start, end, page, tuple(box) if box else None, tuple(seconds) if seconds else None
    )
