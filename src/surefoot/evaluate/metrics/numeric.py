"""Whether an answer gives the number that gold gives, however written: 1,500 = 1.5 thousand = 一千五百 = 0.15万."""

from __future__ import annotations

from collections.abc import Sequence

from surefoot.core.lang import content_terms, mostly_han
from surefoot.evaluate.metrics.answers import plain_answer
from surefoot.generate.checking.facts import Amounts, prepare
from surefoot.generate.checking.facts.numbers import Number

TOLERANCE = 0.01
_BEHIND = 2  # content terms, such as a unit, that may follow the number of a gold answer
_BEHIND_HAN = 4  # the same in Chinese, in characters: a measure word and what is counted
_ROUNDING = ".万亿萬億"
_SCALE_WORDS = ("thousand", "million", "billion", "trillion", "mn", "bn")

Said = tuple[Number, bool]
"""A number, and whether it is written out in full, so that it has to agree exactly."""


def asks_number(gold: Sequence[str]) -> bool:
    """Whether a gold answer is one number, with no more than a currency before and a unit behind it."""
    return any(_only_number(answer) is not None for answer in gold)


def numeric_match(text: str, gold: Sequence[str]) -> float:
    """1 where the answer holds the number of a gold answer.

    Units of one dimension are converted, a share may be written as percent or as a fraction of 1. Numbers that are
    rounded as written (decimals, percent, thousand, million, 万, 亿) agree within 1 % of gold, others exactly. An
    answer with many numbers may hold the right one by chance.
    """
    wanted = [number for answer in gold if (number := _only_number(answer)) is not None]
    said = _numbers(plain_answer(text))
    return float(any(_agree(mine, theirs) for mine in said for theirs in wanted))


def _only_number(answer: str) -> Said | None:
    text = prepare(answer)
    found = Amounts.of(text)
    numbers = _apart(found.numbers)
    if len(numbers) != 1 or found.dates:
        return _year(text, found)
    number = numbers[0]
    before, behind = text[: number.start], text[number.end :]
    if content_terms(before.strip(" $€£¥约大")) or not _is_unit(behind):
        return None
    return number, _is_exact(text, number)


def _is_unit(behind: str) -> bool:
    """Whether no more follows than a unit or what is counted."""
    if mostly_han(behind):
        return sum(map(str.isalnum, behind)) <= _BEHIND_HAN
    return len(content_terms(behind)) <= _BEHIND


def _year(text: str, found: Amounts) -> Said | None:
    """A bare year, which is read as a date."""
    if found.numbers or len(found.dates) != 1 or found.dates[0].month or not text.isdigit():
        return None
    return Number(float(text), 0, len(text)), True


def _numbers(answer: str) -> list[Said]:
    text = prepare(answer)
    found = Amounts.of(text)
    said = [(number, _is_exact(text, number)) for number in _apart(found.numbers)]
    for date in found.dates:
        if date.year is not None:
            said.append((Number(float(date.year), date.start, date.end), True))
    return said


def _apart(numbers: Sequence[Number]) -> list[Number]:
    """Without those that are part of another one, as the million in 1.2 million is."""
    return [
        number
        for number in numbers
        if not any(
            other.start <= number.start
            and number.end <= other.end
            and (other.start, other.end) != (number.start, number.end)
            for other in numbers
        )
    ]


def _is_exact(text: str, number: Number) -> bool:
    written = text[number.start : number.end].lower()
    if number.unit is not None and number.unit.dimension == "share":
        return False
    if any(char in written for char in _ROUNDING):
        return False
    return not any(word in written for word in _SCALE_WORDS) and number.value == int(number.value)


def _agree(mine: Said, theirs: Said) -> bool:
    (said, said_exact), (gold, gold_exact) = mine, theirs
    allowed = 0.0 if said_exact and gold_exact else TOLERANCE
    return any(_near(value, wanted, allowed) for value, wanted in _readings(said, gold))


def _readings(said: Number, gold: Number) -> list[tuple[float, float]]:
    """The pairs of values that may be compared, given the units."""
    if said.unit and gold.unit:
        if said.unit.dimension != gold.unit.dimension:
            return []
        return [(said.value * said.unit.factor, gold.value * gold.unit.factor)]
    pairs = [(said.value, gold.value)]
    if gold.unit and gold.unit.dimension == "share" and abs(said.value) <= 1:
        pairs.append((said.value * 100, gold.value))
    if said.unit and said.unit.dimension == "share" and abs(gold.value) <= 1:
        pairs.append((said.value, gold.value * 100))
    return pairs


def _near(value: float, wanted: float, tolerance: float) -> bool:
    return abs(value - wanted) <= tolerance * abs(wanted) + 1e-9
