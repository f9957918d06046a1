"""Turns sources and contexts of a row into documents and spans of documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from surefoot.core.errors import DataError
from surefoot.core.lang import is_han
from surefoot.core.types import EvalCase, GoldSpan
from surefoot.evaluate.evalsets.library import Library
from surefoot.evaluate.evalsets.passages import Searchable

_LIST = re.compile(r"\s*[;；|\n]\s*")
_SHOWN_CHARS = 60
_NEARLY = 3  # of the documents that a search finds, in how many a quote is looked for that is not there verbatim
_TELLING_CHARS = 4  # a Han character counts as two


@dataclass(frozen=True, slots=True)
class Gold:
    """Documents and spans that answer; `notes` say what was not found."""

    documents: tuple[str, ...]
    spans: tuple[GoldSpan, ...] = ()
    notes: tuple[str, ...] = ()


def find_gold(sources: Sequence[str], quotes: Sequence[str], library: Library | None) -> Gold:
    """The documents that the sources name, and the spans in which the quotes stand.

    A quote is looked for in the sources, else in the documents that a search for it finds: letter for letter, then
    whatever its white space, width, case and markup, then nearly.

    Raises:
        DataError: sources or quotes are given and none of them leads to a document.
    """
    if library is None:
        return _as_written(sources, quotes)
    notes: list[str] = []
    named = list(dict.fromkeys(_named(sources, library, notes)))
    spans: list[GoldSpan] = []
    for quote in quotes:
        span = _span(quote, named, library)
        if span is None:
            notes.append(f"quote not found: {_short(quote)}")
        elif span not in spans:
            spans.append(span)
            notes += _ambiguous(quote, span, library)
    documents = dict.fromkeys([*named, *(span.document_id for span in spans)])
    if (sources or quotes) and not documents:
        raise DataError("; ".join(notes))
    return Gold(tuple(documents), tuple(spans), tuple(notes))


def place_answers(case: EvalCase, library: Library) -> EvalCase:
    """The case with gold spans where one of its answers stands in a relevant document exactly once.

    A case that has spans stays as it is; answers of a few letters say too little to be looked for.
    """
    if case.gold:
        return case
    spans = []
    for name, grade in case.relevant.items():
        text = library.text(name) if grade > 0 else None
        telling = [answer for answer in case.answers if _is_telling(answer)]
        places = {place for answer in telling for place in _places(text, answer)}
        if text is not None and len(places) == 1:
            start, end = places.pop()
            spans.append(GoldSpan(name, text.text[start:end], start, end, grade))
    return replace(case, gold=tuple(spans)) if spans else case


def _is_telling(answer: str) -> bool:
    letters = [char for char in answer if char.isalnum()]
    return len(letters) + sum(map(is_han, letters)) >= _TELLING_CHARS


def _places(text: Searchable | None, answer: str) -> Sequence[tuple[int, int]]:
    found = text.find(answer) if text is not None else None
    return found.places if found else ()


def _as_written(sources: Sequence[str], quotes: Sequence[str]) -> Gold:
    if quotes and not sources:
        raise DataError("a context without a source needs the workspace's documents")
    first = sources[0] if sources else ""
    spans = tuple(GoldSpan(first, quote) for quote in quotes) if len(sources) == 1 else ()
    notes = () if len(spans) == len(quotes) else ("several sources: quotes left out",)
    return Gold(tuple(dict.fromkeys(sources)), spans, notes)


def _named(sources: Iterable[str], library: Library, notes: list[str]) -> Iterator[str]:
    for source in sources:
        parts = [source] if library.named(source) else _LIST.split(source)
        for part in parts:
            found = library.named(part)
            if len(found) == 1:
                yield found[0]
            elif found:
                notes.append(f"source may be any of {len(found)} documents: {_short(part)}")
            else:
                notes.append(f"source not found: {_short(part)}")


def _span(quote: str, named: Sequence[str], library: Library) -> GoldSpan | None:
    for search in (_exactly, _nearly):
        if span := search(quote, named, library):
            return span
    if named:
        return None
    likely = library.likely(quote)
    return _exactly(quote, likely, library) or _nearly(quote, likely[:_NEARLY], library)


def _ambiguous(quote: str, span: GoldSpan, library: Library) -> Iterator[str]:
    count = len(_places(library.text(span.document_id), quote))
    if count > 1:
        yield f"quote stands {count} times in its document, the first is taken: {_short(quote)}"


def _exactly(quote: str, names: Iterable[str], library: Library) -> GoldSpan | None:
    for name in names:
        text = library.text(name)
        found = text.find(quote) if text else None
        if text and found:
            start, end = found.places[0]
            return GoldSpan(name, text.text[start:end], start, end)
    return None


def _nearly(quote: str, names: Iterable[str], library: Library) -> GoldSpan | None:
    for name in names:
        text = library.text(name)
        place = text.find_near(quote) if text else None
        if text and place:
            return GoldSpan(name, text.text[place[0] : place[1]], *place)
    return None


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN_CHARS else f"{flat[: _SHOWN_CHARS - 1]}…"
