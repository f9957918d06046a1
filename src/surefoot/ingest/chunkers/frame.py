"""What all chunkers share: chunks made of spans, the text that is indexed of a chunk, and its budget of tokens.

Every chunk is counted whole, as it will be embedded; one that exceeds the budget is cut again until all fit.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from surefoot.core.digest import sha256_bytes
from surefoot.core.roles import Encoder
from surefoot.core.types import Chunk, Document
from surefoot.ingest.blocks import plain_title, trimmed
from surefoot.ingest.pack import common_path
from surefoot.ingest.pieces import Piece, halves

Run = Sequence[Piece]
"""Consecutive pieces that become one chunk."""

_KEPT_HEADS = 10_000


class Frame:
    """Makes chunks of at most `max_tokens`, counted by the encoder on what is really embedded."""

    def __init__(self, encoder: Encoder, max_tokens: int) -> None:
        self.max_tokens = max_tokens
        self.own_tokens = encoder.count_tokens(["a"])[0] - 1
        self._encoder = encoder
        self._long_heads: dict[tuple[str, ...], bool] = {}
        self._rooms: dict[tuple[str, ...], int] = {}

    def cut(
        self, document: Document, start: int, end: int, path: tuple[str, ...] = (), lead: str = ""
    ) -> Chunk:
        """The chunk of a span below these headings; it has no id yet."""
        return Chunk(
            id="",
            document_id=document.id,
            text=document.text[start:end],
            start=start,
            end=end,
            headings=path,
            title=document.title,
            uri=document.uri,
            lang=document.lang,
            page=max(1, bisect_right(document.pages, start)) if document.pages else None,
            meta=document.meta,
            lead=lead,
        )

    def chunks(self, document: Document, runs: Iterable[Run]) -> list[Chunk]:
        """The runs as chunks, numbered in the order of their spans; a span is made once."""
        done: dict[tuple[int, int], Chunk] = {}
        waiting = list(runs)
        while waiting:
            made = [self.cut(document, run[0].start, run[-1].end, path_of(run)) for run in waiting]
            fits = self.fits(made)
            for chunk, fit in zip(made, fits, strict=True):
                if fit:
                    done[chunk.start, chunk.end] = chunk
            over = [run for run, fit in zip(waiting, fits, strict=True) if not fit]
            waiting = [half for run in over for half in _halved(document.text, run)]
        return self.numbered(done[span] for span in sorted(done))

    def numbered(self, chunks: Iterable[Chunk]) -> list[Chunk]:
        """Gives each its index and an id made of what is indexed: the same text keeps its id and its vector."""
        seen: dict[str, int] = {}
        made: list[Chunk] = []
        for index, chunk in enumerate(chunks):
            name = sha256_bytes(self.indexed_text(chunk).encode("utf-8", "replace"))[:16]
            seen[name] = seen.get(name, 0) + 1
            again = f"-{seen[name]}" if seen[name] > 1 else ""
            made.append(replace(chunk, index=index, id=f"{chunk.document_id}#{name}{again}"))
        return made

    def indexed_text(self, chunk: Chunk) -> str:
        """Title, heading path and lead, each on a line where the text does not begin with it, then the text."""
        limit = self.max_tokens // 2
        opening = chunk.text[: 4 * limit]
        head: list[str] = []
        for name in (chunk.title, *chunk.headings):
            short = " ".join(name.split())[:limit]
            if short and short not in head and not _opens_with(opening, short):
                head.append(short)
        if head and chunk.text.lstrip("# ").startswith(head[0]):
            del head[0]
        if head and self._is_long(tuple(head)):
            head = []
        return "\n".join((*head, *((chunk.lead,) if chunk.lead else ()), chunk.text))

    def fits(self, chunks: Sequence[Chunk]) -> list[bool]:
        """Whether each is within the budget; a single character always is."""
        counts = self._encoder.count_tokens([self.indexed_text(chunk) for chunk in chunks])
        return [
            count <= self.max_tokens or chunk.end - chunk.start < 2
            for count, chunk in zip(counts, chunks, strict=True)
        ]

    def adds(self, texts: Sequence[str]) -> list[int]:
        """The tokens that each text adds to a chunk."""
        return [max(1, count - self.own_tokens) for count in self._encoder.count_tokens(texts)]

    def room(self, title: str, path: tuple[str, ...]) -> int:
        """The tokens of text that a chunk may hold beside its title and headings; at least half of the budget."""
        head = (title, *path)
        if head not in self._rooms:
            if len(self._rooms) > _KEPT_HEADS:
                self._rooms.clear()
            taken = self.adds(["\n".join(head)])[0] if any(head) else 0
            budget = self.max_tokens - self.own_tokens
            self._rooms[head] = max(8, budget - min(taken, self.max_tokens // 2))
        return self._rooms[head]

    def _is_long(self, head: tuple[str, ...]) -> bool:
        """Whether title and headings alone would take over half of the budget; they are then left out."""
        limit = self.max_tokens // 2
        if sum(map(len, head)) * 3 <= limit:
            return False
        known = self._long_heads.get(head)
        if known is None:
            if len(self._long_heads) > _KEPT_HEADS:
                self._long_heads.clear()
            known = self.adds(["\n".join(head)])[0] > limit
            self._long_heads[head] = known
        return known


def path_of(run: Run) -> tuple[str, ...]:
    """The headings above all of the run's text; those above its headings where it has nothing else."""
    paths = [piece.path for piece in run if not piece.heading]
    return common_path(paths or [piece.path for piece in run])


def _opens_with(opening: str, heading: str) -> bool:
    """Whether one of the first lines is this heading."""
    return heading in opening and any(
        plain_title(line) == heading for line in opening.split("\n", 8)[:8]
    )


def _halved(text: str, run: Run) -> Iterator[Run]:
    if len(run) > 1:
        yield run[: len(run) // 2]
        yield run[len(run) // 2 :]
        return
    for half in halves(text, run[0].start, run[0].end):
        start, end = trimmed(text, *half)
        if end > start:
            yield (replace(run[0], start=start, end=end),)
