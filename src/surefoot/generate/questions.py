"""What a question asks for (number, date, name, place, reason) and what a sentence offers. Knows shapes only."""

from __future__ import annotations

import re
from typing import Final, Literal

from surefoot.core.lang import is_han
from surefoot.core.lang.stopwords import STOP_WORDS
from surefoot.generate.checking.facts import Amounts, prepare

Want = Literal["number", "date", "name", "place", "reason"]
WANTS: Final[tuple[Want, ...]] = ("number", "date", "name", "place", "reason")

_PEOPLE = (
    "person|people|man|woman|king|queen|emperor|leader|president|actor|author|player|team|company|organi[sz]ation"
    "|group|band|singer|artist|scientist|school|university|coach|director"
)
_PLACES = "city|country|state|place|location|town|region|area|county|river|continent|nation|island|venue|stadium|street"
_AMOUNTS = (
    "percentage|percent|number|amount|total|population|share|size|length|height|speed|age|cost|price|rate|proportion"
    "|fraction"
)
_ASKED_EN: Final[dict[Want, re.Pattern[str]]] = {
    "number": re.compile(
        r"\bhow (?:many|much|long|old|far|large|big|tall|high|fast|often)\b"
        rf"|\b(?:what|which)(?: (?:is|was|are|were))?(?: the)?(?: \w+)? (?:{_AMOUNTS})\b"
    ),
    "date": re.compile(
        r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:year|date|day|month|century|decade|time|era|period)\b|\bhow long ago\b"
    ),
    "name": re.compile(
        rf"\bwho(?:m|se)?\b|\b(?:what|which) (?:\w+ ){{0,2}}(?:{_PEOPLE})\b|\bwhat (?:is|was) the name\b"
    ),
    "place": re.compile(rf"\bwhere\b|\b(?:what|which) (?:\w+ ){{0,2}}(?:{_PLACES})\b"),
    "reason": re.compile(r"\bwhy\b|\bwhat (?:causes?|caused|reason|led)\b|\bhow come\b"),
}
_ASKED_ZH: Final[dict[Want, re.Pattern[str]]] = {
    "number": re.compile(
        r"多少|几[个名位次年天岁座种人支部条场项届月所家]|多[大高长远久重快深]|第几|百分之几|数量|比例|人口"
    ),
    "date": re.compile(
        r"何时|什么时[候间]|哪一?[年天月日]|几年几月|何[年月]|时间|哪个(?:世纪|年代|月|年份)|年份|日期|几[月号日]"
    ),
    "name": re.compile(
        r"谁|何人|哪一?[位名个些]?(?:人|球员|国王|皇帝|总统|演员|导演|作者|公司|球队|组织|机构|大学|学校|团队|歌手|科学家)"
        r"|名字|叫什么|哪位"
    ),
    "place": re.compile(
        r"哪里|何[处地]|哪儿|什么地方|哪一?[个座些]?(?:城市|国家|州|省|地区|地方|县|岛|河|街|区|镇|洲|大陆|体育场)|在哪|位于"
    ),
    "reason": re.compile(r"为什么|为何|原因|怎么会"),
}
_NAME_EN = re.compile(r"[A-Z][\w'’.-]+(?: (?:of |the |de |von |van )?[A-Z][\w'’.-]+)*")
_NAME_ZH = re.compile(
    r"[\u4e00-\u9fff]+[·•][\u4e00-\u9fff·•]+|[《「“\"][^》」”\"]{2,20}|[A-Za-z][A-Za-z .]+"
    r"|[\u4e00-\u9fff](?:先生|女士|教授|博士|总统|主席|将军|国王|皇帝|队|公司|大学|学院|银行)"
)
_PLACE_EN = re.compile(r"\b(?:in|at|near|from|to|of|around|on|into|through) (?:the )?[A-Z]")
_PLACE_ZH = re.compile(
    r"[\u4e00-\u9fff][省市县州区镇村岛湖山河江海湾国街路城洲]|[在于到自].{1,6}[上中内里部]"
)
_REASON = re.compile(
    r"\b(?:because|due to|since|caused?|reason|therefore|so that|as a result|in order to|led to)\b"
    r"|因为|由于|因此|原因|所以|导致|为了|使得|以便"
)


def wanted(question: str) -> frozenset[Want]:
    """The kinds of things that the question words ask for; empty for other questions."""
    patterns = _ASKED_ZH if any(map(is_han, question)) else _ASKED_EN
    text = question.lower()
    return frozenset(want for want, pattern in patterns.items() if pattern.search(text))


def offered(sentence: str, question: str, wants: frozenset[Want]) -> frozenset[Want]:
    """Which of the wanted things the sentence holds that the question does not already say."""
    return frozenset(want for want in wants if _offers(want, sentence, question))


def _offers(want: Want, sentence: str, question: str) -> bool:
    if want == "number":
        return _has_number(sentence, question)
    if want == "date":
        return _has_date(sentence, question)
    if want == "name":
        return _has_name(sentence, question)
    if want == "place":
        places = _PLACE_ZH if any(map(is_han, sentence)) else _PLACE_EN
        return places.search(sentence) is not None
    return _REASON.search(sentence.lower()) is not None


def _has_number(sentence: str, question: str) -> bool:
    asked = {number.value for number in Amounts.of(prepare(question)).numbers}
    return any(number.value not in asked for number in Amounts.of(prepare(sentence)).numbers)


def _has_date(sentence: str, question: str) -> bool:
    said, asked = Amounts.of(prepare(sentence)), prepare(question)
    return any(said.text[date.start : date.end] not in asked for date in said.dates)


def _has_name(sentence: str, question: str) -> bool:
    asked = question.lower()
    if any(map(is_han, sentence)):
        return any(match.group().lower() not in asked for match in _NAME_ZH.finditer(sentence))
    return any(
        match.group().lower() not in asked
        and not (match.start() == 0 and match.group().lower() in STOP_WORDS)
        for match in _NAME_EN.finditer(sentence)
    )
