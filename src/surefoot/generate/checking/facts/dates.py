"""Whether the dates of a claim stand in its source; what a date is, `core.lang.dates` says."""

from __future__ import annotations

from collections.abc import Sequence

from surefoot.core.lang import Date, dates

__all__ = ["Date", "date_in", "dates"]


def date_in(date: Date, known: Sequence[Date], values: frozenset[float]) -> bool:
    """Whether the known dates give this one.

    A date may be put together from two places of the source (`on 5 March` and `in 1990`); `values`
    holds the source's plain numbers, which may be years.
    """
    if any(_gives(other, date) for other in known):
        return True
    years = values | {float(other.year) for other in known if other.year is not None}
    if date.year is not None and date.year not in years:
        return False
    if date.month is None:
        return True
    return any(
        (other.month, other.day if date.day is not None else None) == (date.month, date.day)
        and other.year in (None, date.year)
        for other in known
    )


def _gives(known: Date, date: Date) -> bool:
    pairs = ((date.year, known.year), (date.month, known.month), (date.day, known.day))
    return all(claimed is None or claimed == given for claimed, given in pairs)
