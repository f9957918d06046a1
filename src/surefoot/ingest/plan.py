"""Compares what sources offer with what the index knows. Reads no content unless something may have moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from surefoot.core.digest import sha256_file
from surefoot.core.errors import ConfigError
from surefoot.core.roles import DocumentState, NotingSource, Source, SourceItem, SourceProblem


@dataclass(frozen=True, slots=True)
class Move:
    """A document that stands at another place now, with the same content."""

    former: str
    id: str


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be read: the items in the order of their ids, and for each the document whose vectors may serve."""

    items: tuple[SourceItem, ...] = ()
    former: Mapping[str, str] | None = None

    def __str__(self) -> str:
        return f"{len(self.items)} to read"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync does: ids of documents to add, change, move and remove, and what cannot be offered."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[Move, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    problems: tuple[SourceProblem, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The plan for people: one line a document, the sum last."""
        return [
            *(f"new       {name}" for name in self.new),
            *(f"changed   {name}" for name in self.changed),
            *(f"moved     {move.former} -> {move.id}" for move in self.moved),
            *(f"removed   {name}" for name in self.removed),
            *(f"problem   {p.id}: {p.reason}" for p in self.problems),
            *(f"note      {note}" for note in self.notes),
            f"{len(self.new)} new, {len(self.changed)} changed, {len(self.moved)} moved, "
            f"{len(self.removed)} removed, {self.unchanged} unchanged, {len(self.problems)} problems",
        ]


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what carrying it out needs."""

    plan: Plan
    work: Work
    states: Mapping[str, DocumentState]


@dataclass(frozen=True, slots=True)
class Scan:
    """What the sources offered: items by id, problems, the places that were out of reach, and notes."""

    items: Mapping[str, SourceItem]
    problems: tuple[SourceProblem, ...]
    kept: tuple[str, ...]
    notes: tuple[str, ...] = ()


def _as_offered(item: SourceItem) -> SourceItem | None:
    return item


def make_plan(
    sources: Sequence[Source],
    states: Iterable[DocumentState],
    *,
    keep_others: bool = False,
    retry_failed: bool = False,
    marked: Callable[[SourceItem], SourceItem | None] = _as_offered,
    again: Callable[[DocumentState], bool] | None = None,
) -> Planned:
    """Compares by fingerprint; where documents both came and went, by digest too.

    `marked` gives an item the fingerprint of what describes it; None for one that is no document.

    What no source offers any more goes, unless `keep_others`: then nothing does. What a source could not
    reach for now stays. Failed documents are tried again when their fingerprint changed, or with `retry_failed`;
    of any status those for which `again` holds.

    Raises:
        ConfigError: two sources have the same name.
    """
    names = _names(sources)
    known = {state.id: state for state in states}
    scan = _scan(sources, marked)
    gone = {
        state.id
        for state in known.values()
        if not keep_others and state.id not in scan.items and not _is_kept(state, scan.kept, names)
    }
    new = [item for name, item in scan.items.items() if name not in known]
    changed = {
        name: item
        for name, item in scan.items.items()
        if (state := known.get(name))
        and (_differs(item, state, retry_failed=retry_failed) or (again and again(state)))
    }
    moves = _moves(new, [known[name] for name in gone])
    changed |= _revived(scan, known, gone | set(changed))
    items = sorted((*new, *changed.values()), key=lambda item: item.id)
    moved_from = set(moves.values())
    plan = Plan(
        new=tuple(sorted(item.id for item in new if item.id not in moves)),
        changed=tuple(sorted(changed)),
        moved=tuple(Move(moves[name], name) for name in sorted(moves)),
        removed=tuple(sorted(gone - moved_from)),
        unchanged=len(scan.items) - len(items),
        problems=scan.problems,
        notes=scan.notes,
    )
    work = Work(tuple(items), {**{name: name for name in changed}, **moves})
    return Planned(plan, work, known)


def _names(sources: Sequence[Source]) -> set[str]:
    """The names of the sources; lists of files or URLs may share theirs, because their ids are whole paths."""
    named: dict[str, Source] = {}
    for source in sources:
        other = named.setdefault(source.name, source)
        alike = type(other) is type(source) and getattr(source, "whole_ids", False)
        if other is not source and not alike:
            raise ConfigError(
                f"two sources are named {source.name!r}: their documents would collide",
                where="corpus.sources",
                hint='give one of them another name = "..."',
            )
    return set(named)


def _scan(sources: Sequence[Source], marked: Callable[[SourceItem], SourceItem | None]) -> Scan:
    items: dict[str, SourceItem] = {}
    problems: list[SourceProblem] = []
    kept: list[str] = []
    for found in _offered(sources):
        if isinstance(found, SourceProblem):
            problems.append(found)
            if found.keep:
                kept.append(found.id)
        elif (item := marked(found)) is None:
            continue
        elif found.id in items:
            first = items[found.id]
            reason = f"{first.uri} has the same id {found.id!r} and is taken"
            hint = "rename one of them"
            problems.append(SourceProblem(found.id, found.uri, found.source, reason, hint))
        else:
            items[item.id] = item
    notes = [note for one in sources if isinstance(one, NotingSource) for note in one.notes()]
    return Scan(items, tuple(problems), tuple(kept), tuple(notes))


def _offered(sources: Sequence[Source]) -> Iterator[SourceItem | SourceProblem]:
    for source in sources:
        yield from source.items()


def _is_kept(state: DocumentState, kept: Sequence[str], names: set[str]) -> bool:
    """Whether a document may only be out of reach: its place, a folder above it or its whole source is."""
    return any(
        state.id == place
        or state.id.startswith(f"{place}/")
        or (place in names and place == state.source)
        for place in kept
    )


def _differs(item: SourceItem, state: DocumentState, *, retry_failed: bool) -> bool:
    return (
        item.fingerprint != state.fingerprint
        or item.source != state.source
        or (retry_failed and state.status == "failed")
        or (item.distinct and state.status == "duplicate")
    )


def _revived(
    scan: Scan, known: Mapping[str, DocumentState], lost: set[str]
) -> dict[str, SourceItem]:
    """Copies that are looked at again, besides what is lost anyway."""
    return {
        name: item
        for name, item in scan.items.items()
        if name in known and name not in lost and _is_revived(known[name], known, lost)
    }


def _is_revived(state: DocumentState, known: Mapping[str, DocumentState], lost: set[str]) -> bool:
    """Whether a copy has lost its original and is looked at again."""
    if state.status != "duplicate":
        return False
    original = known.get(state.duplicate_of)
    return original is None or original.status != "ok" or original.id in lost


def _moves(new: Sequence[SourceItem], gone: Sequence[DocumentState]) -> dict[str, str]:
    """New id to former id, where the content is the same; files are hashed only where the size fits."""
    by_digest: dict[str, list[str]] = defaultdict(list)
    sizes: set[str] = set()
    for state in sorted(gone, key=lambda state: state.id, reverse=True):
        if state.status in ("ok", "empty"):
            by_digest[state.digest].append(state.id)
            sizes.add(state.fingerprint.split("-")[0])
    moves: dict[str, str] = {}
    for item in sorted(new, key=lambda item: item.id) if by_digest else ():
        former = by_digest.get(_digest(item, sizes))
        if former:
            moves[item.id] = former.pop()
    return moves


def _digest(item: SourceItem, sizes: set[str]) -> str:
    if item.document is not None:
        return item.document.digest
    if item.path is None or item.fingerprint.split("-")[0] not in sizes:
        return ""
    try:
        return sha256_file(item.path)
    except OSError:
        return ""
