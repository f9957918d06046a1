"""One command of surefoot as a child process: what it tells is heard as it runs, and it ends with this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Final

GRACE_S: Final = 10.0
"""Seconds from an interrupt until a child that has not ended is killed."""
_PROGRAM: Final = ("-P", "-m", "surefoot.cli.watched")
_OPTIONS: Final = ("--json", "--no-input")
_TOLD: Final = {"SUREFOOT_PROGRESS": "json", "PYTHONUTF8": "1"}


class Child:
    """A command that runs in a workspace's folder; never through a shell.

    `surroundings` are variables of its environment beside those of this process.
    """

    def __init__(
        self,
        words: Sequence[str],
        root: Path,
        printed: Path,
        surroundings: Mapping[str, str] | None = None,
    ) -> None:
        with printed.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, *_PROGRAM, *words, *_OPTIONS],
                cwd=root,
                stdin=subprocess.PIPE,  # its end tells the child that nobody awaits it
                stdout=out,
                stderr=subprocess.PIPE,
                env={**os.environ, **(surroundings or {}), **_TOLD},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process, which leads a group of its own."""
        return self._process.pid

    @property
    def is_going(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def told(self) -> Iterator[str]:
        """Each line of stderr, until the child has ended."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            yield line.decode("utf-8", errors="replace")

    def wait(self) -> int:
        """Its exit code; negative is the signal that ended it."""
        code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stderr):
            if pipe is not None:
                pipe.close()
        return code

    def interrupt(self) -> None:
        """As Ctrl-C does; what does not end in time is killed, with all that it started."""
        if not self.is_going:
            return
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGINT)
        timer = Timer(GRACE_S, self._kill)
        timer.daemon = True
        timer.start()

    def _kill(self) -> None:
        if self.is_going:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)


def is_running(pid: int | None) -> bool:
    """Whether there is a process of this number."""
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
