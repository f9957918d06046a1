"""Tells whether a text is one SELECT. The second wall: the first is a transaction that cannot write.

Knows no dialect: what the dialects read differently, such as a backslash before a quote, is refused.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_QUOTED = re.compile(
    r"""--[^\n]*                      # a comment to the end of the line
    | /\*.*?\*/                       # a comment
    | '(?:[^']|'')*'                  # a text
    | "(?:[^"]|"")*"                  # a name
    | `(?:[^`]|``)*`                  # a name in MySQL
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"[^\W\d]\w*")
_WRITING = frozenset(("insert", "update", "delete", "merge", "into"))
"""What can write within a statement that begins with SELECT or WITH."""


def select_only(query: str) -> str:
    """The query without its last semicolon.

    Raises:
        ValueError: it is more than one statement, none that reads, or cannot be told apart with certainty.
    """
    if re.search(r"\\['\"`]", query):
        raise ValueError("holds a backslash before a quote; double the quote instead")
    if "/*!" in query or "/*+" in query:
        raise ValueError("holds a comment that some databases carry out; take it out")
    bare = _QUOTED.sub(_blank, query).strip()
    if re.search(r"['\"`]|/\*|\*/|\$\w*\$", bare):
        raise ValueError("has a quote or a comment without end, or a text quoted with dollars")
    bare = bare.removesuffix(";").rstrip()
    if ";" in bare:
        raise ValueError("must be one statement; take out what follows the first semicolon")
    words = [word.lower() for word in _WORD.findall(bare)]
    if not words or words[0] not in ("select", "with"):
        raise ValueError("must begin with SELECT or WITH: sources only read")
    if found := next((word for word in words if word in _WRITING), None):
        raise ValueError(
            f'holds {found.upper()}, which writes; a column of that name goes in quotes: "{found}"'
        )
    return query.strip().removesuffix(";").rstrip()


SelectText = Annotated[str, AfterValidator(select_only)]
"""A setting that holds one SELECT."""


def _blank(match: re.Match[str]) -> str:
    """Comments become a blank, texts and names a placeholder, so that words around them stay apart."""
    return " " if match[0][:2] in ("--", "/*") else " ? "
