"""Lines of text in a picture, by RapidOCR: Chinese and English, weights in its own package, no network."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import MissingExtra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

Box = tuple[float, float, float, float]

_TALL = 1.5
_MOST = 0.5
_FEW = 0.3
_LYING = 0.8
_FLIPPED = "180"


@dataclass(frozen=True, slots=True)
class Line:
    """A recognised line. `box` is left, top, right, bottom as shares of the upright picture; `confidence` is 0 to 1."""

    text: str
    box: Box
    confidence: float


class Ocr:
    """Opens its models (5 s, 35 MB) once; not safe to use from several threads.

    Raises:
        MissingExtra: RapidOCR is not installed.
    """

    def __init__(self, threads: int = 1) -> None:
        try:
            import cv2
            from rapidocr import RapidOCR
        except ImportError:
            raise MissingExtra("rapidocr", extra="media", why="reading pictures") from None
        cv2.setNumThreads(threads)
        place = "EngineConfig.onnxruntime"
        self._engine: Any = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.text_score": 0.0,
                f"{place}.intra_op_num_threads": threads,
                f"{place}.inter_op_num_threads": 1,
            }
        )
        logging.getLogger("RapidOCR").propagate = False

    def lines(self, picture: Pixels) -> tuple[list[Line], int]:
        """The lines in no order, and by how many degrees (counterclockwise) the picture is to be turned to be upright.

        `picture` is height x width x 3 (RGB). `turned_back` says where a box stands in the picture as it was given.
        """
        upright = self._read(picture)
        angles: tuple[int, ...] = ()
        if _is_sideways(upright.lines):
            angles = (90, 270)
        elif upright.flipped > _FEW:
            angles = (180,)
        tries = [(0, upright), *((angle, self._read(_turned(picture, angle))) for angle in angles)]
        # Tall boxes are read lying as well, but in the order of the page that lies: turned is better.
        angle, best = max(tries, key=lambda made: (1.0 if made[0] else _LYING) * _sureness(made[1]))
        return best.lines, angle

    def _read(self, picture: Pixels) -> _Reading:
        import numpy as np

        # The engine takes the order of colours that OpenCV has.
        colours = np.ascontiguousarray(picture[:, :, ::-1])
        scaled, record = self._engine.preprocess_img(colours)
        steps = self._engine.run_ocr_steps(scaled, record)
        made = self._engine.build_final_output(colours, *steps, record)
        if not getattr(made, "txts", None) or made.boxes is None:
            return _Reading([], 0.0)
        turns = [label == _FLIPPED for label, _ in steps[1].cls_res or ()]
        height, width = picture.shape[:2]
        corners = zip(made.boxes, made.txts, made.scores, strict=True)
        lines = [
            Line(text.strip(), _shares(box, width, height), float(score))
            for box, text, score in corners
            if text.strip()
        ]
        return _Reading(lines, sum(turns) / max(len(turns), 1))


@dataclass(frozen=True, slots=True)
class _Reading:
    """The lines of a picture as it was held; `flipped` is the share that stood upside down."""

    lines: list[Line]
    flipped: float


def turned_back(box: Box, angle: int) -> Box:
    """Where a box of the upright picture stands in the one that had to be turned by `angle` degrees."""
    left, top, right, bottom = box
    places: dict[int, Box] = {
        0: box,
        90: (1 - bottom, left, 1 - top, right),
        180: (1 - right, 1 - bottom, 1 - left, 1 - top),
        270: (top, 1 - right, bottom, 1 - left),
    }
    left, top, right, bottom = (round(value, 4) for value in places[angle])
    return left, top, right, bottom


def _shares(box: Any, width: int, height: int) -> Box:
    xs, ys = [float(x) / width for x, _ in box], [float(y) / height for _, y in box]
    left, top, right, bottom = (
        round(min(max(value, 0.0), 1.0), 4) for value in (min(xs), min(ys), max(xs), max(ys))
    )
    return left, top, right, bottom


def _turned(picture: Pixels, angle: int) -> Pixels:
    import numpy as np

    return np.rot90(picture, angle // 90)


def _is_sideways(lines: list[Line]) -> bool:
    """Whether most text stands in boxes higher than wide, as it does where a page lies on its side."""
    long = [line for line in lines if len(line.text) > 2]
    return sum(_height(line) > _TALL * _width(line) for line in long) > _MOST * len(long)


def _height(line: Line) -> float:
    return line.box[3] - line.box[1]


def _width(line: Line) -> float:
    return line.box[2] - line.box[0]


def _sureness(made: _Reading) -> float:
    """Characters weighed by confidence, so that much sure text beats little; upside down they count half."""
    sure = sum(len(line.text) * (line.confidence - 0.5) for line in made.lines)
    return sure * (1 - 0.5 * made.flipped)
