"""Embeds the texts of a file once: their vectors are kept, under a name that follows from texts and encoder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from surefoot.core.digest import digest_json
from surefoot.core.metering import unmetered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from surefoot.core.roles import Encoder

    Vectors = NDArray[np.float32]

_WORTH_KEEPING = 200  # fewer texts are embedded sooner than anyone waits


def vectors_of(texts: Sequence[str], encoder: Encoder, keep: Path | None) -> Vectors:
    """The texts as queries (n x dimensions); a file that is damaged is made again."""
    if keep is None or len(texts) < _WORTH_KEEPING:
        with unmetered():
            return encoder.embed_queries(list(texts))
    file = keep / f"vectors-{digest_json([encoder.digest, list(texts)])}.npy"
    known = _read(file, (len(texts), encoder.dimensions))
    if known is not None:
        return known
    with unmetered():
        made = encoder.embed_queries(list(texts))
    _write(file, made)
    return made


def _read(file: Path, shape: tuple[int, int]) -> Vectors | None:
    import numpy as np

    try:
        found = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return found if found.shape == shape and found.dtype == np.float32 else None


def _write(file: Path, vectors: Vectors) -> None:
    """Whole or not at all, readable by the owner alone."""
    import numpy as np

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_name(f"{file.stem}-{uuid4().hex}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        np.save(out, vectors, allow_pickle=False)
    part.replace(file)
