"""Puts what was found into force: the winner of a search that has ended, where it is proven better."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from surefoot.core.errors import ConfigError
from surefoot.optimize.experiment import Experiment, put_in_force

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace


def promote_winner(
    space: Workspace, found: Experiment, *, unproven: bool = False, hint: str = ""
) -> Path | None:
    """Makes the winner the workspace's solution; where the former file lies now, None where it is the winner itself.

    Raises:
        ConfigError: it is not proven better, and `unproven` does not say to take it all the same.
    """
    if found.searched.winner == found.searched.present:
        return None
    if not found.proven and not unproven:
        raise ConfigError(
            "nothing is proven better than the present solution, so it stays",
            where=found.id,
            hint=hint,
        )
    return put_in_force(space, found)
