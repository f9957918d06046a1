"""PowerPoint files: each slide is a page, with its speaker notes below it."""

from __future__ import annotations

import posixpath
import re
import zipfile
from typing import TYPE_CHECKING

from surefoot.core.roles import Extracted
from surefoot.ingest.extract.archive import checked_archive, read_member
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.convert import convert, document_facts
from surefoot.ingest.extract.facts import said
from surefoot.ingest.extract.pages import join_pages
from surefoot.ingest.extract.xmltext import parse_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MIME = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_MARK = re.compile("\ue0f0(\\d+)\ue0f1")
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def read_slides(content: Content) -> Extracted:
    """Markdown, `pages` holding where each slide starts.

    Raises:
        DataError: when the file is damaged, encrypted or a zip bomb.
    """
    with checked_archive(content) as archive:
        converted = convert(content.data, _MIME)
        notes = _notes(archive)
    slides = _slides(converted.text)
    for number, words in enumerate(notes):
        if words and number < len(slides) and words not in slides[number]:
            slides[number] = f"{slides[number].rstrip()}\n\n{words}"
    text, pages = join_pages(slides)
    return Extracted(
        text=text,
        title=said(converted.metadata.get("title")).removesuffix("PowerPoint Presentation"),
        pages=pages,
        meta=document_facts(converted.metadata) | {"pages": len(pages)},
    )


def _slides(text: str) -> list[str]:
    pieces = _MARK.split(text)
    return [piece.strip("\n") for piece in pieces[2::2]] if len(pieces) > 1 else [text]


def _notes(archive: zipfile.ZipFile) -> list[str]:
    """The speaker notes of each slide in the order of the show, empty where there are none."""
    names = set(archive.namelist())
    targets = _relations(archive, "ppt/presentation.xml", names)
    if "ppt/presentation.xml" not in names:
        return []
    show = parse_xml(read_member(archive, "ppt/presentation.xml"))
    slides = [targets.get(item.get(f"{_R}id", ""), "") for item in show.iter(f"{_P}sldId")]
    found = []
    for slide in slides:
        related = _relations(archive, slide, names).values()
        note = next((name for name in related if "/notesSlides/" in name and name in names), None)
        found.append(_words(parse_xml(read_member(archive, note))) if note else "")
    return found


def _relations(archive: zipfile.ZipFile, part: str, names: set[str]) -> dict[str, str]:
    folder, name = posixpath.split(part)
    path = f"{folder}/_rels/{name}.rels"
    if path not in names:
        return {}
    return {
        item.get("Id", ""): posixpath.normpath(
            posixpath.join(folder, item.get("Target", ""))
        ).lstrip("/")
        for item in parse_xml(read_member(archive, path))
    }


def _words(notes: Element) -> str:
    """The paragraphs of the notes' body; the slide number and date are other placeholders."""
    paragraphs = []
    for shape in notes.iter(f"{_P}sp"):
        place = shape.find(f".//{_P}ph")
        if place is not None and place.get("type") == "body":
            for paragraph in shape.iter(f"{_A}p"):
                words = "".join(run.text or "" for run in paragraph.iter(f"{_A}t")).strip()
                paragraphs += [words] if words else []
    return "\n\n".join(paragraphs)
