"""How passages stand in a prompt: fenced off, no longer than allowed, unable to speak for anyone else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from surefoot.core.harmless import harmless
from surefoot.core.types import Hit, Query
from surefoot.retrieve.rerank.texts import whole_text

_MARK_CHARS = 8


def mark(query: Query, hits: Sequence[Hit]) -> str:
    """What fences passages off: it follows from all of them, so that a text that wants to hold it would change it.

    It is the same for each passage of a question, whatever their order, and prompts go on to start alike.
    """
    digest = sha256(query.asked.encode())
    for text in sorted(f"{hit.chunk.id}\0{hit.chunk.text}\0" for hit in hits):
        digest.update(text.encode())
    return digest.hexdigest()[:_MARK_CHARS]


def passage(hit: Hit, most_tokens: int, count: Callable[[str], int]) -> str:
    """What of a hit the model is shown: its beginning, with title and headings."""
    text = harmless(whole_text(hit.chunk))
    while (tokens := count(text)) > most_tokens:
        text = text[: min(len(text) - 1, len(text) * most_tokens // tokens)]
    return text
