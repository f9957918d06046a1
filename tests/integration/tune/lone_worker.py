"""A real worker with a tuner that only tells, step after step, until nobody listens."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event as Signal

from surefoot.tune import worker
from surefoot.tune.events import Event


def tell_on(_spec, _out, tell):
    for step in range(1, 600):
        tell(Event(step=step, steps=600))
        Signal().wait(0.05)


if __name__ == "__main__":
    worker._run = tell_on
    sys.exit(worker.main(Path(sys.argv[1])))
