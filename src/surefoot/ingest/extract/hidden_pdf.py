"""Takes out of a PDF the text that nobody sees: not drawn, white on nothing, too small to read, or off the page.

The text of a recognised scan is not drawn either: where pictures take half of a page it stays.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from ctypes import byref, c_float, c_int, c_uint, c_ushort
from dataclasses import dataclass, field
from typing import Any, Final

_READABLE: Final = 2.0  # points: below it nobody reads
_SCANNED: Final = 0.5
_WHITE: Final = 250
_CLEAR: Final = 5
_NOT_DRAWN: Final = 3
_DEPTH: Final = 5

_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """The file as it is seen, and how many characters were taken out; `stayed` pages could not be written anew."""

    data: bytes
    removed: int = 0
    stayed: tuple[int, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What should be known of it; pages are counted from 1."""
        told = [f"left out {self.removed} characters of hidden text"] if self.removed else []
        pages = ", ".join(str(number + 1) for number in self.stayed)
        told += [f"hidden text stays on page {pages}: it cannot be parted"] if pages else []
        return tuple(told)


@dataclass(slots=True)
class _Page:
    """What is behind a place of a page, in the order in which it is drawn."""

    area: _Box
    scanned: bool
    behind: list[tuple[_Box, bool]] = field(default_factory=list)

    def is_white(self, x: float, y: float) -> bool:
        """Whether white paper is what is drawn last so far at this place."""
        for (left, bottom, right, top), white in reversed(self.behind):
            if left <= x <= right and bottom <= y <= top:
                return white
        return True


def without_hidden(data: bytes) -> Seen:
    """The file without what nobody sees; the same bytes where there is nothing of the kind. It must be readable."""
    import pypdfium2

    removed, stayed = 0, list[int]()
    with pypdfium2.PdfDocument(data) as document:
        for number in range(len(document)):
            page = document[number]
            gone, whole = _stripped(page)
            page.close()
            removed += gone
            stayed += [] if whole else [number]
        if not removed:
            return Seen(data, 0, tuple(stayed))
        file = io.BytesIO()
        document.save(file)
    return Seen(file.getvalue(), removed, tuple(stayed))


def _stripped(page: Any) -> tuple[int, bool]:
    """How many characters were taken out of a page, and whether all that is hidden was."""
    objects = list(page.get_objects(max_depth=_DEPTH))
    hidden = _hidden(page, objects)
    if not hidden:
        return 0, True
    layer = page.get_textpage()
    texts = [_text(one, layer) for one in hidden]
    layer.close()
    named = [(one, text) for one, text in zip(hidden, texts, strict=True) if text.strip()]
    mine = [(one, text) for one, text in named if one.container is None]
    for one, _ in mine:
        page.remove_obj(one)
        one.close()
    if mine:
        page.gen_content()
    return sum(len("".join(text.split())) for _, text in mine), len(mine) == len(named)


def _hidden(page: Any, objects: Sequence[Any]) -> list[Any]:
    """The text objects that nobody sees. Of those inside of drawn forms only what is not drawn can be told."""
    from pypdfium2.raw import FPDF_PAGEOBJ_TEXT

    about = _Page(page.get_cropbox(), _is_scan(page, objects))
    found = []
    for one in objects:
        if one.type == FPDF_PAGEOBJ_TEXT:
            if _is_unseen(one, about):
                found.append(one)
        elif one.container is None and (cover := _cover(one)) is not None:
            about.behind.append((one.get_bounds(), cover))
    return found


def _is_unseen(one: Any, page: _Page) -> bool:
    from pypdfium2.raw import FPDFPageObj_GetFillColor, FPDFTextObj_GetTextRenderMode

    if FPDFTextObj_GetTextRenderMode(one) == _NOT_DRAWN:
        return not page.scanned
    if one.container is not None:
        return False
    left, bottom, right, top = one.get_bounds()
    if right <= left or top <= bottom:
        return False
    x, y = (left + right) / 2, (bottom + top) / 2
    if right < page.area[0] or left > page.area[2] or top < page.area[1] or bottom > page.area[3]:
        return True
    if _size(one) < _READABLE:
        return True
    color = _color(one, FPDFPageObj_GetFillColor)
    if color is None or FPDFTextObj_GetTextRenderMode(one) != 0:
        return False  # a pattern, or drawn by its outline
    clear = color[3] <= _CLEAR
    return clear or (min(color[:3]) >= _WHITE and page.is_white(x, y))


def _cover(one: Any) -> bool | None:
    """Whether what is drawn is white; None where it covers nothing."""
    from pypdfium2.raw import FPDF_PAGEOBJ_PATH, FPDFPageObj_GetFillColor, FPDFPath_GetDrawMode

    if one.type != FPDF_PAGEOBJ_PATH:
        return False
    fill, stroke = c_int(), c_int()
    if not FPDFPath_GetDrawMode(one, byref(fill), byref(stroke)) or not fill.value:
        return None
    color = _color(one, FPDFPageObj_GetFillColor)
    if color is None:
        return False
    return None if color[3] <= _CLEAR else min(color[:3]) >= _WHITE


def _is_scan(page: Any, objects: Sequence[Any]) -> bool:
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    tops = {}
    for one in objects:
        if one.type == FPDF_PAGEOBJ_IMAGE:
            while one.container is not None:
                one = one.container
            tops[id(one)] = one.get_bounds()
    width, height = page.get_size()
    drawn = sum((right - left) * (top - bottom) for left, bottom, right, top in tops.values())
    return bool(drawn >= _SCANNED * max(width * height, 1.0))


def _size(one: Any) -> float:
    """The height of its letters on the page, in points."""
    from pypdfium2.raw import FPDFTextObj_GetFontSize

    size = c_float()
    FPDFTextObj_GetFontSize(one, byref(size))
    matrix = one.get_matrix()
    return abs(size.value) * math.hypot(matrix.c, matrix.d)


def _color(one: Any, ask: Callable[..., Any]) -> tuple[int, int, int, int] | None:
    parts = [c_uint() for _ in range(4)]
    if not ask(one, *(byref(part) for part in parts)):
        return None
    red, green, blue, alpha = (part.value for part in parts)
    return red, green, blue, alpha


def _text(one: Any, layer: Any) -> str:
    from pypdfium2.raw import FPDFTextObj_GetText

    many = FPDFTextObj_GetText(one, layer, None, 0)
    if many <= 0:
        return ""
    held = (c_ushort * (many // 2))()
    FPDFTextObj_GetText(one, layer, held, many)
    return bytes(held).decode("utf-16-le", "replace").rstrip("\0")
