"""Pictures of text: every frame a page, upright as the camera meant it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import DataError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract.media.pages import READ_BY, joined, notes, recognised
from surefoot.ingest.extract.pages import join_pages

if TYPE_CHECKING:
    from surefoot.ingest.extract.content import Content
    from surefoot.models.media.ocr import Pixels

_MOST_PIXELS = 100_000_000
_MOST_FRAMES = 500
_SIDE = 4000
"""Longest side that is handed on, in pixels: what is larger is scaled down."""


def read_picture(content: Content) -> Extracted:
    """Plain text with a region for each line; a picture without text gives an empty one.

    Raises:
        DataError: damaged, of a kind that is not read, or too large.
        NeedsMedia: another process is to read it.
    """
    content.media_for("ocr", "is a picture")
    opened = open_picture(content.data)
    # Frames of an animation are one picture; those of a TIFF are pages.
    count = getattr(opened, "n_frames", 1) if opened.format == "TIFF" else 1
    if count > _MOST_FRAMES:
        raise DataError(f"has {count} pages, over the limit of {_MOST_FRAMES}", hint="divide it")
    pages = [
        recognised(content.media, frame, done + 1, (done, count))
        for done, frame in enumerate(_frames(opened, count))
    ]
    text, starts = join_pages(page.text for page in pages)
    return Extracted(
        text=text if text.strip() else "",
        markup="plain",
        pages=starts if len(pages) > 1 else (0,),
        regions=joined(pages, starts),
        meta={READ_BY: "ocr", "pages": len(pages)},
        notes=notes(pages),
    )


def open_picture(data: bytes) -> Any:
    """The picture, not decoded yet.

    Raises:
        DataError: damaged, of a kind that is not read, or too large.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        opened = Image.open(io.BytesIO(data))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise DataError(
            "is damaged, or a kind of picture that is not read",
            hint="save it as PNG or JPEG",
        ) from None
    if opened.width * opened.height > _MOST_PIXELS:
        raise DataError(
            f"has {opened.width} x {opened.height} pixels, over the limit of {_MOST_PIXELS // 10**6} million",
            hint="save a smaller copy",
        )
    return opened


def upright(frame: Any) -> Any:
    """A frame turned as the camera meant it, on white where it is see-through."""
    from PIL import Image, ImageOps

    turned = ImageOps.exif_transpose(frame)
    if turned.mode in ("RGBA", "LA", "PA", "P"):
        layered = turned.convert("RGBA")
        turned = Image.new("RGBA", layered.size, "white")
        turned.alpha_composite(layered)
    return turned.convert("RGB")


def _frames(opened: Any, count: int) -> Iterator[Pixels]:
    import numpy as np
    from PIL import ImageSequence

    try:
        for frame in islice(ImageSequence.Iterator(opened), count):
            picture = upright(frame)
            picture.thumbnail((_SIDE, _SIDE))
            yield np.asarray(picture)
    except (OSError, ValueError, SyntaxError):
        raise DataError(
            "is damaged: it is cut off or not a whole picture",
            hint="open it in its own program and save it again",
        ) from None
