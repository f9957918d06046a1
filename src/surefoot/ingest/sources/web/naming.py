"""Names for pages: the ids of their documents, and file names by which readers know what they are given."""

from __future__ import annotations

import re
import unicodedata
from mimetypes import guess_extension
from urllib.parse import unquote, urlsplit

_UNSAFE = re.compile(r"[^\w.-]+")
_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "application/pdf": ".pdf",
    "application/x-pdf": ".pdf",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/json": ".json",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "message/rfc822": ".eml",
}
# What servers say where they know nothing better: the name tells more.
_VAGUE = ("", "text/plain", "application/octet-stream", "binary/octet-stream", "application/zip")
_LONGEST = 80


def page_id(source: str, url: str, home: str) -> str:
    """The id of a page's document: the source's name and the URL's path; its host too where that is not `home`."""
    parts = urlsplit(url)
    path = "/".join(_readable(part) for part in parts.path.split("/"))
    query = f"?{_readable(parts.query)}" if parts.query else ""
    place = path if parts.netloc == home else f"/{parts.netloc}{path}"
    return f"{source}{place}{query}"


def file_name(url: str, media_type: str) -> str:
    """A name for a page's file, whose suffix says what the server says it is."""
    last = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2], errors="replace")
    stem, dot, suffix = unicodedata.normalize("NFC", last).rpartition(".")
    if not dot:
        stem, suffix = suffix, ""
    known = f".{suffix}" if re.fullmatch(r"\w{1,8}", suffix) else ""
    if media_type in _VAGUE:
        wanted = known or (".txt" if media_type == "text/plain" else "")
    else:
        wanted = _TYPES.get(media_type) or guess_extension(media_type) or known
    if wanted != known and suffix:
        stem = last if wanted == ".html" else stem
    name = _UNSAFE.sub("-", stem).strip("-.")[:_LONGEST] or "page"
    return name + wanted


def _readable(part: str) -> str:
    """A part of a URL as people write it, unless it would then mean something else."""
    try:
        text = unicodedata.normalize("NFC", unquote(part, errors="strict"))
    except UnicodeDecodeError:
        return part
    plain = text.isprintable() and not any(mark in text for mark in "/?#%\\")
    return text if plain else part
