"""Reads one file in this process: finds its format, reads it, and states what every format has in common."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from surefoot.core.errors import DataError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract.content import Content, fingerprint, open_file
from surefoot.ingest.extract.kinds import is_recording
from surefoot.ingest.extract.language import language_of
from surefoot.ingest.extract.markup import first_heading
from surefoot.ingest.extract.pages import form_feed_pages
from surefoot.ingest.extract.readers import read

if TYPE_CHECKING:
    from surefoot.config.solution import Limits
    from surefoot.ingest.extract.media.reader import MediaReader

# Lone surrogates cannot be stored as UTF-8, and a NUL ends strings in native code.
_SURROGATE = re.compile("[\ud800-\udfff]")


def extract(path: Path, limits: Limits) -> Extracted:
    """The text of a file and what the file says of itself. Unlike `ExtractorPool`, bounds no memory and time.

    An empty file gives an empty text. `digest` is the sha256 of the bytes that were read.

    Raises:
        DataError: naming the file, what is wrong with it and the remedy.
    """
    return with_language(read_file(path, limits))


def with_language(found: Extracted) -> Extracted:
    """Adds the language of the text to the meta values; what the file declares holds where none can be told."""
    language = language_of(found.text) if found.markup != "code" else ""
    return replace(found, meta={**found.meta, "language": language}) if language else found


def read_file(path: Path, limits: Limits, media: MediaReader | None = None) -> Extracted:
    """`extract` without the language of the text, whose model takes 75 MB and 0.6 s to load in each process.

    Raises:
        DataError: naming the file, what is wrong with it and the remedy.
        NeedsMedia: `media` leaves recognising text and speech to another process.
    """
    before = fingerprint(path)
    with open_file(path, _size_limits(path, limits, media)) as file:
        content = Content(path.name, file, limits, media=media)
        content.path = path
        try:
            found = read(content)
        except DataError as problem:
            if fingerprint(path) != before:
                raise _changed(path) from None
            raise DataError(
                problem.message, where=problem.where or str(path), hint=problem.hint
            ) from None
        except OSError as problem:
            raise DataError(
                f"cannot be read: {problem.strerror or problem}",
                where=str(path),
                hint="check the disk",
            ) from None
    if fingerprint(path) != before:
        raise _changed(path)
    return _complete(replace(found, digest=content.digest))


def _size_limits(path: Path, limits: Limits, media: MediaReader | None) -> Limits:
    """Recordings are read bit by bit and may be larger than other files."""
    if media is None or not is_recording(path.name):
        return limits
    most = max(limits.max_file_mb, media.settings.max_file_mb)
    return limits.model_copy(update={"max_file_mb": most})


def _changed(path: Path) -> DataError:
    return DataError("changed while it was read", where=str(path), hint="sync again")


def _complete(found: Extracted) -> Extracted:
    text, pages = _storable(found.text), found.pages
    if not pages and "\f" in text and found.markup != "code":
        text, pages = form_feed_pages(text)
    meta = dict(found.meta)
    if pages:
        meta.setdefault("pages", len(pages))
    title = found.title or (first_heading(text) if found.markup == "markdown" else "")
    return replace(found, text=text, pages=pages, title=_storable(title).strip(), meta=meta)


def _storable(text: str) -> str:
    if not text.isascii() and _SURROGATE.search(text):
        text = _SURROGATE.sub("\ufffd", text)
    return text.replace("\0", "\ufffd") if "\0" in text else text
