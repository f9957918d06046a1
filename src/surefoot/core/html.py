"""How answers, hits and steps look in a notebook. Every text is escaped: documents are untrusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from surefoot.core.regions import cited_place

if TYPE_CHECKING:
    from surefoot.core.steps import Step
    from surefoot.core.types import Answer, Chunk, Citation, Hit, Turn

_TEXT_CHARS = 300
_SHOWN_HITS = 10


def answer_html(answer: Answer) -> str:
    """The text, then each source with the words that it was quoted for."""
    style = ' style="opacity:.7"' if answer.refused else ""
    sources = {citation.number: citation for citation in reversed(answer.citations)}
    items = "".join(
        f"<li value='{number}'>{_cited(citation)}"
        f"<blockquote>{escape(citation.quote)}</blockquote></li>"
        for number, citation in sorted(sources.items())
    )
    listed = f"<ol>{items}</ol>" if items else ""
    return f"<div><p{style}>{escape(answer.text)}</p>{listed}</div>"


def hits_html(hits: Iterable[Hit]) -> str:
    """A table: rank, score, where, text."""
    rows = (
        (str(rank), f"{hit.score:.3f}", _place(hit.chunk), _short(hit.chunk.text))
        for rank, hit in enumerate(hits, 1)
    )
    return _table(("", "score", "source", "text"), rows)


def asked_html(turn: Turn, steps: Sequence[Step]) -> str:
    """The question, its answer, and a folded table for each stage with ranks before and after."""
    answer = answer_html(turn.answer) if turn.answer is not None else ""
    return f"<div><p><b>{escape(turn.query.text)}</b></p>{answer}{''.join(map(_step, steps))}</div>"


def _step(step: Step) -> str:
    from surefoot.core.steps import moves, query_changes

    kept, dropped = moves(step)
    said = [f"{what}: {value}" for what, value in query_changes(step)] + list(step.notes)
    said += [f"dropped: {move.hit.chunk.id} (rank {move.was})" for move in dropped[:_SHOWN_HITS]]
    lines = "".join(f"<li>{escape(line)}</li>" for line in said)
    rows = (
        (
            str(move.now),
            str(move.was or "new"),
            f"{move.hit.score:.3f}",
            _place(move.hit.chunk),
            _short(move.hit.chunk.text),
        )
        for move in kept[:_SHOWN_HITS]
    )
    same = step.after.hits is step.before.hits
    table = "" if same else _table(("rank", "was", "score", "source", "text"), rows)
    title = f"{escape(step.kind)}, {1000 * step.seconds:.1f} ms, {len(kept)} hits"
    return f"<details><summary>{title}</summary><ul>{lines}</ul>{table}</details>"


def _cited(citation: Citation) -> str:
    chunk = citation.chunk
    name = " › ".join((chunk.title or chunk.document_id, *chunk.headings))
    return escape(name + cited_place(citation))


def _place(chunk: Chunk) -> str:
    page = f", p. {chunk.page}" if chunk.page else ""
    return escape(" › ".join((chunk.title or chunk.document_id, *chunk.headings)) + page)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return escape(flat if len(flat) <= _TEXT_CHARS else f"{flat[: _TEXT_CHARS - 1]}…")


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
