"""Vectors of pictures, beside an index: which document a vector is of, and of which content. Gone with the document."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from surefoot.store.database import open_database

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors

FILE = "pictures.sqlite"
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS pictures (
    place TEXT NOT NULL,
    document TEXT NOT NULL,
    content TEXT NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (place, document)
) WITHOUT ROWID""",
)
_KEEP = (
    "INSERT OR REPLACE INTO pictures (place, document, content, vector) "
    "VALUES (:place, :document, :content, :vector)"
)


class PictureBook:
    """The vectors of a workspace's pictures. A `place` is one index; any number of threads may use it at once."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._base = open_database(f"sqlite:///{self._file}", _SCHEMA)

    def contents(self, place: str) -> dict[str, str]:
        """Of each document that has a vector, the digest of the content that it was made of."""
        if not self._file.is_file():
            return {}
        query = "SELECT document, content FROM pictures WHERE place = :place"
        return {row["document"]: row["content"] for row in self._base.read(query, {"place": place})}

    def vectors(self, place: str) -> tuple[list[tuple[str, str]], Vectors]:
        """Every document with its content's digest, and their vectors (n x dimensions) in the same order."""
        import numpy as np

        if not self._file.is_file():
            return [], np.empty((0, 0), np.float32)
        query = (
            "SELECT document, content, vector FROM pictures WHERE place = :place ORDER BY document"
        )
        rows = self._base.read(query, {"place": place})
        flat = b"".join(row["vector"] for row in rows)
        matrix = np.frombuffer(flat, "<f4").reshape(len(rows), -1) if rows else np.empty((0, 0))
        return [(row["document"], row["content"]) for row in rows], matrix.astype(np.float32)

    def keep(self, place: str, found: Mapping[tuple[str, str], Vectors]) -> None:
        """Keeps the vectors of documents, by id and digest of their content."""
        rows = [
            {"place": place, "document": name, "content": content, "vector": _bytes(vector)}
            for (name, content), vector in found.items()
        ]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.touch(mode=0o600)
        self._base.change((_KEEP, rows))

    def forget(self, documents: Collection[str], *, place: str = "") -> None:
        """Deletes the vectors of documents, of one index or of all, and leaves nothing of them in the file."""
        if not documents or not self._file.is_file():
            return
        query = "DELETE FROM pictures WHERE document = :document AND :place IN ('', place)"
        self._base.change((query, [{"document": one, "place": place} for one in documents]))
        self._base.compact()

    def length(self, place: str) -> int:
        """How many numbers a vector has; 0 where there is none."""
        if not self._file.is_file():
            return 0
        query = "SELECT length(vector) / 4 AS size FROM pictures WHERE place = :place LIMIT 1"
        return next((int(row["size"]) for row in self._base.read(query, {"place": place})), 0)

    def places(self) -> list[str]:
        """The indexes that have vectors here."""
        if not self._file.is_file():
            return []
        return [row["place"] for row in self._base.read("SELECT DISTINCT place FROM pictures", {})]

    def drop(self, places: Collection[str]) -> None:
        """Deletes the vectors of indexes that are gone."""
        if places:
            query = "DELETE FROM pictures WHERE place = :place"
            self._base.change((query, [{"place": one} for one in places]))
            self._base.compact()


def _bytes(vector: Vectors) -> bytes:
    import numpy as np

    return np.asarray(vector, "<f4").tobytes()
