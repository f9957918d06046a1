"""What a reading process may use: memory, processor time, files it writes, and no other programs or network."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from surefoot.config.solution import Limits

MB = 1024 * 1024
# Readers write no files; what native code says on stderr goes to one and fits into this.
_FILE_BYTES = 1 * MB
# Readers are imported on first use; with their threads they take 330 MB of address space (measured).
_LIBRARIES_BYTES = 400 * MB
_NATIVE_READER = "kreuzberg"
_FORBIDDEN = (
    "socket.connect",
    "socket.bind",
    "socket.sendto",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
)


def enter() -> bool:
    """Takes from the process what no reader needs, for good. False where there are no limits (Windows)."""
    sys.addaudithook(_refuse)
    if not _has_limits():
        return False
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
    return True


def allow_one_file(limits: Limits) -> None:
    """Grants memory and processor time for one more file on top of what was used so far."""
    libraries = 0 if _NATIVE_READER in sys.modules else _LIBRARIES_BYTES
    allow(limits.seconds + 1, limits.memory_mb, libraries)


def allow(seconds: int, memory_mb: int, more_bytes: int = 0) -> None:
    """Grants this processor time and memory on top of what was used so far."""
    if not _has_limits():
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    end = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (end, resource.RLIM_INFINITY))
    taken = address_space()
    if taken:
        most = taken + more_bytes + memory_mb * MB
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def lift() -> None:
    """Lets memory be taken without bound: while a model is opened, until the next `allow`."""
    if _has_limits():
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def address_space() -> int:
    """Bytes of address space in use; 0 where the system does not say (only Linux does)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 0


def _has_limits() -> bool:
    return os.name == "posix"


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"a reading process may not use {event}")
