"""Finds documents that copy another one, exactly or nearly. Says which; what is done about it is not its concern."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from surefoot.config.solution import Cleaning
from surefoot.core.digest import digest_json
from surefoot.core.lang import fold
from surefoot.core.roles import DocumentState
from surefoot.core.types import Acl, Meta

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

SHINGLE_CHARS = 6
HASHES = 64
MAX_NEAR_CHARS = 2_000_000
_MIN_NEAR_CHARS = 100
_REALM_HEX, _EXACT_HEX = 8, 16
_BLOCK = 8192
_EXACT_CHARS = 1 << 20

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w'-]+")


@dataclass(frozen=True, slots=True)
class Copy:
    """A document whose text another one already gives; `similarity` is the share of common shingles."""

    original: str
    similarity: float


class Copies:
    """The documents kept so far, by exact text and by MinHash bands.

    Documents compare only within a realm: the same readers and the same metadata from their source.
    A near copy must also name the same numbers and names: forms that differ in one figure are no copies.
    """

    def __init__(self, settings: Cleaning, text_of: Callable[[str], str | None]) -> None:
        self._exact: dict[str, str] = {}
        self._bands: dict[bytes, list[str]] = {}
        self._settings = settings
        self._text_of = text_of
        self._pending: dict[str, str] = {}

    def load(self, states: Iterable[DocumentState]) -> None:
        """Takes in what the index holds already."""
        for state in states:
            if state.status == "ok" and state.sketch:
                self._enter(state.id, state.sketch)

    def original(self, document_id: str, text: str, sketch: str) -> Copy | None:
        """The document that this one copies; None where there is none, and it is then kept itself."""
        head = sketch[: _REALM_HEX + _EXACT_HEX]
        if self._settings.exact_duplicates and head in self._exact:
            return Copy(self._exact[head], 1.0)
        if found := self._near(text, sketch):
            return found
        self._pending[document_id] = text
        self._enter(document_id, sketch)
        return None

    def written(self, document_ids: Iterable[str]) -> None:
        """These are in the index now: their texts need not be held here."""
        for document_id in document_ids:
            self._pending.pop(document_id, None)

    def _near(self, text: str, sketch: str) -> Copy | None:
        threshold = self._settings.near_duplicates
        if threshold is None:
            return None
        near: set[str] = set()
        for band in self._keys(sketch):
            near.update(self._bands.get(band, ()))
        if not near:
            return None
        mine = shingles(text)
        for other in sorted(near):
            theirs = self._pending.get(other) or self._text_of(other)
            if theirs is not None and _same_facts(text, theirs):
                similarity = _jaccard(mine, shingles(theirs))
                if similarity >= threshold:
                    return Copy(other, similarity)
        return None

    def _enter(self, document_id: str, sketch: str) -> None:
        self._exact.setdefault(sketch[: _REALM_HEX + _EXACT_HEX], document_id)
        for band in self._keys(sketch):
            self._bands.setdefault(band, []).append(document_id)

    def _keys(self, sketch: str) -> list[bytes]:
        threshold = self._settings.near_duplicates
        signature = bytes.fromhex(sketch[_REALM_HEX + _EXACT_HEX :])
        if threshold is None or not signature:
            return []
        rows = 8 if threshold >= 0.9 else 4 if threshold >= 0.75 else 2
        realm = sketch[:_REALM_HEX].encode()
        return [
            realm + bytes([i]) + signature[i : i + rows] for i in range(0, len(signature), rows)
        ]


def sketch_of(text: str, acl: Acl, meta: Meta, settings: Cleaning) -> str:
    """What copies of a text are found by, in hex: realm, hash of the text, and 64 MinHash bytes.

    Texts under 100 or over 2,000,000 characters have no MinHash: they are compared exactly only.
    """
    realm = digest_json([acl.public, acl.users, acl.groups, dict(meta)])[:_REALM_HEX]
    exact = _exact(text)[:_EXACT_HEX]
    near = ""
    if settings.near_duplicates and _MIN_NEAR_CHARS <= len(text) <= MAX_NEAR_CHARS:
        near = _signature(shingles(text)).hex()
    return realm + exact + near


def _exact(text: str) -> str:
    """The sha256 of the words with one space between them, taken block by block."""
    hashed = hashlib.sha256()
    gap = begun = False
    for start in range(0, len(text), _EXACT_CHARS):
        block = text[start : start + _EXACT_CHARS]
        words = " ".join(block.split())
        if words:
            if begun and (gap or block[0].isspace()):
                words = f" {words}"
            hashed.update(words.encode("utf-8", "replace"))
            begun = True
        gap = block[-1].isspace()
    return hashed.hexdigest()


def shingles(text: str) -> Hashes:
    """The distinct hashed runs of six characters of the folded text, sorted."""
    points = np.frombuffer(fold(text).encode("utf-32-le", "replace"), dtype=np.uint32)
    points = points.astype(np.uint64)
    width = min(SHINGLE_CHARS, len(points))
    hashes = np.zeros(len(points) - width + 1, dtype=np.uint64)
    for offset in range(width):
        hashes *= np.uint64(1_000_003)
        hashes += points[offset : len(points) - width + 1 + offset]
    hashes ^= hashes >> np.uint64(29)
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(32)
    return np.unique(hashes)


def _signature(hashes: Hashes) -> bytes:
    factors, offsets = _permutations()
    least = np.full(HASHES, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(hashes), _BLOCK):
        mixed = hashes[start : start + _BLOCK, None] * factors + offsets
        np.minimum(least, mixed.min(axis=0), out=least)
    return (least >> np.uint64(24)).astype(np.uint8).tobytes()


@lru_cache(maxsize=1)
def _permutations() -> tuple[Hashes, Hashes]:
    drawn = np.random.default_rng(0).integers(0, 2**63, (2, HASHES), dtype=np.uint64)
    return drawn[0] * np.uint64(2) + np.uint64(1), drawn[1]


def _jaccard(mine: Hashes, theirs: Hashes) -> float:
    common = len(np.intersect1d(mine, theirs, assume_unique=True))
    return common / max(1, len(mine) + len(theirs) - common)


def _same_facts(text: str, other: str) -> bool:
    """Whether two texts give the same numbers, and the same names inside their English sentences."""
    return all(
        set(pattern.findall(text)) == set(pattern.findall(other)) for pattern in (_NUMBER, _NAME)
    )
