"""Dates of a text, whole or in part, in the formats of both languages: 5 March 1990 = 1990-03-05 = 1990年3月5日."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTH_NAMES = (
    "january february march april may june july august september october november december"
)
_MONTHS = _MONTH_NAMES.split()
_MONTH_OF = {name: place + 1 for place, name in enumerate(_MONTHS)}
_MONTH_OF |= {name[:3]: place + 1 for place, name in enumerate(_MONTHS)} | {"sept": 9}
_NAME = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)(?![A-Za-z])\.?"
)
_DAY = r"(?:[0-3]?\d)(?:st|nd|rd|th)?(?![\d%])"
_YEAR = r"(?:1\d{3}|20\d{2})(?!\d)"
_HAN_DIGIT = "零〇一二三四五六七八九"
_HAN_NUMBER = r"[零〇一二三四五六七八九十]"
# What a text must have for a pattern to be worth trying, and the pattern; fullest readings first.
_PATTERNS = tuple(
    (re.compile(sign), re.compile(pattern))
    for sign, pattern in (
        (
            r"\d[-/.]\d{1,2}[-/.]",
            rf"(?<![\d-])(?P<y>{_YEAR})[-/.](?P<m>[01]?\d)[-/.](?P<d>[0-3]?\d)(?!\d)",
        ),
        (
            "月",
            rf"(?P<y>\d{{3,4}}|[{_HAN_DIGIT}]{{4}})\s?年\s?(?P<m>[01]?\d|{_HAN_NUMBER}{{1,2}})\s?月"
            rf"(?:份|\s?(?P<d>[0-3]?\d|{_HAN_NUMBER}{{1,3}})\s?[日号])?",
        ),
        (
            "月",
            rf"(?<![\d{_HAN_DIGIT}])(?P<m>[01]?\d|{_HAN_NUMBER}{{1,2}})\s?月(?!亮)"
            rf"(?:份|\s?(?P<d>[0-3]?\d|{_HAN_NUMBER}{{1,3}})\s?[日号])?",
        ),
        (_NAME, rf"(?<![A-Za-z])(?P<m>{_NAME})\s(?P<d>{_DAY})(?:\s?,?\s(?P<y>{_YEAR}))?"),
        (_NAME, rf"(?<!\d)(?P<d>{_DAY})(?:\sof)?\s(?P<m>{_NAME})(?:\s?,?\s(?P<y>{_YEAR}))?"),
        (_NAME, rf"(?<![A-Za-z])(?P<m>{_NAME}),?(?:\sof)?\s(?P<y>{_YEAR})"),
        ("年", rf"(?P<y>[{_HAN_DIGIT}]{{4}}|\d{{4}})\s?年(?!代)"),
        (
            _NAME,
            r"(?<![A-Za-z])(?P<m>January|February|April|June|July|August|September|October|November|December"
            r"|(?<=[Ii]n )(?:March|May))(?![A-Za-z])",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Date:
    """Year, month and day as far as the text gives them, and where it stands."""

    year: int | None
    month: int | None
    day: int | None
    start: int
    end: int


def dates(text: str) -> tuple[Date, ...]:
    """The dates of a text with half-width digits, plain dashes and single spaces, fullest reading first, no overlap."""
    found: list[Date] = []
    tried: dict[re.Pattern[str], bool] = {}
    for sign, pattern in _PATTERNS:
        if sign not in tried:
            tried[sign] = bool(sign.search(text))
        if not tried[sign]:
            continue
        for match in pattern.finditer(text):
            if any(match.start() < date.end and date.start < match.end() for date in found):
                continue
            date = _read(match)
            if date is not None:
                found.append(date)
    return tuple(found)


def _read(match: re.Match[str]) -> Date | None:
    parts = match.groupdict()
    month, day = _month(parts.get("m")), _small(parts.get("d"))
    year = parts.get("y")
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    return Date(_year(year) if year else None, month, day, *match.span())


def _year(text: str) -> int:
    return int(
        "".join(
            str("零一二三四五六七八九".find(_plain(char)))
            if not char.isdigit() or char in _HAN_DIGIT
            else char
            for char in text
        )
    )


def _plain(char: str) -> str:
    return "零" if char == "〇" else char


def _month(text: str | None) -> int | None:
    if text is None:
        return None
    if text[0].isascii() and text[0].isalpha():
        return _MONTH_OF[text.rstrip(".").lower()]
    return _small(text)


def _small(text: str | None) -> int | None:
    """A day or month: 5, 5th, 五, 二十一, 〇五."""
    if text is None:
        return None
    digits = re.sub(r"\D", "", text)
    if digits.isascii() and digits:
        return int(digits)
    tens, mark, ones = text.rpartition("十")
    value = 10 * max(1, "零一二三四五六七八九".find(tens or "一")) if mark else 0
    return value + (max(0, "零一二三四五六七八九".find(_plain(ones[-1]))) if ones else 0)
