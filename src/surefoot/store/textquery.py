"""Turns what a person typed into a full-text query. Nothing that is typed is read as an operator."""

from __future__ import annotations

import re
from typing import Any

MAX_QUERY_CHARS = 2048
_HAN_TERM = re.compile(
    r"\W*([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]{2,8})\W*"
)


def keyword_query(text: str, column: str) -> Any | None:
    """The BM25 query: any of the words. None when there is nothing to look for.

    A question that is one Chinese term is looked for as a phrase as well: the dictionary splits a
    compound, and the phrase lifts the chunks that hold it whole. In longer questions the phrases of
    their parts were measured to lower nDCG@10 (csl-zh-a .972 to .969, cmrc2018-trial .991 to .989).
    """
    import lancedb.query

    queries: Any = lancedb.query
    text = text[:MAX_QUERY_CHARS]
    if not any(char.isalnum() for char in text):
        return None
    match = queries.MatchQuery(text, column)
    term = _HAN_TERM.fullmatch(text)
    if term is None:
        return match
    should = queries.Occur.SHOULD
    phrase = queries.PhraseQuery(term.group(1), column)
    return queries.BooleanQuery([(should, match), (should, phrase)])
