"""Runs a compiled graph of the BERT family over rows of token ids. Knows no texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BATCH_TOKENS = 1024
BATCH_TEXTS = 64


class Inference:
    """A compiled graph and the word rows that are its input. Threads take turns."""

    def __init__(self, compiled: Any, words: NDArray[Any]) -> None:
        self._words = words
        self._request: Any = compiled.create_infer_request()
        self._lock = Lock()

    def run(
        self,
        ids: Sequence[Sequence[int]],
        *,
        second: Sequence[int] | None = None,
        kind: Floats | None = None,
    ) -> Floats:
        """What the graph gives for one padded batch (batch x ...).

        From the place `second[i]` on, row i is the second text of a pair, to whose rows `kind` is added.
        """
        import numpy as np

        width = max(map(len, ids))
        mask = np.zeros((len(ids), width), np.float32)
        rows = np.zeros((len(ids), width, self._words.shape[1]), np.float32)
        for i, row in enumerate(ids):
            mask[i, : len(row)] = 1
            rows[i, : len(row)] = self._words[row]
            if second is not None and kind is not None:
                rows[i, second[i] : len(row)] += kind
        with self._lock:
            result: Floats = self._request.infer({0: rows, 1: mask})[0]
            return result.copy()


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions in groups of similar length, longest first, of at most BATCH_TOKENS padded tokens each."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    start = 0
    while start < len(order):
        size = max(1, min(BATCH_TEXTS, BATCH_TOKENS // max(1, lengths[order[start]])))
        yield order[start : start + size]
        start += size
