"""How much memory is free, and how much this process has taken. In MiB."""

from __future__ import annotations

import sys
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_LIMIT = Path("/sys/fs/cgroup/memory.max")
_TAKEN = Path("/sys/fs/cgroup/memory.current")


def available_mib() -> float | None:
    """Memory that can be taken without swapping, a container's limit counted; None where the system does not say."""
    if not _MEMINFO.is_file():
        return None
    lines = _MEMINFO.read_text(encoding="ascii").splitlines()
    free = next((float(line.split()[1]) / 1024 for line in lines if "MemAvailable" in line), None)
    if free is None or not _LIMIT.is_file() or not _TAKEN.is_file():
        return free
    limit = _LIMIT.read_text(encoding="ascii").strip()
    if not limit.isdigit():
        return free
    return min(free, (int(limit) - int(_TAKEN.read_text(encoding="ascii"))) / 2**20)


def peak_mib() -> float:
    """The most memory that this process has held so far."""
    import resource

    taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return taken / 2**20 if sys.platform == "darwin" else taken / 1024
