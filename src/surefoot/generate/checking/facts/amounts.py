"""Which numbers and dates of a sentence its source does not give, or gives another value for at that place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from surefoot.generate.checking.facts.context import Tokens, agreement
from surefoot.generate.checking.facts.dates import Date, date_in, dates
from surefoot.generate.checking.facts.numbers import Number, number_in, numbers
from surefoot.generate.checking.facts.text import MASK
from surefoot.generate.checking.facts.units import UNIT_AFTER

Amount = Number | Date

_LEAD = 2  # tokens by which the place of another value must fit better than any place of the claimed value


@dataclass(frozen=True, slots=True)
class Amounts:
    """The numbers and dates of a text; numbers inside a date belong to it."""

    text: str
    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]

    @staticmethod
    def of(text: str) -> Amounts:
        """Reads a text that `prepare` gave."""
        found = dates(text)
        free = tuple(
            number
            for number in numbers(text)
            if not any(number.start < date.end and date.start < number.end for date in found)
        )
        return Amounts(text, free, found)

    @property
    def all(self) -> tuple[Amount, ...]:
        return (*self.numbers, *self.dates)

    @property
    def values(self) -> frozenset[float]:
        """Plain values, years of dates included."""
        years = {float(date.year) for date in self.dates if date.year is not None}
        return frozenset({number.value for number in self.numbers} | years)

    def masked(self) -> str:
        """The text with `MASK` in the place of its numbers and dates."""
        text = self.text
        for start, end in self.spans():
            text = text[:start] + MASK * (end - start) + text[end:]
        return text

    def spans(self) -> list[tuple[int, int]]:
        return sorted((amount.start, amount.end) for amount in self.all)


def wrong_amounts(said: Amounts, known: Amounts, *, han: bool) -> list[str]:
    """In words, what of the sentence's numbers and dates speaks against the source."""
    reasons = []
    claimed = [amount for amount in said.all if isinstance(amount, Date) or not amount.weak]
    if not claimed:
        return []
    tokens = Tokens(said.text, said.spans()), _tokens(known)
    for amount in claimed:
        kind = "date" if isinstance(amount, Date) else "number"
        shown = _shown(amount, said.text)
        if not _is_given(amount, known):
            reasons.append(f"the {kind} “{shown}” is not in the source")
        elif other := _given_instead(amount, known, tokens, least=4 if han else 2):
            reasons.append(f"the source says “{other}” where the sentence says “{shown}”")
    return reasons


@lru_cache(maxsize=64)
def read_amounts(source: str) -> Amounts:
    """The amounts of a source, kept for the other sentences that cite it."""
    return Amounts.of(source)


@lru_cache(maxsize=64)
def _tokens(known: Amounts) -> Tokens:
    return Tokens(known.text, known.spans())


def _shown(amount: Amount, text: str) -> str:
    """The amount as written, with the unit after it."""
    end = amount.end
    if isinstance(amount, Number) and amount.unit and (unit := UNIT_AFTER.match(text, end)):
        end = unit.end()
    return text[amount.start : end]


def _is_given(amount: Amount, known: Amounts) -> bool:
    if isinstance(amount, Date):
        return date_in(amount, known.dates, known.values)
    return number_in(amount, known.numbers) or any(
        amount.value == date.year for date in known.dates
    )


def _given_instead(
    amount: Amount, known: Amounts, tokens: tuple[Tokens, Tokens], *, least: int
) -> str:
    """Another value that the source has where its words are those around the amount; empty where there is none."""
    said, given = tokens
    place = said.place(amount.start)
    if place < 0:
        return ""
    left, right = said.before(place), said.after(place + 1)
    same = different = 0
    instead = ""
    for other in known.all:
        spot = given.place(other.start)
        if spot < 0:
            continue
        met = agreement(given.before(spot), left) + agreement(given.after(spot + 1), right)
        if _same(amount, other):
            same = max(same, met)
        elif met > different:
            different, instead = met, _shown(other, known.text)
    return instead if different >= least and different - same >= _LEAD else ""


def _same(amount: Amount, other: Amount) -> bool:
    if isinstance(amount, Date):
        if isinstance(other, Date):
            return date_in(amount, [other], frozenset())
        return amount.month is None and amount.year == other.value
    if isinstance(other, Date):
        return amount.value == other.year
    return number_in(amount, [other])
