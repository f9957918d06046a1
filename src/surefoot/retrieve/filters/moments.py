"""Days, months, quarters and years as a question tells them, and how one is reckoned from another."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import MINYEAR, date, timedelta
from typing import Literal

Unit = Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as far as it is told; a quarter may stand without a year."""

    year: int | None = None
    quarter: int | None = None
    month: int | None = None
    day: int | None = None

    @property
    def first(self) -> date | None:
        """The first day of it."""
        if self.year is None:
            return None
        month = self.month or (3 * self.quarter - 2 if self.quarter else 1)
        return date(self.year, month, self.day or 1)

    @property
    def last(self) -> date | None:
        """The last day of it."""
        if self.year is None:
            return None
        month = self.month or (3 * self.quarter if self.quarter else 12)
        return date(self.year, month, self.day or monthrange(self.year, month)[1])


def whole(unit: Unit, back: int, today: date) -> tuple[Moment, Moment]:
    """This day, week, month, quarter or year, or the one before it."""
    if unit == "day":
        day = as_day(today - timedelta(days=back))
        return day, day
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return as_day(monday), as_day(monday + timedelta(days=6))
    months = today.year * 12 + today.month - 1
    if unit == "month":
        moment = Moment((months - back) // 12, None, (months - back) % 12 + 1)
    elif unit == "quarter":
        quarters = months // 3 - back
        moment = Moment(quarters // 4, quarters % 4 + 1)
    else:
        moment = Moment(today.year - back)
    return moment, moment


def stretch(unit: Unit, count: int, today: date) -> tuple[Moment, Moment]:
    """The last `count` units up to today, from a day to a day."""
    if unit in ("day", "week"):
        start = today - timedelta(days=count * (7 if unit == "week" else 1))
        return as_day(start), as_day(today)
    back = count * {"month": 1, "quarter": 3}.get(unit, 12)
    months = max(today.year * 12 + today.month - 1 - back, MINYEAR * 12)
    year, month = months // 12, months % 12 + 1
    day = min(today.day, monthrange(year, month)[1])
    return Moment(year, None, month, day), as_day(today)


def following(moment: Moment) -> Moment:
    """The moment of the same size after it."""
    last = moment.last
    return like(moment, last + timedelta(days=1)) if last else moment


def preceding(moment: Moment) -> Moment:
    """The moment of the same size before it."""
    first = moment.first
    return like(moment, first - timedelta(days=1)) if first else moment


def like(moment: Moment, day: date) -> Moment:
    """The moment of the same size in which a day falls."""
    if moment.quarter:
        return Moment(day.year, (day.month + 2) // 3)
    if moment.day:
        return as_day(day)
    return Moment(day.year, None, day.month if moment.month else None)


def as_day(day: date) -> Moment:
    """A date as a moment."""
    return Moment(day.year, None, day.month, day.day)
