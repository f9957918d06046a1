"""Reads sitemaps: XML, packed XML or plain lists, and indexes of them. Fetches nothing."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from surefoot.core.errors import DataError

_MOST_BYTES = 50_000_000
_MOST_URLS = 50_000


@dataclass(frozen=True, slots=True)
class Map:
    """The pages that a sitemap lists, with the time of their last change in its own words, and further sitemaps."""

    pages: dict[str, str] = field(default_factory=dict)
    maps: tuple[str, ...] = ()


def read_map(body: bytes, where: str) -> Map:
    """What a sitemap lists, as it stands there.

    Raises:
        DataError: it is none, is damaged, or is larger than the protocol allows (50 MB, 50,000 URLs).
    """
    if body.startswith(b"\x1f\x8b"):
        body = _unpacked(body, where)
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = body.decode("utf-8-sig", "replace").split()
        return Map(pages=dict.fromkeys(_limited(iter(lines), where), ""))
    pages: dict[str, str] = {}
    maps: list[str] = []
    for kind, url, lastmod in _entries(body, where):
        if kind == "sitemap":
            maps.append(url)
        else:
            pages[url] = lastmod
        if len(pages) + len(maps) > _MOST_URLS:
            raise _too_large(where)
    return Map(pages, tuple(maps))


def _entries(body: bytes, where: str) -> Iterator[tuple[str, str, str]]:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    found: dict[str, str] = {}
    try:
        for _, element in iterparse(io.BytesIO(body), forbid_dtd=True):
            tag = element.tag.rpartition("}")[2]
            # The loc of an image or video has a namespace of its own, and stands deeper.
            if tag in ("loc", "lastmod") and "image" not in element.tag:
                found.setdefault(tag, (element.text or "").strip())
            elif tag in ("url", "sitemap"):
                if found.get("loc"):
                    yield tag, found["loc"], found.get("lastmod", "")
                found = {}
                element.clear()
    except (ParseError, DefusedXmlException, ValueError) as problem:
        reason = f"is no sitemap ({problem})"[:200]
        raise DataError(reason, where=where, hint="check the address") from None


def _unpacked(body: bytes, where: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(body, _MOST_BYTES + 1)
    except zlib.error:
        raise DataError("is damaged: it cannot be unpacked", where=where) from None
    if len(text) > _MOST_BYTES:
        raise _too_large(where)
    return text


def _limited(lines: Iterator[str], where: str) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number >= _MOST_URLS:
            raise _too_large(where)
        if line.startswith(("http://", "https://")):
            yield line


def _too_large(where: str) -> DataError:
    return DataError(
        "is larger than a sitemap may be (50 MB, 50,000 URLs)", where=where, hint="split it"
    )
