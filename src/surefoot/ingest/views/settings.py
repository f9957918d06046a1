"""What all views have in common: a name, and the title before each text."""

from __future__ import annotations

import re
from itertools import islice

from pydantic import Field, field_validator

from surefoot.config.base import PartSettings
from surefoot.core.lang import sentence_spans
from surefoot.core.roles import PASSAGE
from surefoot.core.types import Chunk

_LETTERS = re.compile(r"[^\W_]")
_LEAST_CHARS = 4


class ViewSettings(PartSettings):
    """What the settings of every view hold."""

    name: str = Field(
        default="",
        pattern=r"^[\w-]{0,40}$",
        description="what a search calls this view; its kind where empty",
    )
    title: bool = Field(default=True, description="put the document's title before each text")

    @field_validator("name")
    @classmethod
    def _is_free(cls, name: str) -> str:
        if name in (PASSAGE, "head"):
            raise ValueError(f"{name} is the name of the text itself")
        return name


def view_name(settings: ViewSettings) -> str:
    """What a search calls the view."""
    return settings.name or settings.kind


def headed(chunk: Chunk, text: str, *, title: bool) -> str:
    """The text with the title of its document on a line before it, unless it begins with it."""
    name = " ".join(chunk.title.split())
    held = text.startswith(name) and not text[len(name) : len(name) + 1].isalnum()
    return f"{name}\n{text}" if title and name and not held else text


def sentences_of(text: str) -> list[str]:
    """The sentences that say something, in order."""
    found = (text[start:end] for start, end in sentence_spans(text))
    return [sentence for sentence in found if says_something(sentence)]


def says_something(text: str) -> bool:
    """Whether there are at least a few letters or digits in it."""
    return sum(1 for _ in islice(_LETTERS.finditer(text), _LEAST_CHARS)) == _LEAST_CHARS
