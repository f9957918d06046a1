"""Pages of a PDF that are pictures: which they are, and how they look."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from surefoot.ingest.extract.media.pages import Page, recognised

if TYPE_CHECKING:
    from surefoot.ingest.extract.media.reader import MediaReader
    from surefoot.models.media.ocr import Pixels

_POINTS_PER_INCH = 72
_SIDE = 3500
"""Longest side of a drawn page, in pixels."""
_STAMP_CHARS = 60
_COVERS = 0.5
_JUNK = 0.2
_JUNK_KINDS = frozenset(("Co", "Cn", "Cc", "Cs"))


def scanned_pages(
    data: bytes, layers: Sequence[str], ocr: Literal["auto", "never", "always"]
) -> tuple[int, ...]:
    """The pages (from 0) whose text is to be recognised; `layers` is the text layer of each.

    These are pages without text that show anything, whose characters mean nothing, or on which a picture fills half
    and the layer holds a stamp at most.
    """
    if ocr == "always":
        return tuple(range(len(layers)))
    doubtful = [
        number
        for number, layer in enumerate(layers)
        if len(layer.strip()) < _STAMP_CHARS or _is_junk(layer)
    ]
    if not doubtful:
        return ()
    import pypdfium2

    with pypdfium2.PdfDocument(data) as document:
        return tuple(n for n in doubtful if _is_picture(document[n], layers[n].strip()))


def recognised_pages(data: bytes, numbers: Sequence[int], reader: MediaReader) -> dict[int, Page]:
    """What stands on these pages (from 0), by number."""
    import pypdfium2

    found: dict[int, Page] = {}
    with pypdfium2.PdfDocument(data) as document:
        for done, number in enumerate(numbers):
            picture = drawn(document[number], reader.settings.dots_per_inch)
            found[number] = recognised(reader, picture, number + 1, (done, len(numbers)))
    return found


def drawn(page: Any, dots_per_inch: int) -> Pixels:
    """A page as it looks, height x width x 3; the page is closed."""
    width, height = page.get_size()
    scale = min(dots_per_inch / _POINTS_PER_INCH, _SIDE / max(width, height, 1.0))
    bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
    pixels: Pixels = bitmap.to_numpy()[:, :, :3].copy()
    bitmap.close()
    page.close()
    return pixels


def _is_junk(layer: str) -> bool:
    """Whether many characters are of fonts' own numbering or none at all."""
    chars = [char for char in layer if not char.isspace()]
    bad = sum(char == "\ufffd" or unicodedata.category(char) in _JUNK_KINDS for char in chars)
    return bad >= _JUNK * max(len(chars), 1) and bad > 0


def _is_picture(page: Any, layer: str) -> bool:
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    width, height = page.get_size()
    whole = max(width * height, 1.0)
    objects = list(page.get_objects(max_depth=3))
    if not layer or _is_junk(layer):
        return bool(objects)
    for one in objects:
        if one.type == FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = one.get_bounds()
            if (right - left) * (top - bottom) >= _COVERS * whole:
                return True
    return False
