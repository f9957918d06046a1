"""A document as questions are made from it: sections under their headings, with sentences as they read in print."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from surefoot.core.lang import detect, sentence_spans
from surefoot.core.types import Document, Lang
from surefoot.ingest.blocks import Block, blocks

_LINK = re.compile(r"!?\[([^\]\n]*)\](?:\([^)\n]*\)|\[[^\]\n]*\])")
_TARGET = re.compile(r"\]\([^)\n]*\)|<[a-z/][^<>]*>", re.IGNORECASE)
_HAN_STOP = re.compile(r"(?<=[\u4e00-\u9fff])\.(?=[\u4e00-\u9fff])")
_TAG = re.compile(r"</?[a-z][a-z0-9-]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BOLD = re.compile(r"(?<![A-Za-z0-9_*])(\*{1,3})(?=\S)([^*\n]+?)(?<=\S)\1(?![A-Za-z0-9_*])")
_ANCHOR = re.compile(r"\s*\{\s*#[^}\n]*\}")
_SIGN = re.compile(r"[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]")
_MARK = re.compile(
    r"^\s*(?:[-*+•·>]\s+|\d{1,3}[.)]\s+|\d{1,3}、|[（(]?[一二三四五六七八九十\d]{1,3}[)）、]\s*)+"
)
_MACHINERY = re.compile(r"\s*(?:///|\{\*|\{%|\{\{|:::|!!!|<!--|\[\^|<[a-z/])", re.IGNORECASE)
_TABLE_RULE = re.compile(r"\s*\|?[\s:|-]+\|?\s*$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` is how `document.text[start:end]` reads in print; `place` counts from 0 in its block."""

    text: str
    start: int
    end: int
    block: int
    place: int = 0
    item: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a section: its columns, and the cells of each row with the row's span in the document."""

    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], int, int], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading up to the next of any level; `heading` is empty before the first."""

    heading: str
    path: tuple[str, ...]
    level: int
    blocks: tuple[Block, ...]
    sentences: tuple[Sentence, ...]
    tables: tuple[Table, ...] = ()

    @property
    def words(self) -> str:
        """Its sentences, one a line."""
        return "\n".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class Page:
    """A document with its sections, in one language."""

    document: Document
    lang: Lang
    title: str
    sections: tuple[Section, ...]


def read_page(document: Document) -> Page:
    """The document's sections in order; code, machinery of the format and blank sections have no sentences."""
    found: list[Section] = []
    inside: list[Block] = []
    head: Block | None = None
    for block in blocks(document.text, document.markup):
        if block.kind == "heading":
            found += _section(document, head, inside)
            head, inside = block, []
        else:
            inside.append(block)
    found += _section(document, head, inside)
    first = next((section.path[0] for section in found if section.path), "")
    if document.title and not first:
        found = [_titled(section, _title(document.title)) for section in found]
    prose = "\n".join(section.words for section in found)
    lang = detect(prose) if prose else document.lang
    return Page(document, lang, _title(document.title or first), tuple(found))


def in_print(text: str) -> str:
    """A piece of Markdown as it reads: link and emphasis marks, tags, anchors and pictures of faces gone."""
    text = _LINK.sub(r"\1", _ANCHOR.sub("", text))
    text = _BOLD.sub(r"\2", _TAG.sub("", text)).replace("`", "").replace("**", "")
    return " ".join(_SIGN.sub("", html.unescape(text)).split())


def _title(title: str) -> str:
    """A title as it reads; words joined by underscores stand apart."""
    plain = in_print(title)
    return plain if " " in plain else plain.replace("_", " ").strip()


def _titled(section: Section, title: str) -> Section:
    """A section of a document without headings, under the document's title."""
    return replace(section, heading=title, path=(title,), level=1)


def _section(document: Document, head: Block | None, inside: Sequence[Block]) -> Iterator[Section]:
    text = document.text
    kept = [b for b in inside if not _MACHINERY.match(text, b.start, b.end)]
    if head is None and not kept:
        return
    path = tuple(in_print(name) for name in head.path) if head else ()
    yield Section(
        heading=path[-1] if path else "",
        path=path,
        level=head.level if head else 0,
        blocks=tuple(kept),
        sentences=tuple(_sentences(text, kept)),
        tables=tuple(table for b in kept if b.kind == "table" for table in _table(text, b)),
    )


def _sentences(text: str, kept: Sequence[Block]) -> Iterator[Sentence]:
    for number, block in enumerate(kept):
        if block.kind not in ("text", "item"):
            continue
        raw = text[block.start : block.end]
        mark = _MARK.match(raw) if block.kind == "item" else None
        first = mark.end() if mark else 0
        for place, (start, end) in enumerate(sentence_spans(_endings(raw[first:]))):
            said = in_print(raw[first + start : first + end])
            if said and "](" not in said and not _MACHINERY.match(raw, first + start):
                begin = block.start + first
                yield Sentence(
                    said, begin + start, begin + end, number, place, block.kind == "item"
                )


def _endings(text: str) -> str:
    """As long a text in which sentences end where they do: link targets end none, a full stop between Han does."""
    return _HAN_STOP.sub("。", _TARGET.sub(_masked, text))


def _masked(target: re.Match[str]) -> str:
    """As many letters in the place of a link's target or a tag, so that its signs end no sentence."""
    return "x" * len(target.group())


def _table(text: str, block: Block) -> Iterator[Table]:
    lines: list[tuple[str, int, int]] = []
    start = block.start
    for line in text[block.start : block.end].split("\n"):
        lines.append((line, start, start + len(line)))
        start += len(line) + 1
    if len(lines) < 3 or not _TABLE_RULE.match(lines[1][0]):
        return
    columns = _cells(lines[0][0])
    rows = [(_cells(line), a, b) for line, a, b in lines[2:] if line.strip()]
    whole = tuple(row for row in rows if len(row[0]) == len(columns))
    if whole:
        yield Table(columns, whole)


def _cells(line: str) -> tuple[str, ...]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return tuple(in_print(cell) for cell in re.split(r"(?<!\\)\|", inner))
