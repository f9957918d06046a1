"""Plain text, Markdown with front matter, and source code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from surefoot.core.roles import Extracted
from surefoot.core.types import MetaValue
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.encoding import decode_blocks, find_encoding
from surefoot.ingest.extract.facts import authors, flat, iso_date, said

_FRONT = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?\n)?(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_CHARS = 64 * 1024
_TITLE_CHARS = 120


def text_of(content: Content, declared: str | None = None) -> str:
    """The whole text in whatever encoding, line ends as `\\n`."""
    whole = len(content.head) < 64 * 1024
    return decode_blocks(content.blocks(), find_encoding(content.head, declared, whole))


def read_text(content: Content) -> Extracted:
    """A text as it is; its first line is the title when it is short and stands alone."""
    text = text_of(content)
    return Extracted(text=text, title=_title_line(text), markup="plain")


def read_code(content: Content) -> Extracted:
    """Source code as it is, titled by its file name."""
    return Extracted(text=text_of(content), title=content.name, markup="code")


def read_markdown(content: Content) -> Extracted:
    """Markdown as it is; YAML or TOML front matter moves to the meta values."""
    text = text_of(content)
    try:
        found = front_matter(text)
    except ValueError:
        found = None
    if found is None:
        return Extracted(text=text)
    front, length = found
    meta = flat(front)
    _rename(meta)
    title = str(meta.pop("title", ""))
    return Extracted(text=text[length:], title=title, meta=meta)


def front_matter(text: str) -> tuple[Mapping[str, Any], int] | None:
    """The keys at the head of a text between `---` (YAML) or `+++` (TOML) lines, and how many characters they take.

    Raises:
        ValueError: what stands there is neither.
    """
    import yaml

    match = _FRONT.match(text[:_FRONT_CHARS])
    if match is None:
        return None
    try:
        if match.group(1) == "+++":
            return tomllib.loads(match.group(2) or ""), match.end()
        found = yaml.safe_load(match.group(2) or "")
    except (yaml.YAMLError, RecursionError, OverflowError) as problem:
        raise ValueError(" ".join(str(problem).split())) from None
    return (found, match.end()) if isinstance(found, Mapping) else None


def _rename(meta: dict[str, MetaValue]) -> None:
    """The names that every format uses: author, created, modified, language."""
    names = meta.pop("authors", None) or meta.pop("author", None)
    if names:
        meta["author"] = authors(names if isinstance(names, tuple) else (names,))
    for old, new in (("date", "created"), ("updated", "modified"), ("lastmod", "modified")):
        if old in meta and new not in meta and iso_date(meta[old]):
            meta[new] = iso_date(meta.pop(old))
    if "lang" in meta:
        meta.setdefault("language", meta.pop("lang"))


def _title_line(text: str) -> str:
    first, _, rest = text.lstrip("\ufeff\n ")[: 4 * _TITLE_CHARS].partition("\n")
    alone = rest.startswith("\n") or not rest.strip()
    ends = first.rstrip().endswith((".", "。", ",", "，", ";", "；", ":", "："))
    return said(first) if alone and rest.strip() and not ends and len(first) <= _TITLE_CHARS else ""
