"""Turns what a person typed into a full-text query. Nothing that is typed is read as an operator."""

from __future__ import annotations

import re
from typing import Any

from surefoot.core.lang import is_han

MAX_QUERY_CHARS = 2048
MAX_PHRASES = 8
_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]{2,}")


def keyword_query(text: str, column: str) -> Any | None:
    """The BM25 query: any of the words, and for runs of Han characters their exact phrase as well.

    None when there is nothing to look for. The dictionary tokens of Chinese split compounds; the
    phrase lifts the chunks that hold a compound whole.
    """
    import lancedb.query

    queries: Any = lancedb.query
    text = text[:MAX_QUERY_CHARS]
    if not any(char.isalnum() for char in text):
        return None
    match = queries.MatchQuery(text, column)
    if not any(is_han(char) for char in text):
        return match
    phrases = list(dict.fromkeys(_HAN_RUN.findall(text)))[:MAX_PHRASES]
    if not phrases:
        return match
    should = queries.Occur.SHOULD
    return queries.BooleanQuery(
        [(should, match), *((should, queries.PhraseQuery(run, column)) for run in phrases)]
    )
