"""A worker that is killed for good at a place of its work: `killed_worker.py FOLDER PLACE`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from surefoot.tune import checkpoints, progress, worker

MANY = 2


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after_files(_folder: Path, _root: Path, seal=checkpoints.seal, calls=[]) -> Path:  # noqa: B006
    """All files of the second checkpoint are written aside, its manifest is not."""
    calls.append(_folder)
    if len(calls) == MANY:
        kill()
    return seal(_folder, _root)


def before_rename(path: Path, to_disk=checkpoints._to_disk, calls=[]) -> None:  # noqa: B006
    """The second manifest is written, the checkpoint has not come to its place."""
    to_disk(path)
    calls.extend([path] if path.name == checkpoints.MANIFEST else [])
    if len(calls) == MANY:
        kill()


def at_step(step: int) -> None:
    """In the middle of a run, between two checkpoints."""
    told = progress.Event

    class Deadly(told):
        def model_copy(self, *, update=None, deep=False):
            if update and update.get("step") == step:
                kill()
            return super().model_copy(update=update, deep=deep)

    progress.Event = Deadly


if __name__ == "__main__":
    place = sys.argv[2]
    if place == "after_files":
        checkpoints.seal = after_files
    elif place == "before_rename":
        checkpoints._to_disk = before_rename
    else:
        at_step(int(place))
    sys.exit(worker.main(Path(sys.argv[1])))
