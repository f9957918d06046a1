"""Goes through groups of passages one after another and improves the reply with each."""

from __future__ import annotations

from surefoot.core.types import Usage
from surefoot.generate.asking.prompting import Said
from surefoot.generate.checking.verify import verify
from surefoot.generate.long.groups import Groups
from surefoot.generate.long.reading import Asks, Read, spent


def refine(asks: Asks, groups: Groups, *, cited: bool = True) -> Read:
    """The reply after the last group; a group whose call fails is left out, and a note says so.

    A change that declines or, where sentences are `cited`, loses every supported one is not taken: the reply before
    it stays.

    Raises:
        ConfigError: the endpoint refuses its key, or nothing answers there.
    """
    best: Said | None = None
    usage = Usage()
    notes: list[str] = []
    problems: list[str] = []
    for number, shown in enumerate(groups.shown, start=1):
        said = asks.begin(shown) if best is None else asks.improve(best.text, shown)
        usage = usage + said.usage
        if said.problem:
            problems.append(said.problem)
            notes.append(f"group {number} of {len(groups.shown)} was left out: {said.problem}")
        elif said.text and (best is None or _holds(said, asks, groups, cited)):
            best = said
    if best is not None:
        return Read(spent(best, usage), tuple(notes))
    if len(problems) == len(groups.shown):
        return Read(Said(problem=problems[0], usage=usage), tuple(notes))
    return Read(Said(declined=True, usage=usage), tuple(notes))


def _holds(said: Said, asks: Asks, groups: Groups, cited: bool) -> bool:
    if said.declined or not cited:
        return not said.declined
    return verify(said.text, groups.chunks, asks.lang, on_unsupported="mark").supported > 0
