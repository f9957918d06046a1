"""Finds which passages a reply names or says again, and leaves its words as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from surefoot.core.lang import content_terms, fold
from surefoot.core.types import Chunk, Citation, Lang
from surefoot.generate.checking.citations import claims
from surefoot.generate.checking.verify import Source, best_source

_SLOT = re.compile(r"([^\W\d_][^\W\d]*)[\[【［]([^\[\]【】［］]*)[\]】］]")
_SOURCE_SLOTS: Final = frozenset(
    [
        *("source", "sources", "passage", "passages", "document", "documents", "reference"),
        *("来源", "出处", "资料", "文档", "段落", "依据"),
    ]
)
_NUMBER = re.compile(r"\d{1,3}")
_ONLY_NUMBERS = re.compile(r"[\d\s,，、;；.]*")


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is said at `text[start:end]`, and the passages named for it."""

    start: int
    end: int
    words: str
    numbers: tuple[int, ...]


def named_sources(text: str, passages: Sequence[Chunk], lang: Lang) -> tuple[Citation, ...]:
    """The passages that a reply rests on, where it names them or where they say the same.

    It names them by `[2]`, or in a slot such as `source[2]` or `来源[...]` by number, title or document id. Passage
    `n` is `passages[n - 1]`. A named passage that does not say the same is cited as not supporting.
    """
    found: list[Citation] = []
    for piece in _pieces(text, passages):
        named = [_weighed(piece.words, n, passages[n - 1], lang) for n in piece.numbers]
        for source in named or _saying(piece.words, passages, lang):
            found.append(_citation(source, piece))
    return tuple(found)


def _pieces(text: str, passages: Sequence[Chunk]) -> Iterator[_Piece]:
    """The values of the slots of a reply that begins with one, else the sentences; `Holm[2]` is a sentence's mark."""
    slots = list(_SLOT.finditer(text)) if _SLOT.match(text) else []
    if all(_ONLY_NUMBERS.fullmatch(slot[2]) and not _names(slot) for slot in slots):
        for claim in claims(text):
            known = tuple(n for n in claim.numbers if 0 < n <= len(passages))
            yield _Piece(claim.start, claim.end, claim.words, known)
        return
    naming = [slot for slot in slots if _names(slot)]
    numbers = tuple(dict.fromkeys(n for slot in naming for n in _named(slot[2], passages)))
    said = [slot for slot in slots if slot not in naming and slot[2].strip()]
    for slot in said:
        yield _Piece(*slot.span(2), slot[2].strip(), numbers)
    if not said and numbers:
        yield _Piece(0, len(text), text, numbers)


def _names(slot: re.Match[str]) -> bool:
    """Whether a slot names passages."""
    return slot[1].lower() in _SOURCE_SLOTS


def _named(value: str, passages: Sequence[Chunk]) -> Iterator[int]:
    """The numbers of the passages that a slot names."""
    if _ONLY_NUMBERS.fullmatch(value):
        yield from (n for n in map(int, _NUMBER.findall(value)) if 0 < n <= len(passages))
        return
    wanted = fold(value)
    for number, chunk in enumerate(passages, 1):
        if wanted in (fold(chunk.title), fold(chunk.document_id), fold(chunk.id)):
            yield number


def _saying(words: str, passages: Sequence[Chunk], lang: Lang) -> list[Source]:
    """The one passage that says the words best, where they say anything."""
    if not content_terms(words):
        return []
    sources = [_weighed(words, n, chunk, lang) for n, chunk in enumerate(passages, 1)]
    held = [source for source in sources if source.supported]
    return [max(held, key=lambda source: (source.score, -source.number))] if held else []


def _weighed(words: str, number: int, chunk: Chunk, lang: Lang) -> Source:
    """What of the passage supports the words; the words themselves where they stand in it."""
    source = best_source(words, number, chunk, lang)
    if source.supported:
        return source
    at = chunk.text.lower().find(words.lower())
    if at < 0 or len(chunk.text.lower()) != len(chunk.text):
        return source
    start = chunk.start + at
    return replace(source, start=start, end=start + len(words), supported=True, score=1.0)


def _citation(source: Source, piece: _Piece) -> Citation:
    return Citation(
        number=source.number,
        start=piece.start,
        end=piece.end,
        chunk=source.chunk,
        source_start=source.start,
        source_end=source.end,
        quote=source.quote,
        supported=source.supported,
    )
