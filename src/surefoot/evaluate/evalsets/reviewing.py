"""Goes through an eval set with a person: each decision is written at once, so that another day can go on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from surefoot.core.errors import ConfigError
from surefoot.core.lang import detect
from surefoot.core.types import EvalCase, EvalSet
from surefoot.evaluate.evalsets.contents import is_human
from surefoot.evaluate.evalsets.format import REVIEW, case_to_row, make_evalset, revised
from surefoot.evaluate.evalsets.importing.gold import find_gold
from surefoot.evaluate.evalsets.library import Library
from surefoot.evaluate.evalsets.reading import load_evalset
from surefoot.evaluate.evalsets.writing import write_evalset

Decided = Literal["accepted", "edited", "rejected"]

_AROUND_CHARS = 240
REVIEWED = "human-reviewed"
REJECTED = ".rejected.jsonl"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A gold passage for the eye: the quote with what stands around it; `found` is False where it is not there."""

    document_id: str
    before: str
    quote: str
    after: str
    found: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """What a person changes of a case; what is None stays. No answers at all: the documents do not answer it."""

    question: str | None = None
    answers: tuple[str, ...] | None = None
    quote: str | None = None


@dataclass(slots=True)
class Review:
    """One sitting over the set in a file. All its decisions together make one new version.

    Rejected cases leave the set; they are kept in NAME.rejected.jsonl beside it.
    """

    path: Path
    who: str
    clock: Callable[[], str]
    library: Library | None = None
    _base: EvalSet = field(init=False)
    _now: EvalSet = field(init=False)

    def __post_init__(self) -> None:
        self._base = self._now = load_evalset(self.path)
        if self.path.is_dir():
            self.path = self.path.with_name(f"{self.path.name}.jsonl")
            write_evalset(self._now, self.path)

    @property
    def evalset(self) -> EvalSet:
        """The set as it is now."""
        return self._now

    def waiting(self, wanted: Collection[str] = ()) -> list[EvalCase]:
        """The cases that no person asked or looked at; or those of the given ids that are not decided here."""
        if wanted:
            return [case for case in self._now.cases if case.id in wanted]
        return [case for case in self._now.cases if not is_human(case) and not _log(case)]

    def evidence(self, case: EvalCase) -> list[Evidence]:
        """Each gold span with what stands around it; of gold documents without a span the beginning."""
        shown = [
            self._around(span.document_id, span.quote, span.start, span.end) for span in case.gold
        ]
        spoken = {span.document_id for span in case.gold}
        for name, grade in case.relevant.items():
            if grade > 0 and name not in spoken:
                text = self.library.text(name) if self.library else None
                start = text.text[: 2 * _AROUND_CHARS] if text else ""
                shown.append(Evidence(name, "", "", start, found=text is not None))
        return shown

    def accept(self, case_id: str) -> EvalCase:
        """Keeps the case as it is."""
        return self._put(self._case(case_id), "accepted", {})

    def edit(self, case_id: str, change: Change) -> EvalCase:
        """Changes the case; what it was before stays in its log.

        Raises:
            ConfigError, DataError: the changed case contradicts itself, or its quote is in no document.
        """
        case = self._case(case_id)
        changed = case
        if change.question is not None:
            lang = detect(change.question)
            changed = replace(changed, question=change.question.strip(), lang=lang)
        if change.answers is not None:
            changed = _answered(changed, change.answers)
        if change.quote is not None:
            changed = self._quoted(changed, change.quote)
        if not changed.question:
            raise ConfigError("a case has a question", where=case_id)
        case_to_row(changed)
        before = _differences(case, changed)
        return self._put(changed, "edited" if before else "accepted", before)

    def reject(self, case_id: str) -> None:
        """Takes the case out of the set and keeps it among the rejected.

        Raises:
            ConfigError: it is the last one.
        """
        case = self._case(case_id)
        kept = [one for one in self._now.cases if one.id != case_id]
        changed = revised(self._base, kept)
        self._check_unchanged()
        self._keep_rejected(self._logged(case, "rejected", {}))
        self._write(changed)

    def _case(self, case_id: str) -> EvalCase:
        for case in self._now.cases:
            if case.id == case_id:
                return case
        raise ConfigError(f"there is no case {case_id!r}", where=str(self.path))

    def _put(self, case: EvalCase, decided: Decided, before: Mapping[str, Any]) -> EvalCase:
        own = REVIEWED if case.source in ("", REVIEWED) else f"{REVIEWED}:{case.source}"
        case = replace(case, source=case.source if is_human(case) else own)
        case = self._logged(case, decided, before)
        cases = [case if one.id == case.id else one for one in self._now.cases]
        self._check_unchanged()
        self._write(revised(self._base, cases))
        return case

    def _logged(self, case: EvalCase, decided: Decided, before: Mapping[str, Any]) -> EvalCase:
        entry = {"decision": decided, "by": self.who, "at": self.clock()}
        if before:
            entry["before"] = dict(before)  # type: ignore[assignment]
        return replace(case, meta={**case.meta, REVIEW: [*_log(case), entry]})

    def _check_unchanged(self) -> None:
        if load_evalset(self.path).digest != self._now.digest:
            raise ConfigError(
                "the set was changed by someone else meanwhile",
                where=str(self.path),
                hint="start the review again; what you decided so far is kept",
            )

    def _write(self, changed: EvalSet) -> None:
        self._now = write_evalset(changed, self.path, overwrite=True)

    def _keep_rejected(self, case: EvalCase) -> None:
        beside = self.path.with_name(self.path.stem + REJECTED)
        former = load_evalset(beside).cases if beside.exists() else ()
        kept = [one for one in former if one.id != case.id]
        rejected = make_evalset(f"{self.path.stem}.rejected", [*kept, case], task=self._now.task)
        write_evalset(rejected, beside, overwrite=True)

    def _quoted(self, case: EvalCase, quote: str) -> EvalCase:
        """The case with this quote as its only gold, in one of its documents, else where a search finds it."""
        names = [name for name, grade in case.relevant.items() if grade > 0]
        gold = find_gold(names, (quote,), self.library)
        spans = gold.spans or find_gold((), (quote,), self.library).spans
        return replace(
            case,
            gold=spans,
            relevant={span.document_id: 1 for span in spans},
            cluster=case.cluster or spans[0].document_id,
        )

    def _around(self, name: str, quote: str, start: int | None, end: int | None) -> Evidence:
        text = self.library.text(name) if self.library else None
        if text is None or start is None or end is None or text.text[start:end] != quote:
            found = text.find(quote) if text else None
            if text is None or found is None:
                return Evidence(name, "", quote, "", found=False)
            start, end = found.places[0]
        before = text.text[max(0, start - _AROUND_CHARS) : start]
        after = text.text[end : end + _AROUND_CHARS]
        return Evidence(name, before, text.text[start:end], after)


def _answered(case: EvalCase, answers: Sequence[str]) -> EvalCase:
    kept = tuple(answer.strip() for answer in answers if answer.strip())
    if kept:
        return replace(case, answers=kept, answerable=True)
    return replace(case, answers=(), answerable=False, gold=(), relevant={}, cluster="")


def _log(case: EvalCase) -> list[Any]:
    log = case.meta.get(REVIEW, [])
    return list(log) if isinstance(log, list) else []


def _differences(case: EvalCase, changed: EvalCase) -> dict[str, Any]:
    """The former values of what changed."""
    old, new = case_to_row(case), case_to_row(changed)
    return {key: old.get(key) for key in (*old, *new) if old.get(key) != new.get(key)}
