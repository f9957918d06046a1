"""Sound of any container that FFmpeg reads, as mono blocks of some minutes, cut where it is quiet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

RATE = 16_000
"""Samples a second."""
BLOCK_S = 300
_QUIET_S = 20
_STEP_S = 0.25


def duration(path: Path) -> float:
    """Seconds of sound as the container says; 0 where it does not.

    Raises:
        DataError: it holds no sound, or is damaged.
    """
    import av

    with _opened(path) as container:
        stream = container.streams.audio[0]
        if stream.duration and stream.time_base:
            return float(stream.duration * stream.time_base)
        return container.duration / av.time_base if container.duration else 0.0


def blocks(path: Path, block_s: float = BLOCK_S) -> Iterator[tuple[float, Samples]]:
    """The second at which each block begins, and its samples (-1 to 1, 16 kHz).

    What cannot be decoded within is left out, as players do.

    Raises:
        DataError: it holds no sound, or is damaged.
    """
    import numpy as np

    held: list[Samples] = []
    size = 0
    began = 0
    for samples in _decoded(path):
        held.append(samples)
        size += len(samples)
        if size < block_s * RATE:
            continue
        whole = np.concatenate(held)
        cut = _quietest(whole)
        yield began / RATE, whole[:cut]
        began += cut
        held, size = [whole[cut:]], len(whole) - cut
    if size:
        yield began / RATE, np.concatenate(held)


def _opened(path: Path) -> Any:
    import av

    try:
        container = av.open(str(path), mode="r", metadata_errors="ignore")
    except (av.FFmpegError, OSError, ValueError) as problem:
        raise DataError(
            f"is damaged: it cannot be opened as sound ({problem.__class__.__name__})",
            hint="open it in its own program and save it again",
        ) from None
    if not container.streams.audio:
        container.close()
        raise DataError("holds no sound", hint="leave it out of the sources")
    return container


def _decoded(path: Path) -> Iterator[Samples]:
    import av
    import numpy as np

    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with _opened(path) as container:
        frames = container.decode(audio=0)
        while True:
            try:
                frame = next(frames)
            except StopIteration:
                break
            except av.error.InvalidDataError:
                continue
            except av.FFmpegError as problem:
                raise DataError(
                    f"is damaged: its sound cannot be decoded ({problem.__class__.__name__})",
                    hint="open it in its own program and save it again",
                ) from None
            frame.pts = None
            for made in resampler.resample(frame):
                yield made.to_ndarray().reshape(-1).astype(np.float32) / 32768.0
        for made in resampler.resample(None):
            yield made.to_ndarray().reshape(-1).astype(np.float32) / 32768.0


def _quietest(samples: Samples) -> int:
    """Where to cut: the middle of the quietest quarter second of the last twenty."""
    import numpy as np

    step = int(_STEP_S * RATE)
    first = max(0, len(samples) - _QUIET_S * RATE)
    count = (len(samples) - first) // step
    if count < 2:
        return len(samples)
    tail = samples[first : first + count * step].reshape(count, step)
    loudness = np.square(tail).mean(axis=1)
    return int(first + int(loudness.argmin()) * step + step // 2)
