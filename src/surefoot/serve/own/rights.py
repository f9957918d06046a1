"""Who may see what is measured: eval sets and runs hold questions, answers and quotes of all documents."""

from __future__ import annotations

from datetime import UTC, datetime

from surefoot.serve.problems import Refused
from surefoot.serve.serving import Serving
from surefoot.serve.who import Principal


def require_owner(who: Principal) -> None:
    """Raises Refused (403) unless the key has the scope `admin` and reads every document."""
    who.require("admin")
    if not who.asker.is_owner:
        raise Refused(403, "this key reads as a user; what is measured is for all", code="scope")


def signed(serving: Serving, who: Principal) -> dict[str, str]:
    """Who changes something and when, for a log: the user of the key, else the key."""
    name = (who.key.user if who.key else "") or who.name
    return {"by": name, "at": moment(serving)}


def moment(serving: Serving) -> str:
    """Now, as ISO time in UTC to the second."""
    now = datetime.fromtimestamp(serving.clock_ns() / 1e9, UTC)
    return now.isoformat(timespec="seconds")
