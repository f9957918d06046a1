"""The screens in the order of the navigation, and what a key must be for to see one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from surefoot.serve.who import Principal
from surefoot.store.keys import Scope


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen: its name in the catalogue (`nav.NAME`), address and the scope it needs."""

    name: str
    path: str
    scope: Scope


SCREENS: Final = (
    Screen("home", "/ui/home", "admin"),
    Screen("ask", "/ui/ask", "ask"),
    Screen("documents", "/ui/documents", "search"),
    Screen("traces", "/ui/traces", "ask"),
    Screen("evaluate", "/ui/evaluate", "admin"),
    Screen("tune", "/ui/tune", "admin"),
    Screen("adapters", "/ui/adapters", "admin"),
    Screen("advise", "/ui/advise", "ask"),
    Screen("jobs", "/ui/jobs", "admin"),
    Screen("settings", "/ui/settings", "admin"),
    Screen("keys", "/ui/keys", "admin"),
    Screen("audit", "/ui/audit", "admin"),
)


def shown_to(who: Principal) -> tuple[Screen, ...]:
    """Those that a principal may use."""
    return tuple(one for one in SCREENS if who.key is None or who.key.may(one.scope))
