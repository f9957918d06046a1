"""The workspace over documents some of which read otherwise, in tables of its own: the user's index is not touched."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surefoot.core.digest import digest_json, sha256_bytes
from surefoot.core.roles import Index, SourceItem
from surefoot.run.corpus import build
from surefoot.run.held import HeldSource
from surefoot.run.hiding import copy_tables

if TYPE_CHECKING:
    from surefoot.ingest.sync import Progress
    from surefoot.run.workspace import Workspace

_TOOK: Final = "took.json"
_TABLES: Final = "tables"


@dataclass(frozen=True, slots=True)
class Changed:
    """The workspace with changed documents, and the seconds until the first of them counted.

    The seconds are those of a sync of one document, with the models open; None where nothing is searched.
    """

    space: Workspace
    update_s: float | None = None


class RewrittenSource(HeldSource):
    """The documents of an index, some with another text."""

    def __init__(self, index: Index, texts: Mapping[str, str]) -> None:
        super().__init__(index)
        self._texts = texts

    def items(self) -> Iterator[SourceItem]:
        """One item a document that was read, ordered by id."""
        for item in super().items():
            text = self._texts.get(item.id)
            if text is None or item.document is None:
                yield item
                continue
            digest = sha256_bytes(text.encode())
            document = replace(item.document, text=text, digest=digest)
            yield replace(item, document=document, fingerprint=f"{item.fingerprint}-{digest[:12]}")


@contextmanager
def changing(
    space: Workspace,
    texts: Mapping[str, str],
    folder: Path,
    *,
    progress: Progress | None = None,
) -> Iterator[Changed]:
    """The workspace over its documents with these texts by document id; the same one where it searches nothing.

    The index is made once in `folder` and used again for the same documents, texts and recipe. It begins as a copy of
    the live tables, so that only what changed is embedded again.
    """
    if not texts or space.solution.corpus is None:
        yield Changed(space)
        return
    place = folder / _name(space, texts)
    if not place.is_dir():
        part = place.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        took = _make(space, texts, part, progress)
        (part / _TOOK).write_text(json.dumps({"update_s": took}), encoding="utf-8")
        part.replace(place)
    took = json.loads((place / _TOOK).read_text(encoding="utf-8"))["update_s"]
    with space.stored(str(place / _TABLES)) as other:
        yield Changed(other, float(took))


def _make(
    space: Workspace, texts: Mapping[str, str], place: Path, progress: Progress | None
) -> float:
    """Fills the tables; the seconds of the sync of the first document alone."""
    copy_tables(space, place / _TABLES)
    index = space.resources.index()
    with space.stored(str(place / _TABLES)) as other:
        build(other, [RewrittenSource(index, {})], progress)
        other.resources.encoder().embed_queries(["open"])
        first = dict([next(iter(texts.items()))])
        took = build(other, [RewrittenSource(index, first)], None).seconds
        build(other, [RewrittenSource(index, texts)], progress)
    return took


def _name(space: Workspace, texts: Mapping[str, str]) -> str:
    plain = {name: sha256_bytes(text.encode()) for name, text in sorted(texts.items())}
    return digest_json([space.resources.index().version(), space.resources.recipe, plain])
