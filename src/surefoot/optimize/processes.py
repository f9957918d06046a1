"""Ends processes that were started to work for this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess


def end_process(process: BaseProcess, within_s: float) -> None:
    """Waits so many seconds for it to end by itself, then ends it."""
    process.join(within_s)
    if process.is_alive():
        process.terminate()
        process.join()
