"""The workspace over its documents without some passages of them, in tables of its own beside the live ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from surefoot.core.digest import digest_json, sha256_bytes
from surefoot.core.roles import Index, SourceItem
from surefoot.run.beside import HeldSource
from surefoot.run.corpus import build
from surefoot.run.serving import is_built

if TYPE_CHECKING:
    from surefoot.ingest.sync import Progress
    from surefoot.run.workspace import Workspace

Hidden = Mapping[str, Sequence[tuple[int, int]]]
"""Spans of characters by document id."""

_EDGE: Final = (
    "\u00b7"  # at both ends of the blanks of a line, so that cleaning leaves them: all offsets stay
)


class HidingSource(HeldSource):
    """The documents of an index with blanks in the place of the hidden spans, so that offsets stay."""

    def __init__(self, index: Index, hidden: Hidden) -> None:
        super().__init__(index)
        self._hidden = hidden

    def items(self) -> Iterator[SourceItem]:
        """One item a document that was read, ordered by id."""
        for item in super().items():
            spans = self._hidden.get(item.id, ())
            if not spans or item.document is None:
                yield item
                continue
            text = without(item.document.text, spans)
            document = replace(item.document, text=text, digest=sha256_bytes(text.encode()))
            yield replace(item, document=document)


def without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with as many blanks in the place of each span; line breaks stay."""
    for start, end in spans:
        blank = "\n".join(map(_blank, text[start:end].split("\n")))
        text = text[:start] + blank + text[end:]
    return text


def _blank(line: str) -> str:
    if len(line) < 2:
        return _EDGE * len(line)
    return _EDGE + " " * (len(line) - 2) + _EDGE


@contextmanager
def hiding(
    space: Workspace, hidden: Hidden, *, progress: Progress | None = None
) -> Iterator[Workspace]:
    """The workspace with an index that was built without the hidden spans; the same one where nothing is hidden.

    The index is kept under `.surefoot/hidden`, and used again while documents and spans are the same.
    """
    if not hidden or space.solution.corpus is None:
        yield space
        return
    plain = {name: [list(span) for span in spans] for name, spans in sorted(hidden.items())}
    name = digest_json([space.resources.index().version(), plain])
    place = space.root / ".surefoot" / "hidden" / name
    with space.stored(str(place)) as other:
        with other.wanted() as wanted:
            there = is_built(wanted)
        if not there:
            build(other, [HidingSource(space.resources.index(), hidden)], progress)
        yield other
