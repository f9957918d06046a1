"""Asks each group of passages for what answers the question, then writes one reply from what was found.

Findings are checked against the passages before they are passed on: one that no passage supports goes no further.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from surefoot.core.harmless import harmless
from surefoot.core.parallel import pmap
from surefoot.core.types import Usage
from surefoot.generate.asking.passages import Shown, mark_of
from surefoot.generate.asking.prompting import Said
from surefoot.generate.checking.verify import verify
from surefoot.generate.long.groups import Groups
from surefoot.generate.long.reading import Asks, Read, spent


@dataclass(frozen=True, slots=True)
class _Found:
    """What came of one group or batch; `problem` says why nothing did."""

    text: str = ""
    usage: Usage = Usage()
    problem: str = ""
    notes: tuple[str, ...] = ()


def map_reduce(asks: Asks, groups: Groups, *, workers: int = 1) -> Read:
    """One reply from what each group holds; a group whose call fails is left out, and a note says so.

    Where writing the reply fails, the findings themselves are the reply. `workers` calls run at once.

    Raises:
        ConfigError: the endpoint refuses its key, or nothing answers there.
    """
    numbered = list(enumerate(groups.shown, start=1))
    found = list(pmap(lambda pair: _find(asks, *pair, groups), numbered, workers=workers))
    notes = [note for one in found for note in one.notes]
    usage = _sum(found)
    texts = [one.text for one in found if one.text]
    if not texts:
        failed = [one.problem for one in found if one.problem]
        if len(failed) == len(found):
            return Read(Said(problem=failed[0], usage=usage), tuple(notes))
        return Read(Said(declined=True, usage=usage), tuple(notes))
    return _reduced(asks, texts, groups, workers, Read(Said(usage=usage), tuple(notes)))


def _find(asks: Asks, number: int, shown: Shown, groups: Groups) -> _Found:
    said = asks.find(shown)
    where = f"group {number} of {len(groups.shown)}"
    if said.problem:
        note = f"{where} was left out: {said.problem}"
        return _Found(usage=said.usage, problem=said.problem, notes=(note,))
    if not said.text:
        return _Found(usage=said.usage)
    checked = verify(said.text, groups.chunks, asks.lang, on_unsupported="drop")
    notes = tuple(f"{where}: {note}" for note in checked.notes)
    return _Found(checked.text, said.usage, notes=notes)


def _reduced(asks: Asks, texts: Sequence[str], groups: Groups, workers: int, before: Read) -> Read:
    """Rounds of combining, until what is left fits into one prompt."""
    usage, notes = before.said.usage, list(before.notes)
    while True:
        batches = _batches(asks, texts)
        if len(batches) == 1 or len(batches) >= len(texts):
            break
        round_ = [pair for pair in enumerate(batches, start=1)]
        found = list(pmap(lambda pair: _merge(asks, pair[1], groups), round_, workers=workers))
        usage = reduce(Usage.__add__, (one.usage for one in found), usage)
        notes += [note for one in found for note in one.notes]
        texts = [one.text for one in found if one.text]
        if not texts:
            return Read(Said(declined=True, usage=usage), tuple(notes))
    if len(batches) > 1:
        notes.append(f"left out what {len(texts) - len(batches[0])} groups hold: no room")
    findings = "\n".join(batches[0])
    said = asks.combine(harmless(findings), mark_of(findings, groups.chunks), last=True)
    usage = usage + said.usage
    if said.problem:
        notes.append(f"what was found stands as it is: {said.problem}")
        said = Said(findings)
    return Read(spent(said, usage), tuple(notes))


def _merge(asks: Asks, texts: Sequence[str], groups: Groups) -> _Found:
    """Fewer findings from some; they stay as they are where the call fails."""
    findings = "\n".join(texts)
    said = asks.combine(harmless(findings), mark_of(findings, groups.chunks), last=False)
    if said.problem or not said.text:
        reason = said.problem or "the model found nothing in them"
        return _Found(findings, said.usage, notes=(f"findings were not combined: {reason}",))
    checked = verify(said.text, groups.chunks, asks.lang, on_unsupported="drop")
    return _Found(checked.text or findings, said.usage, notes=checked.notes)


def _batches(asks: Asks, texts: Sequence[str]) -> list[list[str]]:
    """The findings in batches that fit into a prompt each; one that is too long stands alone."""
    room = asks.findings_room()
    batches: list[list[str]] = [[]]
    left = room
    for text in texts:
        cost = asks.count_tokens(text) + 1
        if batches[-1] and cost > left:
            batches.append([])
            left = room
        batches[-1].append(text)
        left -= cost
    return batches


def _sum(found: Sequence[_Found]) -> Usage:
    return reduce(Usage.__add__, (one.usage for one in found), Usage())
