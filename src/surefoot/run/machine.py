"""What this process and its files take: peak memory, processor time with that of children, bytes on disk."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def peak_memory_bytes() -> int | None:
    """The most memory that this process ever held (resident); None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def cpu_seconds() -> float:
    """Processor seconds of this process, all threads, and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def folder_bytes(folder: Path) -> int:
    """What the files in a folder hold together; files that go meanwhile count nothing."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except FileNotFoundError:
            continue
    return total


def index_bytes(tables: str, recipe: str) -> int | None:
    """What an index takes on disk, its documents included; None where the tables are not in a folder."""
    if "://" in tables:
        return None
    from surefoot.store.tables import DOCUMENTS, passages_name

    names = (DOCUMENTS, passages_name(recipe))
    return sum(folder_bytes(Path(tables) / f"{name}.lance") for name in names)


def gpu_count(proc: Path = Path("/proc/driver/nvidia/gpus")) -> int:
    """The NVIDIA GPUs that the driver shows; 0 where there is no driver, or the system does not tell."""
    return sum(1 for _ in proc.iterdir()) if proc.is_dir() else 0
