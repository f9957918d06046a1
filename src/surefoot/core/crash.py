"""Places where a test can kill the process. Costs one dictionary look-up elsewhere."""

from __future__ import annotations

import os
import signal

VARIABLE = "SUREFOOT_CRASH_POINT"


def crash_point(name: str) -> None:
    """Kills this process with SIGKILL when the environment's `SUREFOOT_CRASH_POINT` is `name`; else does nothing."""
    if os.environ.get(VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
