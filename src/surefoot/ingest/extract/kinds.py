"""Tells what format a file has, from its first bytes, then its name, then whether it reads as text."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Literal

from surefoot.core.errors import DataError
from surefoot.ingest.extract.content import Content

Kind = Literal[
    "pdf", "docx", "pptx", "xlsx", "xls", "ods", "odt", "rtf", "epub", "html", "markdown", "text", "csv", "json",
    "jsonl", "xml", "eml", "msg", "ipynb", "subtitles", "code", "image", "audio", "encrypted",
]  # fmt: skip

_BY_SUFFIX: dict[Kind, str] = {
    "pdf": "pdf",
    "docx": "docx docm dotx",
    "pptx": "pptx pptm ppsx",
    "xlsx": "xlsx xlsm xltx",
    "xls": "xls",
    "ods": "ods",
    "odt": "odt",
    "rtf": "rtf",
    "epub": "epub",
    "html": "html htm xhtml shtml",
    "markdown": "md markdown mdown mkd mdx qmd rmd",
    "text": "txt text log rst adoc asciidoc tex org me readme",
    "csv": "csv tsv tab psv",
    "json": "json geojson webmanifest",
    "jsonl": "jsonl ndjson",
    "xml": "xml rss atom opml xsd xsl xslt wsdl kml gpx tei",
    "eml": "eml",
    "msg": "msg",
    "ipynb": "ipynb",
    "subtitles": "vtt srt",
    "image": "png jpg jpeg gif bmp tif tiff webp heic heif avif",
    "audio": "mp3 wav m4a flac ogg opus aac wma mp4 mkv mov webm avi",
    "code": "py pyi js mjs cjs jsx ts tsx java kt kts scala go rs c h cc cpp cxx hpp hh cs fs vb rb php pl pm r jl lua "
    "swift m mm dart ex exs erl hs ml clj groovy sh bash zsh fish ps1 bat cmd sql css scss less vue svelte toml yaml "
    "yml ini cfg conf properties env gradle cmake mk dockerfile tf proto graphql asm s v sv vhd f90 f pas ada",
}
_SUFFIX: dict[str, Kind] = {
    f".{suffix}": kind for kind, names in _BY_SUFFIX.items() for suffix in names.split()
}
_CODE_NAMES = frozenset(
    ("makefile", "dockerfile", "rakefile", "gemfile", "jenkinsfile", "cmakelists.txt")
)
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"ID3", "audio"),
    (b"fLaC", "audio"),
    (b"OggS", "audio"),
    (b"\x1aE\xdf\xa3", "audio"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_ROOTS: tuple[tuple[str, Kind], ...] = (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"))
_ZIP_MIMES: dict[bytes, Kind] = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}
_LEGACY = {
    ".doc": ".docx",
    ".ppt": ".pptx",
    ".odp": ".pptx",
    ".pages": ".docx",
    ".numbers": ".xlsx",
    ".wps": ".docx",
}
_MAIL_HEADER = re.compile(
    rb"^(?:From|Received|Return-Path|Delivered-To|MIME-Version|Message-ID|Subject|Date): ", re.I
)
_SUBTITLE = re.compile(rb"^(?:\xef\xbb\xbf)?(?:WEBVTT\b|1\r?\n\d\d:\d\d:\d\d[,.]\d{3} --> )")


def kind_of(content: Content) -> Kind:
    """The format of the content.

    Raises:
        DataError: when it is of no supported format, or not what its name says.
    """
    by_name = _SUFFIX.get(content.suffix)
    if content.name.lower() in _CODE_NAMES:
        by_name = "code"
    by_bytes = _by_bytes(content)
    if by_bytes and not (by_bytes == "audio" and by_name not in (None, "audio")):
        return by_bytes
    if by_name in ("pdf", "docx", "pptx", "xlsx", "xls", "ods", "odt", "epub", "msg"):
        raise DataError(
            f"is damaged: it does not begin as a {content.suffix} file does",
            hint="open it in its own program and save it again",
        )
    if by_name in ("image", "audio"):
        return by_name
    if _is_binary(content.head):
        raise _unsupported(content)
    return by_name or _by_text(content.head)


def is_recording(name: str) -> bool:
    """Whether a file's name is that of sound or film."""
    return _SUFFIX.get(f".{name.rpartition('.')[2].lower()}") == "audio"


def _by_bytes(content: Content) -> Kind | None:
    head = content.head
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _by_zip(content)
    if head.startswith(_OLE):
        return _by_ole(content)
    if head[:4] == b"RIFF" and head[8:12] in (b"WAVE", b"AVI ", b"WEBP"):
        return "image" if head[8:12] == b"WEBP" else "audio"
    if head[4:8] == b"ftyp":
        return "image" if head[8:12] in (b"heic", b"avif", b"mif1") else "audio"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)


def _by_zip(content: Content) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
        raise DataError(
            "is damaged: it is cut off or not a whole container",
            hint="open it in its own program and save it again",
        ) from None
    for root, kind in _ZIP_ROOTS:
        if any(name.startswith(root) for name in names):
            return kind
    # The OpenDocument and EPUB standards put this entry first and uncompressed.
    for mime, kind in _ZIP_MIMES.items():
        if re.search(
            rb"mimetype(?:....)?" + re.escape(mime) + rb"(?![.-])", content.head[:200], re.DOTALL
        ):
            return kind
    if _SUFFIX.get(content.suffix) in ("epub", "odt", "ods"):
        return _SUFFIX[content.suffix]
    raise _unsupported(content)


def _by_ole(content: Content) -> Kind:
    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in content.data

    if holds("EncryptedPackage"):
        return "encrypted"
    if holds("__properties_version1.0"):
        return "msg"
    if holds("WordDocument") or holds("PowerPoint Document"):
        raise _unsupported(content)
    if holds("Workbook") or holds("Book"):
        return "xls"
    raise _unsupported(content)


def _by_text(head: bytes) -> Kind:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512]
    if re.match(rb"(?i)<!doctype html|<html[\s>]", start):
        return "html"
    if start.startswith(b"<?xml"):
        return "html" if b"<html" in head[:2048] else "xml"
    if _SUBTITLE.match(head):
        return "subtitles"
    if _MAIL_HEADER.match(start) and len(re.findall(rb"(?m)^[A-Za-z-]+: ", start)) >= 3:
        return "eml"
    return "text"


def _is_binary(head: bytes) -> bool:
    """UTF-16 holds NUL bytes too, but on one side only or behind a mark."""
    if b"\0" not in head or head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:4] == b"\0\0\xfe\xff":
        return False
    even, odd = head[0::2].count(0), head[1::2].count(0)
    controls = sum(head.count(code) for code in (1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16))
    return min(even, odd) > 0 or controls > len(head) // 100


def _unsupported(content: Content) -> DataError:
    wanted = _LEGACY.get(content.suffix)
    remedy = (
        f"save it as {wanted}"
        if wanted
        else "convert it to PDF, DOCX, HTML or text, or leave it out"
    )
    return DataError(
        f"files of the type {content.suffix or 'without a name'} are not read", hint=remedy
    )
