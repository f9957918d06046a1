"""What a reading process is to do with scans, pictures and recordings, and what it may use for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from surefoot.config.base import Settings
from surefoot.config.media import Media
from surefoot.config.solution import Limits

Need = Literal["ocr", "speech"]
Way = Literal["read", "leave", "off", "absent"]
"""Whether media are read here, left to another process, not wanted, or not possible with what is installed."""

NEEDS: tuple[Need, ...] = ("ocr", "speech")
HOW: dict[Need, str] = {
    "ocr": "text in pictures is read by OCR",
    "speech": "speech is read by speech recognition",
}
REMEDY = 'pip install "surefoot[media]", then surefoot sync'


def not_installed(need: Need) -> str:
    """The words by which a file is known that was not read, or not whole, because packages are missing."""
    return f"{HOW[need]}, which is not installed"


def lacks_packages(reason: str, needs: Iterable[Need] = NEEDS) -> bool:
    """Whether a file was not read, or not whole, because the packages for one of these needs are missing."""
    return any(not_installed(need) in reason for need in needs)


class Orders(Settings):
    """The first line that a reading process is given. `weights` is the folder of the speech model."""

    limits: Limits = Limits()
    media: Media = Media()
    ocr: Way = "absent"
    speech: Way = "absent"
    weights: str = ""
    threads: int = 1


class NeedsMedia(Exception):
    """The file is to be read again in the process that recognises text and speech."""

    def __init__(self, need: Need) -> None:
        super().__init__(need)
        self.need: Need = need
