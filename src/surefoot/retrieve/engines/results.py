"""Makes hits of what an engine sent. Everything in it comes from outside: text, titles, addresses, numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from surefoot.core.errors import DataError
from surefoot.core.lang import content_terms, detect, sentence_spans, terms
from surefoot.core.lang.invisible import strip_invisible
from surefoot.core.types import Chunk, Hit, Meta, MetaValue

_SCHEMES = frozenset({"", "http", "https", "ftp", "file", "s3"})
_LONGEST_URL = 2048
_LONGEST_TITLE = 300
_ID_CHARS = 16
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Result:
    """One result as the engine tells it. `signals` are raw numbers, named without the engine's name."""

    text: str
    id: str = ""
    title: str = ""
    url: str = ""
    score: float | None = None
    meta: Meta = field(default_factory=dict)
    signals: Mapping[str, float] = field(default_factory=dict)


def hits_of(results: Iterable[Result], name: str, question: str, max_chars: int) -> list[Hit]:
    """The results as hits in their order, those without text left out, each id once.

    The score is that of the engine where all have one that never rises, else the reciprocal of the rank.
    """
    made: dict[str, tuple[Chunk, Result]] = {}
    asked = frozenset(content_terms(question))
    for result in results:
        chunk = _chunk(result, name, asked, max_chars)
        if chunk is not None:
            made.setdefault(chunk.id, (chunk, result))
    scores = _falling([result.score for _, result in made.values()])
    return [
        Hit(
            chunk,
            scores[place] if scores else 1 / (place + 1),
            name,
            {f"{name}_{key}": value for key, value in result.signals.items()},
        )
        for place, (chunk, result) in enumerate(made.values())
    ]


def listed(raw: object, where: str, what: str) -> list[Any]:
    """A list that an engine sent.

    Raises:
        DataError: it is none.
    """
    if isinstance(raw, list):
        return raw
    raise DataError(
        f"the reply has no list of results at {what}",
        where=where,
        hint="check base_url, and that it speaks this engine's language",
    )


def shaped(raw: object, where: str, *path: str) -> Any:
    """What stands in a reply below these keys.

    Raises:
        DataError: something on the way is not there.
    """
    for key in path:
        raw = raw.get(key) if isinstance(raw, dict) else None
        if raw is None:
            raise DataError(
                f"the reply has no {'.'.join(path)}",
                where=where,
                hint="check base_url, and that it speaks this engine's language",
            )
    return raw


def dig(source: object, dotted: str) -> Any:
    """The value of a field: under its whole name, or below the tables that the dots name; None where there is none."""
    if not dotted or not isinstance(source, dict):
        return None
    if dotted in source:
        return source[dotted]
    first, dot, rest = dotted.partition(".")
    return dig(source.get(first), rest) if dot else None


def words(value: object) -> str:
    """A value as text: lists joined by lines, tables and nothing as no text."""
    if isinstance(value, list):
        return "\n".join(filter(None, map(words, value)))
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def number(value: object) -> float | None:
    """A finite number; None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def held(source: object, fields: Mapping[str, str]) -> dict[str, MetaValue]:
    """Metadata of a result: the values of these fields under the keys that a filter names, lists as texts."""
    found: dict[str, MetaValue] = {}
    for key, name in fields.items():
        value = dig(source, name)
        if isinstance(value, str):
            found[key] = strip_invisible(value)[0]
        elif isinstance(value, bool | int) or number(value) is not None:
            found[key] = value
        elif isinstance(value, list):
            found[key] = tuple(strip_invisible(words(item))[0] for item in value)
    return found


def safe_url(text: str) -> str:
    """The address where a person may be sent; empty for anything else, such as a script."""
    url = strip_invisible(text)[0].strip()
    if len(url) > _LONGEST_URL or re.search(r"[\s\x00-\x1f<>\"]", url):
        return ""
    try:
        return url if urlsplit(url).scheme.lower() in _SCHEMES else ""
    except ValueError:
        return ""


def without_tags(text: str) -> str:
    """The text of a piece of HTML, such as a snippet with marked words."""
    if "<" not in text and "&" not in text:
        return text
    from lxml import html
    from lxml.etree import LxmlError

    try:
        found = html.fragment_fromstring(strip_invisible(text)[0], create_parent=True)
    except (LxmlError, ValueError):
        return text
    return str(found.text_content())


def best_part(text: str, asked: frozenset[str], max_chars: int) -> tuple[int, int]:
    """The span of whole sentences, of at most so many characters, with most different words of the question.

    A sentence that is longer by itself is cut. Of equal spans the first is taken.
    """
    if len(text) <= max_chars:
        return 0, len(text)
    spans = [piece for span in sentence_spans(text) for piece in _cut(span, max_chars)]
    found = [asked.intersection(terms(text[start:end])) for start, end in spans]
    best, most = (0, 0), -1
    first = 0
    for last, (_, end) in enumerate(spans):
        while end - spans[first][0] > max_chars:
            first += 1
        count = len(frozenset().union(*found[first : last + 1]))
        if count > most:
            best, most = (first, last), count
    start = spans[best[0]][0]
    end = max(stop for begin, stop in spans[best[0] :] if stop - start <= max_chars)
    return start, end


def _cut(span: tuple[int, int], max_chars: int) -> list[tuple[int, int]]:
    start, end = span
    return [(at, min(at + max_chars, end)) for at in range(start, end, max_chars)]


def _chunk(result: Result, name: str, asked: frozenset[str], max_chars: int) -> Chunk | None:
    text = strip_invisible(result.text)[0]
    if not text.strip():
        return None
    url = safe_url(result.url)
    own = strip_invisible(result.id)[0].strip()
    if not own or len(own) > _LONGEST_ID:
        own = sha256(f"{result.id}\0{url}\0{text}".encode()).hexdigest()[:_ID_CHARS]
    start, end = best_part(text, asked, max_chars)
    title = " ".join(strip_invisible(result.title)[0].split())[:_LONGEST_TITLE]
    return Chunk(
        id=f"{name}:{own}",
        document_id=f"{name}:{own}",
        text=text[start:end],
        start=start,
        end=end,
        title=title,
        uri=url,
        lang=detect(text[start:end]),
        meta=result.meta,
        outside=True,
    )


def _falling(scores: Sequence[float | None]) -> list[float]:
    """The scores where all are there and none is higher than the one before; else nothing."""
    told = [score for score in scores if score is not None]
    if len(told) < len(scores) or any(after > before for before, after in pairwise(told)):
        return []
    return told
