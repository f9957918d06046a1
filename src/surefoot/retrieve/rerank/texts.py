"""The text of a chunk as something that reads one passage by itself should see it."""

from __future__ import annotations

from surefoot.core.types import Chunk


def whole_text(chunk: Chunk) -> str:
    """What a reranker reads of a chunk: title, headings and lead, each on a line, then its text."""
    heads = dict.fromkeys(name for name in (chunk.title, *chunk.headings, chunk.lead) if name)
    return "\n".join((*(name for name in heads if not _opens(chunk.text, name)), chunk.text))


def _opens(text: str, name: str) -> bool:
    """Whether the text begins with the name as a whole."""
    return text.startswith(name) and not text[len(name) : len(name) + 1].isalnum()
