"""The engines of one reading process, opened when first needed, and the steps by which its limits move on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from surefoot.core.errors import DataError
from surefoot.ingest.extract.media.orders import (
    HOW,
    REMEDY,
    Need,
    NeedsMedia,
    Orders,
    not_installed,
)

if TYPE_CHECKING:
    from surefoot.models.media import Line, Ocr, Said, Speech
    from surefoot.models.media.ocr import Pixels

Step = Callable[[float, float, str], None]
"""Told before each page and stretch of sound: what is done, what there is in all (0 = unknown), and in what unit."""

_SETTINGS: dict[Need, str] = {
    "ocr": 'set corpus.media.ocr = "auto"',
    "speech": "set corpus.media.speech = true",
}


class MediaReader:
    """Recognises text and speech, or says why not. `opening` runs before an engine is opened."""

    def __init__(
        self,
        orders: Orders,
        step: Step | None = None,
        opening: Callable[[], None] | None = None,
    ) -> None:
        self.settings = orders.media
        self._orders = orders
        self._told = step
        self._opening = opening
        self._ocr: Ocr | None = None
        self._speech: Speech | None = None

    @property
    def is_open(self) -> bool:
        """Whether an engine was opened."""
        return self._ocr is not None or self._speech is not None

    def require(self, need: Need, what: str) -> None:
        """Passes where the need can be met here; `what` begins the message, such as "is a picture".

        Raises:
            NeedsMedia: another process is to read the file.
            DataError: it is not wanted, or not installed.
        """
        if (problem := self.refusal(need, what)) is not None:
            raise problem
        if self._way(need) == "leave":
            raise NeedsMedia(need)

    def refusal(self, need: Need, what: str) -> DataError | None:
        """Why the need is not met, or None where it is, here or in another process."""
        way = self._way(need)
        if way == "absent":
            return DataError(f"{what}; {not_installed(need)}", hint=REMEDY)
        if way == "off":
            return DataError(f"{what}; {HOW[need]}, which is switched off", hint=_SETTINGS[need])
        return None

    def lines(self, picture: Pixels, done: int, total: int) -> tuple[list[Line], int]:
        """The lines that are sure enough, and the turn, of page `done` (from 0) of `total`."""
        if self._ocr is None:
            from surefoot.models.media import Ocr

            self._open()
            self._ocr = Ocr(self._orders.threads)
        self._step(done, total, "pages")
        return self._ocr.lines(picture)

    def said(self, path: Path) -> Iterator[Said]:
        """What is said in a recording.

        Raises:
            DataError: it holds no sound, or is damaged.
        """
        from surefoot.models.media import Said, Speech
        from surefoot.models.media.sound import duration

        if self._speech is None:
            self._open()
            self._speech = Speech(Path(self._orders.weights), self._orders.threads)
        total = duration(path)
        self._step(0.0, total, "s")
        settings = self.settings
        for found in self._speech.said(
            path, language=settings.language, only_voice=settings.only_voice
        ):
            if isinstance(found, Said):
                yield found
            else:
                self._step(found, total, "s")

    def _open(self) -> None:
        if self._opening is not None:
            self._opening()

    def _step(self, done: float, total: float, unit: str) -> None:
        if self._told is not None:
            self._told(done, total, unit)

    def _way(self, need: Need) -> str:
        return self._orders.ocr if need == "ocr" else self._orders.speech
