"""Numbers of a text as values: 1,000 = 1000 = one thousand = 一千; 1.5 million; 3万; 12% = 百分之十二."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from surefoot.generate.checking.facts.units import UNIT_AFTER, UNIT_BEFORE, Unit

_ONE_NAMES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TEN_NAMES = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINAL_NAMES = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ONES = {word: value for value, word in enumerate(_ONE_NAMES.split())}
_TENS = {word: 10 * value for value, word in enumerate(_TEN_NAMES.split(), start=2)}
_ORDINALS = {word: value for value, word in enumerate(_ORDINAL_NAMES.split(), start=1)}
_SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "mn": 1e6,
    "bn": 1e9,
    "dozen": 12.0,
}
_WORDS = {**_ONES, **_TENS, **_ORDINALS}
_WEAK_WORDS = {"one", "first", "second", "zero"}  # also a pronoun, an adverb, a unit of time

_HAN_DIGITS = dict(
    zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_HAN_DIGITS |= dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True))
_HAN_STEPS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_HAN_SCALES = {"万": 10**4, "亿": 10**8, "萬": 10**4, "億": 10**8}
_HAN = "".join((*_HAN_DIGITS, *_HAN_STEPS, *_HAN_SCALES))
# A lone Han numeral counts as a number only before a measure word: 三个, 五次; 四川 and 一般 are words.
_MEASURES = (
    "个位名次年月日天岁周届种只条项座人倍家场部所片张本台辆枚艘架支队对双层级度"  # counted things
    "分秒点站集章轮期代世块元户口件篇首"
)
_NOT_NUMBERS = re.compile(
    r"万一|千万别|十分(?!之|钟|[0-9])|一一|三三两两|百姓|百科|千古|四处|四周|万物|百货|两岸|十字|九龙|八卦"
)

_SCALE_ALTERNATIVES = "|".join(sorted(_SCALES, key=len, reverse=True))
_NUMERAL = re.compile(
    r"(?<![A-Za-z\d.])(?<![A-Z]-)(?P<share>百分之\s?)?(?P<sign>(?<![\d\w)])-)?"
    r"(?P<number>\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?:\s*-?\s*(?P<scale>{_SCALE_ALTERNATIVES})s?(?![A-Za-z])|(?P<short>[kKmMbB])(?![A-Za-z\d])"
    r"|\s?(?P<han>(?:[十百万亿萬億]|千(?![米克瓦字赫卡焦伏]))+)|(?:st|nd|rd|th)(?![A-Za-z])|(?P<decade>'?s)(?![A-Za-z]))?"
    r"(?![A-Za-z]+\d)",
)
_RANGE_TAIL = re.compile(r"(\d{4})\s?-\s?(\d{2})(?!\d)")
_LATIN_WORD = re.compile(r"[A-Za-z]+")
_BETWEEN = re.compile(r"[-\s]+(?:and\s+)?")
_HAN_NUMERAL = re.compile(
    rf"(?P<percent>百分之)?(?P<ordinal>第)?(?P<digits>(?!百分之)[{_HAN}]+)(?:点(?P<tail>[{_HAN}]+))?"
)
_HEDGE = re.compile(
    r"\b(?:about|approximately|around|nearly|almost|roughly|over|more than|some|less than|up to|at least)\s*$"
    r"|(?:大约|约|近|将近|超过|逾|约为|大概|至少|多达)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A value with its unit and where it stands; a weak one (`one`, `second`) supports but is never demanded."""

    value: float
    start: int
    end: int
    unit: Unit | None = None
    weak: bool = False
    hedged: bool = False
    decade: bool = False


def numbers(text: str) -> tuple[Number, ...]:
    """All numbers of a text that `prepare` gave, in the order of their kinds."""
    return (*_numerals(text), *_spelled(text), *_han(text))


def number_in(claimed: Number, known: Sequence[Number]) -> bool:
    """Whether one of the known numbers equals this one, by value and, where both have one, by unit."""
    return any(_agree(claimed, other) for other in known)


def _agree(claimed: Number, known: Number) -> bool:
    left, right = claimed.value, known.value
    if claimed.unit and known.unit:
        if claimed.unit.dimension != known.unit.dimension:
            return False
        left, right = left * claimed.unit.factor, right * known.unit.factor
    if abs(left - right) <= 1e-9 * max(1.0, abs(left)):
        return True
    if claimed.decade and 100 > left == right % 100:
        return True  # the 70's are the 1970s
    return claimed.hedged and _rounds_to(right, left)


def _rounds_to(exact: float, rounded: float) -> bool:
    """Whether `rounded` is `exact` at the precision in which it is written: 1,523,000 gives 1.5 million."""
    if rounded < 10 or rounded != int(rounded):
        return False
    step: int = 10 ** (len(str(int(rounded))) - len(str(int(rounded)).rstrip("0")))
    return 1 < step < exact and round(exact / step) * step == rounded


def _make(text: str, value: float, span: tuple[int, int], *, weak: bool = False) -> Number:
    start, end = span
    after = UNIT_AFTER.match(text, end)
    before = None if after else UNIT_BEFORE.search(text, max(0, start - 4), start)
    unit = Unit.named(after[1]) if after else Unit.named(before[0]) if before else None
    hedged = bool(_HEDGE.search(text[max(0, start - 16) : start]))
    return Number(value, start, end, unit, weak, hedged)


def _numerals(text: str) -> list[Number]:
    found: list[Number] = []
    for match in _NUMERAL.finditer(text):
        value = float(match["number"].replace(",", "").replace("，", ""))
        if match["sign"]:
            value = -value
        if match["scale"]:
            value *= _SCALES[match["scale"]]
        elif match["short"]:
            value *= {"k": 1e3, "m": 1e6, "b": 1e9}[match["short"].lower()]
        elif match["han"]:
            for char in match["han"]:
                value *= _HAN_STEPS.get(char) or _HAN_SCALES[char]
        if match["han"] and found and _joined(text, found[-1].end, match.start()):
            before = found.pop()  # 3万5千
            found.append(_make(text, before.value + value, (before.start, match.end())))
            continue
        number = _make(text, value, match.span())
        if match["share"]:
            number = replace(number, unit=Unit.named("%"))
        found.append(replace(number, decade=True) if match["decade"] else number)
    for match in _RANGE_TAIL.finditer(text):
        found.append(Number(float(match[1][:2] + match[2]), *match.span(2), weak=True))
    return found


def _joined(text: str, end: int, start: int) -> bool:
    return end == start and text[end - 1] in _HAN_SCALES


def _spelled(text: str) -> list[Number]:
    found: list[Number] = []
    words: list[str] = []
    start = end = 0
    for match in _LATIN_WORD.finditer(text):
        word = _number_word(match.group().lower())
        if not word:
            continue
        if words and not _BETWEEN.fullmatch(text, end, match.start()):
            found.append(_spelled_number(text, words, (start, end)))
            words = []
        start = start if words else match.start()
        end = match.end()
        words.append(word)
    return [*found, _spelled_number(text, words, (start, end))] if words else found


def _number_word(word: str) -> str:
    """The word if it is part of a number, in the singular; else nothing."""
    if word in _WORDS or word in _SCALES:
        return word
    single = word.removesuffix("s")
    return single if single in _SCALES or single in _TENS else ""


def _spelled_number(text: str, words: Sequence[str], span: tuple[int, int]) -> Number:
    weak = len(words) == 1 and (words[0] in _WEAK_WORDS or words[0] in _SCALES)
    return _make(text, _value_of_words(words), span, weak=weak)


def _value_of_words(words: Sequence[str]) -> float:
    total = part = 0.0
    for word in words:
        if word in ("hundred", "dozen"):
            part = (part or 1) * _SCALES[word]
        elif word in _SCALES:
            total, part = total + (part or 1) * _SCALES[word], 0.0
        elif word in _WORDS:
            part += _WORDS[word]
    return total + part


def _han(text: str) -> list[Number]:
    found = []
    for match in _HAN_NUMERAL.finditer(text):
        digits, start = match["digits"], match.start()
        if start and text[start - 1].isdigit():
            continue  # 3万 was read with its digits
        value = _value_of_han(digits)
        if value is None:
            continue
        if match["tail"]:
            value += float("0." + "".join(str(_HAN_DIGITS.get(char, 0)) for char in match["tail"]))
        weak = _is_weak(text, match, digits)
        number = _make(text, value, match.span(), weak=weak)
        if match["percent"]:
            number = Number(value, start, match.end(), Unit.named("%"), False, number.hedged)
        found.append(number)
    return found


def _is_weak(text: str, match: re.Match[str], digits: str) -> bool:
    if match["percent"] or match["ordinal"] or match["tail"]:
        return False
    if _NOT_NUMBERS.match(text, match.start()):
        return True
    if len(digits) > 1:
        return (
            all(char in _HAN_SCALES or char in _HAN_STEPS for char in digits) and digits[0] != "十"
        )
    following = text[match.end() : match.end() + 1]
    return (
        digits in "一壹零〇" or digits in _HAN_SCALES or not following or following not in _MEASURES
    )


def _value_of_han(digits: str) -> float | None:
    if all(char in _HAN_DIGITS for char in digits):
        return float("".join(str(_HAN_DIGITS[char]) for char in digits))
    total = section = 0
    current: int | None = None
    for char in digits:
        if char in _HAN_DIGITS:
            current = _HAN_DIGITS[char]
        elif char in _HAN_STEPS:
            section += (1 if current is None else current) * _HAN_STEPS[char]
            current = None
        else:
            section += current or 0
            total = (
                (total + (section or 1)) * _HAN_SCALES[char]
                if char in "亿億"
                else (total + (section or 1) * _HAN_SCALES[char])
            )
            section, current = 0, None
    return float(total + section + (current or 0))
