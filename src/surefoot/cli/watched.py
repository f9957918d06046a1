"""A command for whoever began it and watches: `python -m surefoot.cli.watched COMMAND ...` ends when its input does.

The other end of its input is held by a server. When that is gone, even killed, the command is interrupted as by Ctrl-C,
and killed with all it started where it does not end in time.
"""

from __future__ import annotations

import os
import signal
from threading import Thread
from time import sleep
from typing import Final

from surefoot.cli.main import main

GRACE_S: Final = 10.0
_READ: Final = 1024


def _end_with_company() -> None:
    while os.read(0, _READ):
        pass
    os.kill(os.getpid(), signal.SIGINT)
    sleep(GRACE_S)
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    # A shell that begins a server in the background has it ignore interrupts, and so all that the server begins.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    Thread(target=_end_with_company, daemon=True).start()
    main()
