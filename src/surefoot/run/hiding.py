"""The workspace over its documents without some passages of them, in tables of its own beside the live ones."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surefoot.core.digest import digest_json, sha256_bytes
from surefoot.core.errors import ConfigError
from surefoot.core.roles import Index, SourceItem
from surefoot.run.corpus import build
from surefoot.run.held import HeldSource
from surefoot.run.serving import BUILT, is_live
from surefoot.store.recipes import drop_recipe
from surefoot.store.tables import Tables

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
            yield replace(item, document=document, fingerprint=f"{item.fingerprint}-hidden")


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

    The index is kept under `.surefoot/hidden`, and used again while documents, spans and recipe are the same. It
    begins as a copy of the live tables, so that only documents with hidden spans are embedded again.
    """
    if not hidden or space.solution.corpus is None:
        yield space
        return
    place = _place(space, hidden)
    if not place.is_dir():
        part = place.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.parent.mkdir(parents=True, exist_ok=True)
        copy_tables(space, part)
        with space.stored(str(part)) as other:
            build(other, [HidingSource(space.resources.index(), hidden)], progress)
        part.replace(place)
    with space.stored(str(place)) as other:
        yield other


def _place(space: Workspace, hidden: Hidden) -> Path:
    plain = {name: [list(span) for span in spans] for name, spans in sorted(hidden.items())}
    names = [space.resources.index().version(), space.resources.recipe, plain]
    return space.root / ".surefoot" / "hidden" / digest_json(names)


def copy_tables(space: Workspace, place: Path) -> None:
    """Copies the tables of the live recipe; nothing where the workspace answers from another one or from a URL."""
    resources, tables = space.resources, Path(space.place.tables)
    if not tables.is_dir() or not is_live(resources):
        return
    with resources.index().writing():
        shutil.copytree(tables, place)
    copied = Tables(str(place))
    try:
        for other in copied.recipes():
            if other != resources.recipe:
                drop_recipe(str(place), other)
                copied.forget(f"{BUILT}{other}")
    except ConfigError:  # a snapshot needs one of them, with text that is to be hidden
        shutil.rmtree(place)
