"""Turns sentences of some shapes into questions: conditions, purposes, means, reasons. The sentence answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Final

from surefoot.core.lang import content_terms, detect
from surefoot.core.types import Lang
from surefoot.evaluate.generate.headings import is_action
from surefoot.evaluate.generate.offers import Library, Offer
from surefoot.evaluate.generate.pages import Page, Sentence
from surefoot.evaluate.generate.wording import (
    Shape,
    as_asker,
    in_context,
    points_elsewhere,
    says_enough,
    short_enough,
    stands_alone,
    trimmed,
    worded,
)

Found = tuple[Shape, str, str]  # how to ask, about what, and what answers

_IF = re.compile(
    r"^(?:But |And |So,? |Note that )?(?:if|when|whenever|in case) "
    r"(?P<x>(?!you (?:check|look|see|go to|visit|open|already|know|prefer|remember|think)\b)"
    r"(?!you are (?:curious|new|interested|familiar|looking)\b)"
    r"(?:you|your|an?|the|no|\w+s) [^.;:?!]{8,140}?), (?P<y>.{15,})$",
    re.IGNORECASE,
)
_TO = re.compile(
    r"^(?:So,? |And |But )?(?:in order )?to (?P<x>[a-z]+ [^.;:?!]{6,120}?), (?P<y>.{15,})$",
    re.IGNORECASE,
)
_CAN = re.compile(
    r"^(?:So,? |And |But |Then,? )?(?:with [^,]{3,40}, )?you (?:can|could|may)(?: also)? (?P<x>[a-z]+ [^.;:?!]{8,120}?)"
    r" (?P<y>(?:by \w+ing|using|through|with the)\b.{4,})$",
    re.IGNORECASE,
)
_BECAUSE = re.compile(
    r"^(?P<x>(?!And\b|But\b|Even\b|Not\b|Still\b|So\b)[A-Z][^,.;:?!]{15,140}?),? because (?!of\b)(?P<y>.{15,})$"
)
_ADVICE = re.compile(
    r"^(?:then )?,?\s*(?:you (?:can|could|should|need|must|have to|may|might want|simply|just|only)|just|make sure"
    r"|please|simply|don[’']t|do not|it(?:'s| is) (?:better|recommended|enough|best))\b",
    re.IGNORECASE,
)
_ZH_IF = re.compile(
    r"^(?:但是?|不过|而|所以|因此|同时)?，?(?:如果|假如|若|要是)"
    r"(?P<x>(?!(?:[你您])?(?:是|查看|检查|前往|打开|看|还不|不了解|不知道|提到|说到|谈到|看到|记得|发现|并非|不是|已经?|更?喜欢|熟悉|知道|想知道|好奇|对))"
    r"[^，。；：？！]{4,36})，(?P<y>[^？]{8,})$"
)
_ZH_WHEN = re.compile(
    r"^(?:但是?|不过|而)?，?当(?P<x>(?![你您]?(?:提到|说到|谈到|查看|检查|前往|打开|看))[^，。；：？！]{5,36})(?:时|的时候)，"
    r"(?P<y>[^？]{8,})$"
)
_ZH_TO = re.compile(
    r"^(?:但是?|不过|所以|因此)?，?(?:要想|想要|若要|如需|要)(?:能够?)?(?P<x>(?![是求点么])[^，。；：？！]{4,32})，(?P<y>[^？]{8,})$"
)
_ZH_CAN = re.compile(
    r"^(?:所以|因此|然后|此外|另外|并且)?，?[你您]?(?:可以|能够?)(?P<y>(?:使用|用|通过|利用|借助)[^，。；：？！]{2,30}?)(?:来|去|以)"
    r"(?P<x>(?!及)[^，。；：？！]{4,30})[，。].*$"
)
_ZH_SUBJECT = (
    r"(?!如果|假设|即使|虽然|请|当|但|而|具有|有|是|会|能|也|不|在|这|可以|需要|所以|并|然后|因此|除了|只要|没有)"
    r"[^，。；：？！]{5,36}"
)
_ZH_BECAUSE = re.compile(
    rf"^(?:因为|由于)(?P<y>[^，。；：？！]{{5,40}})，(?:所以|因此|故|于是)?(?P<x>{_ZH_SUBJECT})[。，；].*$"
    rf"|^(?P<x2>{_ZH_SUBJECT})，(?:这是)?因为(?P<y2>.{{8,}})$"
)
_ZH_ADVICE = re.compile(
    r"^[你您]?(?:就|也|则|便)?(?:可以(?!看到|发现)|应该|应当|需要|请|必须|要|建议|最好|只需|无需|不必|可(?=使用|用|在|通过))"
)
# A clause that goes on the condition, so that the condition is not whole.
_BROKEN = re.compile(
    r"(?:but|and|or|nor|for example|for instance|e\.g|i\.e|which|as|maybe|like|such as|in|on|by|with|without|float|str"
    r"|first|each|including|especially|even|not|instead|directly)\b"
    r"|(?:但|而|或|和|例如|比如|同时|并|甚至|以及|且|如|直接来自|首先|先|还|也就是|然后|再|接着|之后|以便|从而|使|应用仍|仍|其|支持|除了)",
    re.IGNORECASE,
)
_ZH_GOES_ON = re.compile(r"[^。]{2,60}，(?:那么?|则|就)")
_WISH = re.compile(r"\b(?:want|need|would like|wish|prefer)\b|想|需要|希望|打算")
_TWICE = re.compile(
    r".+\b(?:you|it|they) (?:can|could|will|should|would|must|need)\b", re.IGNORECASE
)
_SHAPES_EN: Final[tuple[tuple[re.Pattern[str], Shape], ...]] = (
    (_IF, "follows"), (_TO, "do"), (_CAN, "do"), (_BECAUSE, "why")
)  # fmt: skip
_SHAPES_ZH: Final[tuple[tuple[re.Pattern[str], Shape], ...]] = (
    (_ZH_IF, "follows"), (_ZH_WHEN, "follows"), (_ZH_TO, "do"), (_ZH_CAN, "do"), (_ZH_BECAUSE, "why")
)  # fmt: skip
_MOST_CHARS = 500
_LEAST_FRESH = (3, 5)  # content words that the answer adds: English, Chinese
_DEFINITE = re.compile(r"^the |^(?:your|you|an?) .*\bthe (?!\S*[A-Z_.])", re.IGNORECASE)
_NO_DEED = ("see", "know", "learn", "read", "understand", "了解", "查看", "知道", "阅读", "理解")


def statements(page: Page, library: Library, draw: Random) -> Iterator[Offer]:
    """One question for each sentence of such a shape that can be understood by itself."""
    for section in page.sections:
        for sentence in section.sentences:
            found = _turned(sentence, page.lang)
            if found is None:
                continue
            shape, about, answer = found
            if not _clear(about, page.lang) or not library.telling(about):
                continue
            fresh = set(content_terms(answer)) - set(content_terms(about))
            if len(fresh) < _LEAST_FRESH[page.lang == "zh"]:
                continue
            question = worded(page.lang, shape, draw, x=as_asker(about, page.lang))
            tags: tuple[str, ...] = ()
            if page.title and (_DEFINITE.search(about) or not library.specific(about, page.lang)):
                question, tags = in_context(page.lang, page.title, question, draw), ("titled",)
            yield Offer(
                question,
                page.lang,
                page.document.id,
                "statement",
                sentence.start,
                sentence.end,
                about=about,
                answers=(answer,),
                tags=tags,
            )


def _turned(sentence: Sentence, lang: Lang) -> Found | None:
    text = sentence.text
    if len(text) > _MOST_CHARS or text.endswith((":", "：", "?", "？")) or detect(text) != lang:
        return None
    for pattern, shape in _SHAPES_ZH if lang == "zh" else _SHAPES_EN:
        if match := pattern.match(text):
            return _read(match, shape, lang)
    return None


def _read(match: re.Match[str], shape: Shape, lang: Lang) -> Found | None:
    parts = match.groupdict()
    about = trimmed(parts["x"] or parts.get("x2") or "")
    answer = (parts["y"] or parts.get("y2") or "").strip()
    if shape == "do" and (
        about.startswith(_NO_DEED) or (lang == "en" and not is_action(about.split()[0]))
    ):
        return None
    if lang == "zh" and (about.endswith(("时", "后", "内")) or _ZH_GOES_ON.match(answer)):
        return None
    if _BROKEN.match(answer) or points_elsewhere(answer[:80]) or not _balanced(about):
        return None
    if shape == "follows" and (_is_advice(answer, lang) or _WISH.search(about)):
        shape = "advised"
    if shape == "why" and lang == "en":
        about = about[0].lower() + about[1:] if about.split()[0].lower() in _OPENERS else about
    return shape, about, answer


def _is_advice(answer: str, lang: Lang) -> bool:
    if lang == "zh":
        return _ZH_ADVICE.match(answer) is not None
    return _ADVICE.match(answer) is not None or is_action(answer.split()[0])


def _balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("()", "（）", "“”", "「」", "[]"))


_OPENERS = ("the", "a", "an", "you", "your", "in", "when", "there", "using", "by", "for", "with")


def _clear(about: str, lang: Lang) -> bool:
    if lang == "en" and _TWICE.match(about):
        return False
    return says_enough(about, lang) and short_enough(about, lang) and stands_alone(about, lang)
