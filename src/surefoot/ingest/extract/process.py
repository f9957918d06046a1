"""One reading process from its owner's side: starts it, hands it files, kills it when its time is up."""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from surefoot.core.errors import DataError, SurefootError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract import wire

if TYPE_CHECKING:
    from surefoot.config.solution import Limits
    from surefoot.ingest.extract.media.orders import Need, Orders
    from surefoot.ingest.extract.media.showing import Showing

OnStep = Callable[[float, float, str], None]

WALL_TIMES = 4
"""On a busy machine the clock runs ahead of the processor time, which is what is bounded."""
_START_S = 60.0
_STEP, _NEEDS = b'{"step"', b'{"needs"'
_BLOCK_BYTES = 256 * 1024
# What a reading process needs of the environment; secrets are not among it.
_ENVIRONMENT = (
    "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "VIRTUAL_ENV",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME",
)  # fmt: skip
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "TOKIO_WORKER_THREADS",
)


class Died(Exception):
    """The process is gone; `status` is its exit status, negative for a signal; `said` what it wrote last."""

    def __init__(self, status: int | None, said: str) -> None:
        super().__init__(f"exit status {status}")
        self.status = status
        self.said = said


class TimeUp(Exception):
    """The process did not answer in time and was killed."""


class ReadingProcess:
    """A child that reads files one after the other. `files` counts those it was given."""

    def __init__(self, orders: Orders) -> None:
        self.files = 0
        self._buffer = bytearray()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "surefoot.ingest.extract.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=_environment(orders.threads),
            bufsize=0,
        )
        self._end = monotonic() + _START_S
        try:
            self._write(orders.model_dump_json())
            self.limited = bool(json.loads(self._line())["limited"])
        except (Died, TimeUp, ValueError, KeyError) as problem:
            said = self._said()
            self.kill()
            raise SurefootError(
                f"the process that reads documents does not start: {said or problem}",
                hint="surefoot doctor checks the installation",
            ) from None

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._child.pid

    def is_alive(self) -> bool:
        """Whether the child still runs."""
        return self._child.poll() is None

    def read(
        self, path: Path, seconds: float, on_step: OnStep | None = None
    ) -> Extracted | DataError | Need:
        """What the child makes of a file, or what another child is needed for.

        Each step that it reports gives it time for that step.

        Raises:
            Died: when the child ended before it had answered.
            TimeUp: when it took longer than `seconds`; it is killed then.
        """
        return self._asked(json.dumps(os.path.abspath(path)), seconds, on_step)  # noqa: PTH100

    def show(self, order: Showing, seconds: float) -> bytes:
        """A page as PNG.

        Raises:
            DataError: it cannot be shown.
            Died: when the child ended before it had answered.
            TimeUp: when it took longer than `seconds`; it is killed then.
        """
        found = self._asked(order.model_dump_json(), seconds, None)
        if not isinstance(found, Extracted):
            raise found if isinstance(found, DataError) else DataError("cannot be shown")
        return base64.b64decode(found.text)

    def _asked(
        self, order: str, seconds: float, on_step: OnStep | None
    ) -> Extracted | DataError | Need:
        self.files += 1
        self._end = monotonic() + seconds
        self._write(order)
        try:
            while True:
                line = self._line()
                if line.startswith(_STEP):
                    said = json.loads(line)
                    self._end = monotonic() + WALL_TIMES * said["seconds"]
                    if on_step is not None:
                        on_step(*said["step"])
                elif line.startswith(_NEEDS):
                    need: Need = json.loads(line)["needs"]
                    return need
                else:
                    return wire.receive(line, self._read)
        except (EOFError, ValueError):
            raise self._died() from None

    def kill(self) -> None:
        """Ends the child at once."""
        self._child.kill()
        self.close()

    def close(self) -> None:
        """Lets an idle child end; one that does not within a second is killed."""
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._child.wait(1.0)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._errors.close()

    def _write(self, line: str) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(line.encode() + b"\n")
        except OSError:
            raise self._died() from None

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            block = self._block()
            if not block:
                raise self._died()
            self._buffer += block
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _read(self, size: int) -> bytes:
        if not self._buffer:
            return self._block(size)
        block = bytes(self._buffer[:size])
        del self._buffer[:size]
        return block

    def _block(self, size: int = _BLOCK_BYTES) -> bytes:
        assert self._child.stdout is not None
        number = self._child.stdout.fileno()
        # Windows cannot wait for a pipe: there a child that hangs is waited for.
        if os.name == "posix":
            ready, _, _ = select.select([number], [], [], max(0.0, self._end - monotonic()))
            if not ready:
                self._child.kill()
                raise TimeUp
        return os.read(number, size)

    def _died(self) -> Died:
        try:
            status = self._child.wait(5.0)
        except subprocess.TimeoutExpired:
            self._child.kill()
            status = self._child.wait()
        return Died(status, self._said())

    def _said(self) -> str:
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 4096))
        return self._errors.read().decode(errors="replace").strip()


def cause(death: Died, limits: Limits, settings: str = "corpus.limits") -> tuple[str, str]:
    """What became of the child in words, and the remedy."""
    lowered = death.said.lower()
    if any(
        word in lowered
        for word in ("memory allocation", "out of memory", "bad_alloc", "memoryerror")
    ):
        return (
            f"needs more than the allowed {limits.memory_mb} MB of memory to read",
            f"raise {settings}.memory_mb to {2 * limits.memory_mb}",
        )
    number = -death.status if death.status is not None and death.status < 0 else 0
    if number == getattr(signal, "SIGXCPU", None):
        return over_time(limits)
    name = signal.Signals(number).name if number in set(signal.Signals) else ""
    end = f"was killed ({name})" if name else f"ended with status {death.status}"
    return (
        f"broke the process that read it: it {end}",
        "open the file in its own program and save it again, or leave it out",
    )


def over_time(limits: Limits) -> tuple[str, str]:
    """Says that the file took longer than allowed."""
    return (
        f"took more than the allowed {limits.seconds} s to read",
        f"raise corpus.limits.seconds to {2 * limits.seconds}, or leave it out",
    )


def _environment(threads: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    path = os.pathsep.join(str(place) for place in sys.path if place)
    return {
        **kept,
        **dict.fromkeys(_THREADS, str(threads)),
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "MALLOC_ARENA_MAX": "2",
    }
