"""The tokenizer of a model folder, with a quick start for large vocabularies.

Loading 250,000 pieces takes most of a second of processor time, which a single question should not pay. So the first
full load leaves a table beside the model (hash of each piece, id, score), and a process that has seen little text
gives the library a vocabulary of just the pieces that can occur in it. The library then finds the same best
segmentation, because the score of a segmentation depends on nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from surefoot.models.openvino import writable

if TYPE_CHECKING:
    from numpy.typing import NDArray

Spans = tuple[list[int], list[tuple[int, int]]]
QUICK_CHARACTERS = (
    100_000  # what costs as much as one full load (measured: 0.2 M characters a second, 0.7 s)
)
HEAD = 16
TABLE, FRAME = "pieces.npy", "tokenizer-frame.json"


class Tokens:
    """Token ids of texts, special tokens included, nothing cut. Safe to call from several threads."""

    def __init__(self, folder: Path, keep: Path) -> None:
        self._file = folder / "tokenizer.json"
        self._keep = keep
        self._lock = Lock()
        self._full: Any = None
        self._quick = QuickUnigram.open(self._file, keep)
        self._seen = 0

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text."""
        return [ids for ids, _ in self.spans(texts)]

    def spans(self, texts: Sequence[str]) -> list[Spans]:
        """The ids of each text, and the characters that each stands for; none for a special token."""
        with self._lock:
            if self._full is None:
                self._seen += sum(map(len, texts))
                quick = self._quick
                if quick and self._seen <= QUICK_CHARACTERS and not any(map(quick.shy, texts)):
                    return [quick.spans(text) for text in texts]
                self._full = self._load()
            full = self._full
        return [(found.ids, found.offsets) for found in map(full.encode, texts)]

    def _load(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._file))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        if self._quick is None and writable(self._keep):
            QuickUnigram.write(self._file, self._keep)
        return tokenizer


class QuickUnigram:
    """A Unigram tokenizer whose vocabulary is looked up for each text."""

    def __init__(self, frame: dict[str, Any], table: NDArray[Any]) -> None:
        from tokenizers import Tokenizer

        self._table = table
        self._hashes = table["hash"]
        self._head = [(piece, score) for piece, score in frame["head"]]
        self._known = {piece for piece, _ in self._head}
        self._added: list[str] = frame["added"]
        self._longest: int = frame["longest"]
        self._model: dict[str, Any] = frame["model"]
        self._tokenizer = Tokenizer.from_str(json.dumps(frame["tokenizer"]))

    @classmethod
    def open(cls, file: Path, keep: Path) -> QuickUnigram | None:
        """What an earlier load of the same tokenizer file left in `keep`; None where there is nothing."""
        import numpy as np

        try:
            frame = json.loads((keep / FRAME).read_text(encoding="utf-8"))
            if frame["stamp"] != _stamp(file):
                return None
            return cls(frame, np.load(keep / frame["table"], mmap_mode="r"))
        except (OSError, ValueError, KeyError):
            return None

    @staticmethod
    def write(file: Path, keep: Path) -> None:
        """Leaves table and frame in `keep` where the tokenizer is a Unigram with its special tokens in front."""
        import numpy as np

        said = json.loads(file.read_text(encoding="utf-8"))
        model, vocabulary = said["model"], said["model"].get("vocab", [])
        if model.get("type") != "Unigram" or model.get("byte_fallback") or not _fits(said):
            return
        form = np.dtype([("hash", "<u8"), ("id", "<u4"), ("score", "<f8")])
        rows = [(_hash(piece), i, score) for i, (piece, score) in enumerate(vocabulary)]
        lowest = min(vocabulary, key=lambda entry: entry[1])
        frame = {
            "stamp": _stamp(file),
            "table": TABLE,
            "head": [*vocabulary[:HEAD], lowest],
            "added": [token["content"] for token in said["added_tokens"]],
            "longest": max(len(piece) for piece, _ in vocabulary),
            "model": {"unk_id": model["unk_id"], "lowest": vocabulary.index(lowest)},
            "tokenizer": said
            | {"added_tokens": [], "truncation": None, "padding": None}
            | {"model": model | {"vocab": vocabulary[:HEAD]}},
        }
        part = keep / f".{_unique()}"
        with part.open("wb") as out:
            np.save(out, np.sort(np.array(rows, dtype=form), order="hash"))
        part.replace(keep / TABLE)
        part.write_text(json.dumps(frame, ensure_ascii=False), encoding="utf-8")
        part.replace(keep / FRAME)

    def shy(self, text: str) -> bool:
        """Whether the text holds a special token literally, which only the full tokenizer treats rightly."""
        return any(token in text for token in self._added)

    def encode(self, text: str) -> list[int]:
        """The ids of a text, special tokens included."""
        return self.spans(text)[0]

    def spans(self, text: str) -> Spans:
        """The ids of a text, and the characters that each stands for."""
        from tokenizers.models import Unigram

        found = self._occurring(text)
        pieces = self._head + [(piece, score) for piece, _, score in found]
        ids = [*range(HEAD), self._model["lowest"], *(i for _, i, _ in found)]
        self._tokenizer.model = Unigram(pieces, self._model["unk_id"], False)
        cut = self._tokenizer.encode(text)
        return [ids[i] for i in cut.ids], cut.offsets

    def _occurring(self, text: str) -> list[tuple[str, int, float]]:
        import numpy as np

        tokenizer = self._tokenizer
        words = tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(text))
        parts = {
            word[start : start + size]
            for word in {word for word, _ in words}
            for start in range(len(word))
            for size in range(1, min(self._longest, len(word) - start) + 1)
        }
        names = sorted(parts - self._known)
        hashes = np.array([_hash(name) for name in names], dtype=np.uint64)
        places = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        hits = np.flatnonzero(self._hashes[places] == hashes)
        rows = self._table[places[hits]]
        return [
            (names[i], int(row["id"]), float(row["score"]))
            for i, row in zip(hits, rows, strict=True)
        ]


def _fits(said: dict[str, Any]) -> bool:
    """Whether all ids that the post-processor may add lie in the head, and all steps that are used are there."""
    special = (said.get("post_processor") or {}).get("special_tokens", {})
    ids = [i for token in special.values() for i in token["ids"]]
    whole = said.get("normalizer") and said.get("pre_tokenizer") and special
    return bool(whole) and max(ids, default=HEAD) < HEAD and said["model"]["unk_id"] < HEAD


def _hash(piece: str) -> int:
    return int.from_bytes(hashlib.blake2b(piece.encode(), digest_size=8).digest(), "little")


def _stamp(file: Path) -> list[int]:
    said = file.stat()
    return [said.st_size, said.st_mtime_ns]


def _unique() -> str:
    import os
    import threading

    return f"{os.getpid()}-{threading.get_ident()}"
