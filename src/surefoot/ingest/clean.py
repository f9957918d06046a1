"""Cleans extracted text and keeps its page offsets exact. Pure: text and pages in, text and pages out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from surefoot.config.solution import Cleaning
from surefoot.core.lang.invisible import strip_invisible
from surefoot.core.lang.private import find_private, masked
from surefoot.core.types import Markup, Region
from surefoot.ingest.boilerplate import drop_repeated
from surefoot.ingest.extract.pages import form_feed_pages
from surefoot.ingest.realign import moved_regions

_HYPHEN = re.compile(r"[-\u2010](?<=[^\W\d_]{2}[-\u2010])\n[ \t]*(?=[^\W\d_A-Z]{2})")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)+|[^\W\d_]+")
_TRAILING = re.compile(r"[ \t\u3000](?<![ \t\u3000]{2})[ \t\u3000]*+(?=\n)")
_BLANK = re.compile(r"\n{3,}")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_BREAK = re.compile(rf"(?<=[{_HAN}，、；：])\n(?=[{_HAN}])")
_FULL_LINE = 0.8
_COMMENT = re.compile(
    r"(?P<code>^ {0,3}```.*?(?:^ {0,3}```|\Z)|`[^`\n]+`)|<!--.*?-->", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Cleaned text, the offset at which each page starts in it, how many of what were taken out, and its regions."""

    text: str
    pages: tuple[int, ...] = ()
    removed: Mapping[str, int] = field(default_factory=dict)
    regions: tuple[Region, ...] = ()


def clean(
    text: str,
    pages: Sequence[int] = (),
    *,
    settings: Cleaning = Cleaning(),
    markup: Markup = "plain",
    regions: Sequence[Region] = (),
) -> Cleaned:
    """NFC text without invisible characters, repeated page edges, hyphenation and stray blank lines.

    Form feeds divide pages where none are given. Code keeps its lines as they are.
    """
    if not pages and "\f" in text:
        text, pages = form_feed_pages(text)
    parts = _divided(text, pages)
    counts: Counter[str] = Counter()
    if settings.invisible:
        parts = [_visible(part, counts) for part in parts]
        if markup == "markdown":
            parts = [_uncommented(part, counts) for part in parts]
    parts = [unicodedata.normalize("NFC", part) for part in parts]
    if settings.repeated_lines and pages:
        parts, counts["repeated header or footer lines"] = drop_repeated(parts)
    if settings.pii == "mask":
        parts = [_unnamed(part, counts) for part in parts]
    if markup != "code":
        if settings.hyphenation:
            parts = _joined(parts, counts, paged=bool(pages))
        parts = [_BLANK.sub("\n\n", _TRAILING.sub("", part)) for part in parts]
    cleaned = "".join(parts)
    return Cleaned(
        cleaned,
        _offsets(parts) if pages else (),
        {what: n for what, n in counts.items() if n},
        moved_regions(regions, text, cleaned) if regions else (),
    )


def _divided(text: str, pages: Sequence[int]) -> list[str]:
    if not pages:
        return [text]
    starts = [0, *pages[1:]]
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def _offsets(parts: Sequence[str]) -> tuple[int, ...]:
    starts, length = [], 0
    for part in parts:
        starts.append(length)
        length += len(part)
    return tuple(starts)


def _visible(part: str, counts: Counter[str]) -> str:
    seen, removed = strip_invisible(part)
    counts["invisible characters"] += removed
    return seen


def _uncommented(part: str, counts: Counter[str]) -> str:
    """Without the comments of Markdown, which nobody sees; in code they stay."""
    if "<!--" not in part:
        return part

    def gone(match: re.Match[str]) -> str:
        if match["code"]:
            return match.group()
        counts["comments"] += 1
        return ""

    return _COMMENT.sub(gone, part)


def _unnamed(part: str, counts: Counter[str]) -> str:
    found = sum(1 for _ in find_private(part))
    counts["personal data"] += found
    return masked(part) if found else part


def _joined(parts: Sequence[str], counts: Counter[str], *, paged: bool) -> list[str]:
    """Words cut at line ends put together; a hyphen stays where the text has the word with it elsewhere."""
    if not any(_HYPHEN.search(part) for part in parts) and not paged:
        return list(parts)
    words = Counter(word.lower() for part in parts for word in _WORD.findall(part))

    def join(match: re.Match[str]) -> str:
        counts["hyphens at line ends"] += 1
        before = _WORD.findall(match.string[max(0, match.start() - 60) : match.start()])
        after = _WORD.match(match.string[match.end() : match.end() + 60])
        left = before[-1].lower() if before else ""
        right = after.group().partition("-")[0].lower() if after else ""
        return "-" if words[f"{left}-{right}"] > words[left + right] else ""

    made = [_HYPHEN.sub(join, part) for part in parts]
    return [_han_lines(part, counts) for part in made] if paged else made


def _han_lines(part: str, counts: Counter[str]) -> str:
    """Chinese lines that were broken because the page ended there, not the paragraph."""
    if not _HAN_BREAK.search(part):
        return part
    lengths = sorted(len(line) for line in part.split("\n") if line.strip())
    full = lengths[int(len(lengths) * 0.9)] * _FULL_LINE

    def join(match: re.Match[str]) -> str:
        line = match.start() - (part.rfind("\n", 0, match.start()) + 1)
        if line < full:
            return "\n"
        counts["line breaks inside Chinese sentences"] += 1
        return ""

    return _HAN_BREAK.sub(join, part)
