"""What both ways of reading long contexts share: how they ask, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from surefoot.core.types import Lang, Usage
from surefoot.generate.asking.passages import Shown
from surefoot.generate.asking.prompting import Said


class Asks(Protocol):
    """Words one kind of reply over groups of passages, and asks the model for it."""

    @property
    def lang(self) -> Lang:
        """The language of the reply."""
        ...

    def begin(self, shown: Shown) -> Said:
        """A first reply, from one group."""
        ...

    def find(self, shown: Shown) -> Said:
        """What in one group is of use."""
        ...

    def combine(self, findings: str, mark: str, *, last: bool) -> Said:
        """One reply from what was found, or, where it is not the `last` round, fewer findings."""
        ...

    def improve(self, reply: str, shown: Shown) -> Said:
        """The reply with what one more group adds to it."""
        ...

    def findings_room(self) -> int:
        """Tokens of the model that findings may take together."""
        ...

    def count_tokens(self, text: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Read:
    """What a model made of all groups; `said.usage` is that of all calls together."""

    said: Said
    notes: tuple[str, ...] = ()


def spent(said: Said, usage: Usage) -> Said:
    """The same with the usage of all calls."""
    return replace(said, usage=usage)
