"""Recordings, and films by their sound: what is said, a region of seconds for each stretch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from surefoot.core.errors import DataError
from surefoot.core.lang import is_han
from surefoot.core.roles import Extracted
from surefoot.core.types import Region
from surefoot.ingest.extract.media.pages import READ_BY

if TYPE_CHECKING:
    from surefoot.ingest.extract.content import Content
    from surefoot.models.media import Said

_PAUSE_S = 2.0
_PARAGRAPH_CHARS = 500
_UNSURE = 0.6
_ENDS = "。！？.!?"


def read_recording(content: Content) -> Extracted:
    """Plain text, a new paragraph at a pause of 2 s or after 500 characters, with a region for each stretch.

    Raises:
        DataError: damaged, or without sound; a recording inside another file is not read.
        NeedsMedia: another process is to read it.
    """
    content.media_for("speech", "is a recording")
    if content.path is None:
        raise DataError("is a recording", hint="save it by itself")
    said = list(content.media.said(content.path))
    for _ in content.blocks():
        pass  # the digest is that of all bytes
    text, regions = transcript(said)
    return Extracted(
        text=text,
        markup="plain",
        regions=regions,
        meta={READ_BY: "speech", "seconds": said[-1].end if said else 0.0},
        notes=_notes(said),
    )


def transcript(said: Iterable[Said]) -> tuple[str, tuple[Region, ...]]:
    """The text and where each stretch of it was said."""
    parts: list[str] = []
    regions: list[Region] = []
    length = paragraph = 0
    last: Said | None = None
    for one in said:
        gap = _gap(last, one, length - paragraph)
        parts += (gap, one.text)
        length += len(gap)
        if gap == "\n\n":
            paragraph = length
        regions.append(Region(length, length + len(one.text), seconds=(one.start, one.end)))
        length += len(one.text)
        last = one
    return "".join((*parts, "\n" if parts else "")), tuple(regions)


def _gap(last: Said | None, one: Said, chars: int) -> str:
    if last is None:
        return ""
    long = chars > _PARAGRAPH_CHARS and last.text[-1] in _ENDS
    if one.start - last.end >= _PAUSE_S or long:
        return "\n\n"
    if is_han(last.text[-1]) and is_han(one.text[0]):
        return "\n"
    return "" if last.text[-1] in "，。！？、；" else " "


def _notes(said: Sequence[Said]) -> tuple[str, ...]:
    unsure = sum(one.confidence < _UNSURE for one in said)
    if not unsure:
        return ()
    return (f"{unsure} of {len(said)} stretches of speech are unsure ({unsure / len(said):.0%})",)
