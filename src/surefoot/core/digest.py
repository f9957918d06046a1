"""Digests that name content, settings and files. Sixteen hex digits name a recipe or solution; sixty-four a weight."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def sha256_bytes(data: bytes) -> str:
    """The sha256 of the bytes in hex."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """The sha256 of the file's bytes in hex, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_json(value: Any) -> str:
    """Sixteen hex digits of the canonical JSON (sorted keys, no spaces, UTF-8) of `value`."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256_bytes(text.encode())[:16]


def document_mark(digest: str, meta: Mapping[str, Any], rights: Mapping[str, Any]) -> str:
    """Names a document with its metadata and rights; `digest` itself where it has none and everyone may read it."""
    everyone = rights["public"] and not rights["users"] and not rights["groups"]
    if not meta and everyone:
        return digest
    told = json.loads(json.dumps([dict(meta), dict(rights)], default=str))
    return digest_json([digest, *told])


def corpus_version(document_marks: Iterable[str]) -> str:
    """Names what is in a corpus: the hash of the sorted marks of its documents."""
    return sha256_bytes("\n".join(sorted(document_marks)).encode())[:16]
