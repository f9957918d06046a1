"""Says what a sync did: counts, problems and notes. Does nothing itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from surefoot.core.roles import DocumentState
from surefoot.core.types import Expense, Usage
from surefoot.ingest.plan import Plan


@dataclass(frozen=True, slots=True)
class Problem:
    """An input that could not be used, why, and what helps."""

    id: str
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.id}: {self.reason}" + (f" | {self.hint}" if self.hint else "")


@dataclass(frozen=True, slots=True)
class Writing:
    """What a chat model wrote of the documents. `failed` calls gave no reply that could be used for anything.

    `left` counts what has not been asked yet; `stopped` says why, where it ended before its end: by its budget
    (`capped`), or because the model was out of reach. `seconds` are those of all calls.
    """

    asked: int = 0
    failed: int = 0
    documents: int = 0
    views: int = 0
    left: int = 0
    seconds: float = 0.0
    usage: Usage = Usage()
    stopped: str = ""
    capped: bool = False
    notes: tuple[str, ...] = ()

    def summary(self) -> str:
        """One line for people."""
        each = f", {self.seconds / self.asked:.1f} s each" if self.asked else ""
        cost = f", {self.usage.cost:.2f} USD" if self.usage.cost else ""
        cost = ", price not known" if self.usage.unpriced else cost
        rest = f"; {self.left} not asked yet" if self.left else ""
        why = f" ({self.stopped})" if self.stopped else ""
        unusable = f", {len(self.notes)} not usable" if self.notes else ""
        return (
            f"the chat model was asked {self.asked} times{each}{cost}: {self.views} views of "
            f"{self.documents} documents{unusable}{rest}{why}"
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What a sync did. `failed` counts files that could not be read; `over_budget` chunks that the encoder cuts; `off`
    documents that were read and are switched off.

    `views` counts other texts by which the chunks are found; `embedded` all texts that the encoder was given.

    `maintenance` says what was done to the search indexes afterwards. `expense` has processor time, readers of files
    included, the tokens that the encoder read, and what an endpoint asks for them. `writing` is None where no chat
    model writes views.
    """

    added: int = 0
    changed: int = 0
    moved: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: int = 0
    empty: int = 0
    duplicates: int = 0
    off: int = 0
    chunks: int = 0
    embedded: int = 0
    views: int = 0
    over_budget: int = 0
    seconds: float = 0.0
    expense: Expense = Expense()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    maintenance: tuple[str, ...] = ()
    writing: Writing | None = None

    def summary(self) -> str:
        """One line for people."""
        counts = (
            (self.added, "added"),
            (self.changed, "changed"),
            (self.moved, "moved"),
            (self.removed, "removed"),
            (self.unchanged, "unchanged"),
            (self.duplicates, "copies left out"),
            (self.off, "switched off"),
            (self.empty, "empty"),
            (self.failed, "failed"),
            (self.over_budget, "chunks over the encoder's length"),
        )
        said = ", ".join(f"{n} {what}" for n, what in counts if n) or "nothing to do"
        rate = f" ({self.chunks / self.seconds:.0f}/s)" if self.chunks and self.seconds else ""
        views = f" and {self.views} other views" if self.views else ""
        done = f"{said}; {self.chunks} chunks{views} in {self.seconds:.1f} s{rate}"
        told = self.writing is not None and (self.writing.asked or self.writing.left)
        return f"{done}\n{self.writing.summary()}" if told and self.writing else done


@dataclass(slots=True)
class Tally:
    """Counts while a sync goes on."""

    problems: list[Problem]
    statuses: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    maintenance: list[str] = field(default_factory=list)
    chunks: int = 0
    embedded: int = 0
    views: int = 0
    over_budget: int = 0
    removed: int = 0
    _cleaned: Counter[str] = field(default_factory=Counter)
    _cleaned_documents: Counter[str] = field(default_factory=Counter)

    def cleaned(self, removed: Mapping[str, int]) -> None:
        """Counts what cleaning took out of a document."""
        self._cleaned.update(removed)
        self._cleaned_documents.update(removed.keys())

    def committed(self, state: DocumentState) -> None:
        """Counts a document that the index has now."""
        self.statuses[state.id] = state.status
        self.chunks += state.chunks

    def report(self, plan: Plan, seconds: float) -> Report:
        """The sum of it."""
        counts = Counter(self.statuses.values())
        done = {name for name, status in self.statuses.items() if status == "ok"}
        cleaned = [
            f"removed {n} {what} in {self._cleaned_documents[what]} documents"
            for what, n in sorted(self._cleaned.items())
        ]
        return Report(
            added=len(done.intersection(plan.new)),
            changed=len(done.intersection(plan.changed)),
            moved=len(done.intersection(move.id for move in plan.moved)),
            removed=self.removed,
            unchanged=plan.unchanged,
            failed=counts["failed"],
            empty=counts["empty"],
            duplicates=counts["duplicate"],
            off=counts["off"],
            chunks=self.chunks,
            embedded=self.embedded,
            views=self.views,
            over_budget=self.over_budget,
            seconds=seconds,
            problems=tuple(self.problems),
            notes=(*plan.notes, *self.notes, *cleaned),
            maintenance=tuple(self.maintenance),
        )
