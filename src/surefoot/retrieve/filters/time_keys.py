"""Which metadata keys hold times, and what a period asks of them. Knows keys and values, no index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from surefoot.core.filters import Comparison, Compound, Filter, FilterValue
from surefoot.retrieve.filters.moments import Moment, following
from surefoot.retrieve.filters.periods import Period

Values = Mapping[str, Sequence[FilterValue]]

_YEARS = ("year", "fiscal_year", "fy", "年", "年份", "年度", "财年")
_QUARTERS = ("quarter", "fiscal_quarter", "季度", "财季")
_DATES = ("date", "published", "publication_date", "日期", "发布日期", "发布时间", "created")
_LAST_DATES = ("modified", "updated")
_QUARTER = re.compile(r"(?:q|第)?([1-4一二三四])(?:q|季度?)?", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d{2}(?:-\d{2}(?:[T ].*)?)?")
_HAN = "一二三四"
_MOST_QUARTERS = 80


@dataclass(frozen=True, slots=True)
class TimeKeys:
    """The key of the year, of the quarter and of the date, each with the values that stand for a number."""

    year: str = ""
    years: Mapping[int, tuple[FilterValue, ...]] = field(default_factory=dict)
    quarter: str = ""
    quarters: Mapping[int, tuple[FilterValue, ...]] = field(default_factory=dict)
    day: str = ""
    newest: str = ""

    @property
    def keys(self) -> set[str]:
        """The keys that hold times."""
        return {key for key in (self.year, self.quarter, self.day) if key}

    def today(self) -> date | None:
        """The newest day that the documents know of."""
        if self.newest:
            year, month, day = ([int(part) for part in self.newest[:10].split("-")] + [1])[:3]
            return date(year, month, day)
        if not self.years:
            return None
        return Moment(max(self.years)).last

    def levels(self, period: Period) -> tuple[Filter, ...]:
        """What a period asks for, the narrowest first; empty where no key can tell."""
        exact = self._by_quarter(period) or self._by_date(period)
        years = self._by_year(period)
        found = [one for one in (exact, years) if one is not None]
        return tuple(dict.fromkeys(found))

    def _by_quarter(self, period: Period) -> Filter | None:
        """Quarters by the year and quarter keys, because a fiscal quarter is not one of the calendar."""
        first, last = period.first, period.last
        if not self.quarter or not (first or last) or not _all_quarters(first, last):
            return None
        if first is not None and first == last:
            own = is_one(self.quarter, self._quarter_values(first.quarter or 1))
            year = self._year_is(first.year) if first.year is not None else None
            return all_of([year, own]) if year or first.year is None else None
        return any_of(self._run(first, last)) if self.year else None

    def _run(self, first: Moment | None, last: Moment | None) -> list[Filter]:
        """Each year of a run of quarters with its quarters; open ends stop at the documents' own years."""
        low, high = min(self.years, default=0), max(self.years, default=0)
        begin = _number(first) if first else 4 * low
        end = _number(last) if last else 4 * high + 3
        by_year: dict[int, list[int]] = {}
        for number in range(begin, min(end, begin + _MOST_QUARTERS) + 1):
            by_year.setdefault(number // 4, []).append(number % 4 + 1)
        made: list[Filter] = []
        for year, quarters in by_year.items():
            values = [value for quarter in quarters for value in self._quarter_values(quarter)]
            made += (
                [f] if (f := all_of([self._year_is(year), is_one(self.quarter, values)])) else []
            )
        return made

    def _by_date(self, period: Period) -> Filter | None:
        bounds = (period.first or period.last, period.last or period.first)
        if not self.day or any(moment is None or moment.year is None for moment in bounds):
            return None
        made: list[Filter] = []
        if period.first is not None:
            made.append(Comparison("gte", self.day, _iso(period.first)))
        if period.last is not None:
            made.append(Comparison("lt", self.day, _iso(following(period.last))))
        return all_of(made)

    def _by_year(self, period: Period) -> Filter | None:
        first, last = period.first, period.last
        low, high = (one.year if one else None for one in (first, last))
        if not self.year or (low is None and high is None):
            return None
        if low == high and low is not None:
            return self._year_is(low)
        wanted = [
            year
            for year in self.years
            if (low is None or year >= low) and (high is None or year <= high)
        ]
        return is_one(
            self.year,
            [v for year in sorted(wanted) for v in self.years[year]] or [low or high or 0],
        )

    def _year_is(self, year: int | None) -> Filter | None:
        if not self.year or year is None:
            return None
        as_text = any(isinstance(value, str) for held in self.years.values() for value in held)
        return is_one(self.year, self.years.get(year, (str(year) if as_text else year,)))

    def _quarter_values(self, quarter: int) -> tuple[FilterValue, ...]:
        return self.quarters.get(quarter, (f"Q{quarter}",))


def find_time_keys(values: Values) -> TimeKeys:
    """Tells by their values, and then by their names, which keys hold years, quarters and dates."""
    years = {key: held for key in values if (held := _years(key, values[key]))}
    quarters = {key: held for key in values if (held := _quarters(key, values[key]))}
    dated = [key for key in values if values[key] and all(_is_iso(value) for value in values[key])]
    year = _preferred(years, _YEARS)
    quarter = _preferred(quarters, _QUARTERS)
    day = _preferred(dated, _DATES)
    newest = max((str(value) for value in values[day]), default="") if day else ""
    return TimeKeys(year, years.get(year, {}), quarter, quarters.get(quarter, {}), day, newest)


def numbers_of(
    values: Iterable[FilterValue], known: Mapping[int, Sequence[FilterValue]]
) -> list[int]:
    """The years or quarters for which these values stand."""
    held = set(values)
    return [number for number, stands in known.items() if held.intersection(stands)]


def is_one(key: str, values: Sequence[FilterValue]) -> Filter:
    """The key has one of the values."""
    if len(values) == 1:
        return Comparison("eq", key, values[0])
    return Comparison("in", key, tuple(values))


def all_of(filters: Iterable[Filter | None]) -> Filter | None:
    """The filters joined by AND."""
    return _joined("and", filters)


def any_of(filters: Iterable[Filter | None]) -> Filter | None:
    """The filters joined by OR."""
    return _joined("or", filters)


def _joined(how: str, filters: Iterable[Filter | None]) -> Filter | None:
    given = tuple(dict.fromkeys(one for one in filters if one is not None))
    if len(given) < 2:
        return given[0] if given else None
    return Compound("and" if how == "and" else "or", given)


def _preferred(keys: Iterable[str], names: Sequence[str]) -> str:
    """The key whose name comes first among the usual ones; of others, one that is not a date of change."""

    def place(key: str) -> tuple[bool, int, str]:
        name = key.lower()
        return name in _LAST_DATES, names.index(name) if name in names else len(names), key

    return min(keys, key=place, default="")


def _years(key: str, values: Sequence[FilterValue]) -> dict[int, tuple[FilterValue, ...]]:
    named = key.lower() in _YEARS
    found: dict[int, tuple[FilterValue, ...]] = {}
    for value in values:
        text = str(value)
        if isinstance(value, bool) or not re.fullmatch(r"(?:1[89]|20|21)\d\d", text):
            if not named:
                return {}
            continue
        found[int(text)] = (*found.get(int(text), ()), value)
    return found


def _quarters(key: str, values: Sequence[FilterValue]) -> dict[int, tuple[FilterValue, ...]]:
    found: dict[int, tuple[FilterValue, ...]] = {}
    for value in values:
        match = None if isinstance(value, bool) else _QUARTER.fullmatch(str(value).strip())
        if match is None or (match.group().isdigit() and key.lower() not in _QUARTERS):
            return {}
        digit = match.group(1)
        number = int(digit) if digit.isascii() else _HAN.index(digit) + 1
        found[number] = (*found.get(number, ()), value)
    return found


def _is_iso(value: FilterValue) -> bool:
    return isinstance(value, str) and bool(_ISO.fullmatch(value))


def _all_quarters(first: Moment | None, last: Moment | None) -> bool:
    return all(one is None or one.quarter is not None for one in (first, last))


def _number(moment: Moment) -> int:
    return 4 * (moment.year or 0) + (moment.quarter or 1) - 1


def _iso(moment: Moment) -> str:
    """As much of the date as is told: it sorts before every fuller one."""
    first = moment.first
    if first is None:
        raise ValueError("a date needs a year")
    if moment.day:
        return first.isoformat()
    return f"{first:%Y-%m}" if moment.month or moment.quarter else f"{first:%Y}"
