"""Stands for a worker: holds the job's lock, says that it runs, and waits to be ended; learns nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event as Signal

from filelock import FileLock

from surefoot.tune.events import Event, add_event
from surefoot.tune.worker import LOCK

if __name__ == "__main__":
    out = Path(sys.argv[1])
    with FileLock(out / LOCK, timeout=10):
        add_event(out, Event(step=1, steps=9, loss=2.0, seconds=1.0, tokens=300))
        Signal().wait(60)
