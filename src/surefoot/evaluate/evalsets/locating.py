"""Finds the gold quotes of an eval set in documents, and says which are not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from surefoot.core.types import Document, EvalCase, EvalSet, GoldSpan
from surefoot.evaluate.evalsets.format import revised
from surefoot.evaluate.evalsets.passages import Found, Searchable

Trouble = Literal["no such document", "not found", "ambiguous", "moved"]
REJECTED: tuple[Trouble, ...] = ("no such document", "not found")


@dataclass(frozen=True, slots=True)
class Remark:
    """What there is to say of a gold quote. `places` counts where it stands, for an ambiguous one."""

    case_id: str
    document_id: str
    quote: str
    trouble: Trouble
    places: int = 0


@dataclass(frozen=True, slots=True)
class Located:
    """Every case of the set, its quotes with their places; those of rejected quotes stay None."""

    evalset: EvalSet
    remarks: tuple[Remark, ...] = ()

    @property
    def rejected(self) -> tuple[Remark, ...]:
        """The quotes that are not in their document."""
        return tuple(remark for remark in self.remarks if remark.trouble in REJECTED)

    def sound(self) -> EvalSet:
        """The set without rejected quotes, and without cases of which every quote was rejected.

        Raises:
            ConfigError: no case is left.
        """
        if not self.rejected:
            return self.evalset
        kept = [case for one in self.evalset.cases if (case := _without_unplaced(one))]
        return revised(self.evalset, kept)


def locate(evalset: EvalSet, documents: Iterable[Document]) -> Located:
    """Gives each gold quote its place in its document.

    A quote is looked for letter for letter, then whatever its white space, width, case and markup; the text of the
    document becomes the quote. One that stands there several times takes the place nearest to where it was said to
    be, else the first, and is called ambiguous. A place without a quote is given its words.
    """
    wanted = {span.document_id for case in evalset.cases for span in case.gold}
    texts = {one.id: Searchable(one.text) for one in documents if one.id in wanted}
    remarks: list[Remark] = []
    cases = [_located(case, texts, remarks) for case in evalset.cases]
    return Located(revised(evalset, cases), tuple(remarks))


def _located(case: EvalCase, texts: Mapping[str, Searchable], remarks: list[Remark]) -> EvalCase:
    if not case.gold:
        return case
    spans = [_placed(case.id, span, texts.get(span.document_id), remarks) for span in case.gold]
    return case if spans == list(case.gold) else replace(case, gold=tuple(spans))


def _placed(
    case_id: str, span: GoldSpan, document: Searchable | None, remarks: list[Remark]
) -> GoldSpan:
    def remark(trouble: Trouble, places: int = 0) -> None:
        remarks.append(Remark(case_id, span.document_id, span.quote, trouble, places))

    if document is None:
        remark("no such document")
        return replace(span, start=None, end=None) if span.quote else span
    if _stands(span, document.text):
        return replace(span, quote=document.text[span.start : span.end])
    found = document.find(span.quote)
    if found is None:
        remark("not found")
        return replace(span, start=None, end=None) if span.quote else span
    if span.start is not None:
        remark("moved")
    elif len(found.places) > 1:
        remark("ambiguous", len(found.places))
    start, end = _nearest(found, span.start)
    return replace(span, start=start, end=end, quote=document.text[start:end])


def _stands(span: GoldSpan, text: str) -> bool:
    """Whether the words at the place that the span gives are its quote, or it has no quote but a place."""
    if span.start is None or span.end is None or not span.start < span.end <= len(text):
        return False
    return not span.quote or text[span.start : span.end] == span.quote


def _nearest(found: Found, start: int | None) -> tuple[int, int]:
    return min(found.places, key=lambda place: abs(place[0] - (start or 0)))


def _without_unplaced(case: EvalCase) -> EvalCase | None:
    placed: Sequence[GoldSpan] = [span for span in case.gold if span.start is not None]
    if len(placed) == len(case.gold):
        return case
    if not placed:
        return None
    gone = {span.document_id for span in case.gold} - {span.document_id for span in placed}
    relevant = {name: grade for name, grade in case.relevant.items() if name not in gone}
    return replace(case, gold=tuple(placed), relevant=relevant)
