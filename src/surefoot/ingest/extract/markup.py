"""Small repairs of Markdown that a converter wrote: needless escapes, its first heading."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\([!\"#$%&'()*+,\-./:;<=>?@\[\]^_{}~])")
_NEEDED_AT_START = re.compile(r"^\s*(?:\\[#>+\-=~]|\d+\\[.)])")
_FENCE = re.compile(r"^\s*(```|~~~)")
_HEADING = re.compile(r"#{1,6}\s")
_HEADING_WITHIN_CHARS = 20_000
_HEADING_CHARS = 300
_ATTRIBUTES = re.compile(r"\s*\{[:#.\s][^{}]*\}$")
_MARKS = re.compile(r"[*_`]{1,3}(\S(?:.*?\S)?)[*_`]{1,3}")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def unescape(markdown: str) -> str:
    """Takes the backslashes away that no reader wants to quote (`Store \\#12`), outside code and line starts."""
    lines: list[str] = []
    fenced = False
    for line in markdown.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        if fenced or "\\" not in line:
            lines.append(line)
            continue
        kept = _NEEDED_AT_START.match(line)
        start = kept.end() if kept else 0
        lines.append(line[:start] + _ESCAPE.sub(r"\1", line[start:]))
    return "\n".join(lines)


def first_heading(markdown: str) -> str:
    """The text of the first heading outside code, without marks and `{ #anchors }`; empty where there is none."""
    fenced = False
    for line in markdown[:_HEADING_WITHIN_CHARS].split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and _HEADING.match(line):
            return plain_heading(line.lstrip("#").rstrip("# ")[:_HEADING_CHARS])
    return ""


def plain_heading(heading: str) -> str:
    """A heading's text without links, emphasis and `{ #anchors }`."""
    text = _ATTRIBUTES.sub("", heading.strip())
    return _MARKS.sub(r"\1", _LINK.sub(r"\1", text)).strip()
