"""A page of a scan, or a picture, as PNG with a frame around what is cited. Runs inside a reading process."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from surefoot.config.base import Settings
from surefoot.core.errors import DataError
from surefoot.ingest.extract.content import Content, open_file
from surefoot.ingest.extract.kinds import kind_of
from surefoot.ingest.extract.media.pictures import open_picture, upright
from surefoot.ingest.extract.media.scans import drawn

if TYPE_CHECKING:
    from surefoot.config.solution import Limits

_DOTS_PER_INCH = 110
_SIDE = 2000
_FRAME = (214, 64, 16)
_MARGIN = 0.004


class Showing(Settings):
    """Which page of which file to show; `box` is left, top, right, bottom as shares of the page."""

    path: str
    page: int = Field(default=1, ge=1)
    box: tuple[float, float, float, float] | None = None


def shown(order: Showing, limits: Limits) -> bytes:
    """The page as PNG.

    Raises:
        DataError: it is neither a PDF nor a picture, has no such page, or is damaged.
    """
    path = Path(order.path)
    with open_file(path, limits) as file:
        content = Content(path.name, file, limits)
        kind = kind_of(content)
        if kind == "pdf":
            picture = _page(content.data, order)
        elif kind == "image":
            picture = _frame(content.data, order)
        else:
            raise DataError("has no pages that can be shown", where=order.path)
    picture.thumbnail((_SIDE, _SIDE))
    if order.box is not None:
        _mark(picture, order.box)
    made = io.BytesIO()
    picture.save(made, format="PNG")
    return made.getvalue()


def _page(data: bytes, order: Showing) -> Any:
    import pypdfium2
    from PIL import Image

    try:
        with pypdfium2.PdfDocument(data) as document:
            if order.page > len(document):
                raise _no_page(order)
            return Image.fromarray(drawn(document[order.page - 1], _DOTS_PER_INCH))
    except pypdfium2.PdfiumError as problem:
        raise DataError(f"is damaged: {problem}", where=order.path) from None


def _frame(data: bytes, order: Showing) -> Any:
    opened = open_picture(data)
    try:
        opened.seek(order.page - 1)
        return upright(opened)
    except EOFError:
        raise _no_page(order) from None
    except (OSError, ValueError, SyntaxError) as problem:
        raise DataError(f"is damaged: {problem}", where=order.path) from None


def _mark(picture: Any, box: tuple[float, float, float, float]) -> None:
    from PIL import ImageDraw

    width, height = picture.size
    left, top, right, bottom = box
    corners = (
        max(0.0, left - _MARGIN) * (width - 1),
        max(0.0, top - _MARGIN) * (height - 1),
        min(1.0, right + _MARGIN) * (width - 1),
        min(1.0, bottom + _MARGIN) * (height - 1),
    )
    ImageDraw.Draw(picture).rectangle(corners, outline=_FRAME, width=max(2, width // 400))


def _no_page(order: Showing) -> DataError:
    return DataError(f"has no page {order.page}", where=order.path, hint="surefoot sync")
