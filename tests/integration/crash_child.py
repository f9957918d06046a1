"""A process that syncs or searches until it is killed. Run by test_crash.py.

python crash_child.py sync ROOT       prints "ready", then the ids of each committed batch
python crash_child.py read ROOT       searches until ROOT/stop exists; prints what went wrong
"""

from __future__ import annotations

import sys
from pathlib import Path

from surefoot.core.roles import Extracted
from surefoot.ingest import sync
from surefoot.ingest.chunk import StructureChunker, StructureSettings
from surefoot.ingest.sources import FolderSettings, FolderSource
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.store.lance import LanceIndex, Recipe
from surefoot.store.opening import open_index

ENCODER = HashEncoder(HashSettings(dimensions=64))


def opened(root: Path, *, read_only: bool = False) -> LanceIndex:
    recipe = Recipe("0123456789abcdef", ENCODER.dimensions, {}, ENCODER.digest)
    return open_index(str(root / "lance"), recipe, read_only=read_only)


def read_plain(paths):
    for path in paths:
        yield path, Extracted(path.read_text(encoding="utf-8"))


def synced(root: Path, index: LanceIndex) -> sync.Report:
    """A whole sync in small commits."""
    sync.GROUP_CHUNKS = 24
    chunker = StructureChunker(StructureSettings(max_tokens=48), ENCODER)
    source = FolderSource(FolderSettings(path="docs"), root)
    with index.writing():
        planned = sync.make_plan([source], index.states())
        return sync.run(planned, sync.Tools(index, chunker, ENCODER, read_plain))


class Telling:
    """The index, telling on stdout what it has committed."""

    def __init__(self, index: LanceIndex) -> None:
        self._index = index

    def __getattr__(self, name):
        return getattr(self._index, name)

    def replace(self, batch):
        self._index.replace(batch)
        for item in batch:
            print(f"{item.document.digest} {item.document.id}", flush=True)


def main(task: str, root: Path) -> None:
    if task == "sync":
        index = opened(root)
        print("ready", flush=True)
        synced(root, Telling(index))
        return
    searches = 0
    while not (root / "stop").exists():
        index = opened(root, read_only=True)
        for word in ("pump", "阀门"):
            hits = index.keyword(word, limit=5)
            hits += index.vector(ENCODER.embed_queries([word])[0], limit=5)
            for hit in hits:
                chunk = hit.chunk
                document = index.document(chunk.document_id)
                if document and chunk.text not in document.text and _still(index, chunk):
                    print(f"wrong text in {chunk.id}", flush=True)
        states = [state.id for state in index.states()]
        if len(states) != len(set(states)):
            print("a document stands twice", flush=True)
        searches += 1
        index.close()
    (root / "searches").write_text(str(searches), encoding="utf-8")


def _still(index: LanceIndex, chunk) -> bool:
    """Whether the chunk is there now: between two reads its document may have been replaced."""
    return any(held.id == chunk.id for held in index.chunks(chunk.document_id))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
