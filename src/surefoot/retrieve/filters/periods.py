"""The times that a question names, in English and Chinese: years, quarters, dates, ranges, and times relative to a day.

Reads text only; which metadata hold a time is known elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from surefoot.core.lang import dates
from surefoot.retrieve.filters.moments import (
    Moment,
    Unit,
    as_day,
    following,
    preceding,
    stretch,
    whole,
)

_DASHES = str.maketrans({"’": "'", "‘": "'", "–": "-", "—": "-", "−": "-", "‑": "-", "〇": "零"})
_SPACE = re.compile(r"\s+")
_HAN_NUMBERS = "零一二三四五六七八九十"
_ORDINALS = {
    **{f"{n}{end}": n for n, end in zip((1, 2, 3, 4), ("st", "nd", "rd", "th"), strict=True)},
    **{word: n for n, word in enumerate(("first", "second", "third", "fourth"), start=1)},
}
_COUNTS = {
    word: n
    for n, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        start=1,
    )
}
_QUARTER = re.compile(
    r"(?<![A-Za-z0-9])(?:Q(?P<q>[1-4])|(?P<n>[1-4])Q)(?!\d{3}|[A-Za-z])"
    r"|\b(?P<word>first|second|third|fourth|1st|2nd|3rd|4th)(?: fiscal)?[ -]quarter\b"
    r"|(?:第(?P<zh>[一二三四1-4])个?季度?|(?<![个\d])(?P<bare>[一二三四1-4])季度)",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"(?<![\d.,$€£¥])(?:(?P<y>(?:19|20)\d{2})(?![\d%]|[.,]\d|-\d\d-)|(?P<zh>[一二][零一二三四五六七八九]{3})(?=年))"
    r"|(?:\bFY ?|(?<=Q[1-4])|(?<=Q[1-4] )|(?<=[1-4]Q))'?(?P<yy>\d{2})(?!\d)",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"[\s,/']*(?:(?:of|in|for|the|fiscal|calendar|year|FY|年度?|财年|的)[\s']*)*", re.I
)
_LIST = re.compile(r"[\s,、/]*(?:and|or|to|through|&|-|和|与|或|及|以及|至|到)?[\s,]*", re.I)
_TO = re.compile(r"\s?(?:年|年度)?\s?(?:to|through|until|till|-|~|至|到)\s?", re.I)
_AND = re.compile(r"\s?年?\s?(?:and|和|与)\s?", re.I)
_BETWEEN = re.compile(r"(?:\bbetween(?: the)?|介于|在)\s?$", re.I)
_SINCE = re.compile(r"\b(?P<after>after|later than)(?: the)?\s?$|\bsince(?: the)?\s?$", re.I)
_BEFORE = re.compile(
    r"\b(?:before|prior to|earlier than)(?: the)?\s?$|\b(?P<till>until|up to)\s?$", re.I
)
_ZH_SINCE = re.compile(r"^(?:年度?)?(?:以来|起|开始|(?P<after>以后|之后))")
_ZH_BEFORE = re.compile(r"^(?:年度?)?(?:以前|之前)")
_RELATIVE = re.compile(
    r"\b(?P<which>last|past|this|current|the last|the past)"
    r"(?: (?P<n>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))?"
    r" (?P<unit>day|week|month|quarter|year)(?P<many>s?)\b"
    r"|\b(?P<day>yesterday|today)\b"
    r"|(?P<zh>去年|今年|前年|昨天|今天|[上本这](?=个?(?:月|季度|周|星期)))"
    r"(?P<zhunit>(?<=[上本这])个?(?:月|季度|周|星期))?"
    r"|(?:最近|过去|近)(?P<zhn>\d{1,3}|[一二两三四五六七八九十]{1,2}|半)个?(?P<zhunits>天|日|周|星期|月|季度|年)",
    re.IGNORECASE,
)
_ZH_UNITS: dict[str, Unit] = {
    "天": "day",
    "日": "day",
    "周": "week",
    "星期": "week",
    "月": "month",
    "季度": "quarter",
    "年": "year",
}
_DOCUMENT = (
    r"(?:quarter|month|year|report|filing|statement|document|release|version|edition|issue|update|revision|results"
    r"|minutes|newsletter|bulletin|announcement|10-?[KQ]|8-K)s?"
)
_LATEST = re.compile(
    rf"\b(?:latest|most recent|newest)\b(?:(?! and )[ '\w-]){{0,24}}?\b{_DOCUMENT}\b"
    r"|(?:最新|最近)(?:的|一期|一份|一次|一个|一)*(?:[\w]{0,4}?)(?:季度|季报|年报|月报|财报|报告|文件|文档|版本|公告|通知|一期)",
    re.IGNORECASE,
)
_CONTRAST = re.compile(
    r"\b(?:previous|prior(?! to)|past|preceding|earlier(?! than)|historical(?:ly)?|over time|since the last)\b"
    r"|同比|环比|以往|历年|历史|此前|往年|前几|过去|之前的|上一?期|变化趋势",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment to another, both included; an open end is None. `said` is what the question says."""

    first: Moment | None
    last: Moment | None
    said: str
    start: int = 0
    end: int = 0
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Times:
    """The periods of a question; `latest` is what asks for the newest, `contrast` what sets it against older ones."""

    periods: tuple[Period, ...] = ()
    latest: str = ""
    contrast: str = ""
    relative: bool = False


def plain(question: str) -> str:
    """Half-width, single spaces, plain quotes and dashes; case is kept. All positions are those of this text."""
    text = unicodedata.normalize("NFKC", question).translate(_DASHES)
    return _SPACE.sub(" ", text).strip()


def needs_today(text: str) -> bool:
    """Whether a text that `plain` gave has a time that is told from the day it is asked."""
    return _RELATIVE.search(text) is not None


def read_times(text: str, today: date | None) -> Times:
    """The times of a text that `plain` gave; relative ones are left out where today is not known."""
    found = list(_relative(text, today)) if today else []
    hidden = _without(text, found)
    found += _ranges(hidden, list(_moments(hidden)))
    latest, contrast = _LATEST.search(text), _CONTRAST.search(hidden)
    return Times(
        _joined(text, found),
        latest.group() if latest else "",
        contrast.group() if contrast else "",
        any(period.relative for period in found),
    )


def _without(text: str, periods: Sequence[Period]) -> str:
    for period in periods:
        text = text[: period.start] + "\0" * (period.end - period.start) + text[period.end :]
    return text


def _moments(text: str) -> Iterator[Period]:
    """Each date, quarter and year of the text, in order."""
    full = [
        Period(moment, moment, text[d.start : d.end], d.start, d.end)
        for d in dates(text)
        if d.month is not None and d.year is not None
        if (moment := Moment(d.year, None, d.month, d.day)) and _exists(moment)
    ]
    rest = _without(text, full)
    years = [(_year(found), *found.span()) for found in _YEAR.finditer(rest)]
    quarters = [(_quarter(found), *found.span()) for found in _QUARTER.finditer(rest)]
    claimed: set[int] = set()
    dated: list[Period] = []
    for number, start, end in quarters:
        at = _adjacent(rest, years, start, end)
        if at is not None:
            claimed.add(at)
            start, end = min(start, years[at][1]), max(end, years[at][2])
        moment = Moment(years[at][0] if at is not None else None, number)
        dated.append(Period(moment, moment, text[start:end], start, end))
    bare = [
        Period(Moment(year), Moment(year), text[start:end], start, end)
        for i, (year, start, end) in enumerate(years)
        if i not in claimed
    ]
    yield from sorted((*full, *_lent(rest, dated), *bare), key=lambda period: period.start)


def _adjacent(text: str, years: Sequence[tuple[int, int, int]], start: int, end: int) -> int | None:
    """Which year a quarter stands beside: after it first, then before it."""
    for i, (_, begin, _) in enumerate(years):
        if begin >= end and _LINK.fullmatch(text[end:begin]):
            return i
    for i, (_, _, stop) in enumerate(years):
        if stop <= start and _LINK.fullmatch(text[stop:start]):
            return i
    return None


def _lent(text: str, quarters: list[Period]) -> list[Period]:
    """Quarters without a year take that of the quarter they are listed with: Q1 and Q2 2023."""
    for order in (range(len(quarters) - 2, -1, -1), range(1, len(quarters))):
        for i in order:
            other = quarters[i + (1 if order.step < 0 else -1)]
            left, right = sorted((quarters[i], other), key=lambda period: period.start)
            own = quarters[i].first
            if not (own and own.year is None and other.first and other.first.year is not None):
                continue
            if _LIST.fullmatch(text[left.end : right.start]):
                moment = replace(own, year=other.first.year)
                quarters[i] = replace(quarters[i], first=moment, last=moment)
    return quarters


def _ranges(text: str, moments: list[Period]) -> list[Period]:
    """Joins two moments by what stands between them, and opens an end by what stands beside them."""
    made: list[Period] = []
    for moment in moments:
        before = made[-1] if made else None
        gap = text[before.end : moment.start] if before else ""
        between = before is not None and _BETWEEN.search(text[: before.start])
        if before and before.first == before.last and _joins(gap, bool(between), before, moment):
            made[-1] = replace(
                before, last=moment.last, end=moment.end, said=text[before.start : moment.end]
            )
        else:
            made.append(moment)
    return [_opened(text, period) for period in made]


def _joins(gap: str, between: bool, before: Period, after: Period) -> bool:
    if not (_TO.fullmatch(gap) or (between and _AND.fullmatch(gap))):
        return False
    start, end = (one.first.first if one.first else None for one in (before, after))
    return start is not None and end is not None and start < end


def _opened(text: str, period: Period) -> Period:
    if period.first is None or period.first != period.last or period.first.year is None:
        return period
    head, tail = text[: period.start], text[period.end :]
    if found := _SINCE.search(head) or _ZH_SINCE.search(tail):
        first = following(period.first) if found.group("after") else period.first
        return replace(period, first=first, last=None, said=_beside(found, period))
    if found := _BEFORE.search(head):
        last = period.first if found.group("till") else preceding(period.first)
        return replace(period, first=None, last=last, said=_beside(found, period))
    if found := _ZH_BEFORE.search(tail):
        last = preceding(period.first)
        return replace(period, first=None, last=last, said=_beside(found, period))
    return period


def _beside(found: re.Match[str], period: Period) -> str:
    word = found.group().strip()
    return f"{word} {period.said}" if word.isascii() else f"{period.said}{word}"


def _joined(text: str, periods: Sequence[Period]) -> tuple[Period, ...]:
    """A year told from today and the quarter beside it are one: the first quarter of last year, 今年第一季度."""
    made: list[Period] = []
    for period in sorted(periods, key=lambda period: period.start):
        before = made[-1] if made else None
        pair = _year_and_quarter(before, period) if before else None
        if before and pair and _LINK.fullmatch(text[before.end : period.start]):
            said = text[before.start : period.end]
            made[-1] = Period(pair, pair, said, before.start, period.end, relative=True)
        else:
            made.append(period)
    return tuple(made)


def _year_and_quarter(one: Period, other: Period) -> Moment | None:
    year, quarter = (one.first, other.first) if one.relative else (other.first, one.first)
    if year is None or quarter is None or one.relative == other.relative:
        return None
    if year.quarter or year.month or quarter.year or not quarter.quarter:
        return None
    return Moment(year.year, quarter.quarter)


def _relative(text: str, today: date) -> Iterator[Period]:
    for found in _RELATIVE.finditer(text):
        days = _day_names(found, today) or _counted(found, today)
        if days is not None:
            yield Period(*days, found.group(), *found.span(), relative=True)


def _day_names(found: re.Match[str], today: date) -> tuple[Moment, Moment] | None:
    name = (found["day"] or found["zh"] or "").lower()
    back = {"yesterday": 1, "昨天": 1, "today": 0, "今天": 0}
    if name in back:
        moment = as_day(today - timedelta(days=back[name]))
        return moment, moment
    years = {"今年": 0, "去年": 1, "前年": 2}
    if name in years:
        moment = Moment(today.year - years[name])
        return moment, moment
    return None


def _counted(found: re.Match[str], today: date) -> tuple[Moment, Moment] | None:
    if found["zh"]:
        unit = _ZH_UNITS[(found["zhunit"] or "月").removeprefix("个")]
        return whole(unit, 1 if found["zh"] == "上" else 0, today)
    if found["zhn"]:
        half = found["zhn"] == "半"
        unit = _ZH_UNITS[found["zhunits"]]
        count = 6 if half else _han_count(found["zhn"])
        return stretch("month" if half and unit == "year" else unit, count, today)
    unit = _unit(found["unit"])
    if found["n"]:
        count = _COUNTS.get(found["n"].lower()) or int(found["n"])
        return stretch(unit, count, today)
    if found["many"]:
        return None  # "the past quarters" name no time
    this = found["which"].lower() in ("this", "current")
    return whole(unit, 0 if this else 1, today)


def _exists(moment: Moment) -> bool:
    try:
        return moment.first is not None
    except ValueError:
        return False


def _unit(name: str) -> Unit:
    units: dict[str, Unit] = {unit: unit for unit in ("day", "week", "month", "quarter", "year")}
    return units[name.lower()]


def _year(found: re.Match[str]) -> int:
    if found["zh"]:
        return int("".join(str(_HAN_NUMBERS.index(char)) for char in found["zh"]))
    return int(found["y"]) if found["y"] else 2000 + int(found["yy"])


def _quarter(found: re.Match[str]) -> int:
    if found["word"]:
        return _ORDINALS[found["word"].lower()]
    digit = found["q"] or found["n"] or found["zh"] or found["bare"]
    return int(digit) if digit.isascii() else _HAN_NUMBERS.index(digit)


def _han_count(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, mark, ones = text.replace("两", "二").rpartition("十")
    value = 10 * (_HAN_NUMBERS.index(tens) if tens else 1) if mark else 0
    return value + (_HAN_NUMBERS.index(ones) if ones else 0)
