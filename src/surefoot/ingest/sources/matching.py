"""Patterns for relative paths, as .gitignore writes them."""

from __future__ import annotations

import re
import unicodedata

from surefoot.ingest.sources.names import clean_name

_GLYPH = re.compile(r"\[!?[^\]]+\]|.", re.DOTALL)


class Matcher:
    """Whether a relative path matches a pattern; one without `/` (`*.pdf`, `drafts/**`) matches at any depth."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        joined = "|".join(_regex(pattern) for pattern in patterns)
        self._regex = re.compile(joined) if joined else None

    def __call__(self, path: str) -> bool:
        return bool(self._regex and self._regex.match(clean_name(path)))


def _regex(pattern: str) -> str:
    anchored = "/" in pattern.rstrip("/").removesuffix("/**")
    parts = [unicodedata.normalize("NFC", part) for part in pattern.split("/") if part]
    text = "" if anchored else "(?:.*/)?"
    for part, after in zip(parts, [*parts[1:], None], strict=True):
        if part == "**":
            text += ".*" if after is None else "(?:.*/)?"
        else:
            text += _GLYPH.sub(_glyph, part)
            text += "" if after is None else "(?:/|$)" if after == "**" else "/"
    return f"(?:{text})$"


def _glyph(match: re.Match[str]) -> str:
    mark = match.group()
    if mark in ("*", "?"):
        return "[^/]*" if mark == "*" else "[^/]"
    if len(mark) > 1:
        return f"[{'^' if mark[1] == '!' else ''}{re.escape(mark[1:-1].lstrip('!')).replace(chr(92) + '-', '-')}]"
    return re.escape(mark)
