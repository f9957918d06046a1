"""Asks for what a heading names; the section under it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from surefoot.core.lang import content_terms, detect, fold
from surefoot.core.types import Lang
from surefoot.evaluate.generate.offers import Library, Offer, body
from surefoot.evaluate.generate.pages import Page, Section
from surefoot.evaluate.generate.wording import (
    in_context,
    points_elsewhere,
    stands_alone,
    worded,
)
from surefoot.evaluate.generate.words import word_list
from surefoot.ingest.views.questions import is_question

_FOLLOWS_ACTION = re.compile(
    r"(?:an?|the|your|my|all|any|multiple|several|some|each|every|more|different|custom|additional|extra|existing|new|old|only"
    r"|as|from|to|into|in|with|without|for|by|it|up|on)\b|[\"'`@_*]|[a-z]+_|\w*[A-Z]\w*[A-Z]",
)
_NUMBER = re.compile(
    r"^(?:第[一二三四五六七八九十百零〇\d]{1,6}[编篇部卷章节条回]|\d{1,2}(?:\.\d{1,2})*\.?|[一二三四五六七八九十]{1,3}[、.])\s*"
)
_STEP = re.compile(
    r"^(?:step\s*\d+|步骤\s*[\d一二三四五六七八九十]+)\s*[:：.、-]\s*", re.IGNORECASE
)
_ABOUT = re.compile(r"^(?:about|on)\s+|^关于\s*", re.IGNORECASE)
_NO_TOPIC = re.compile(
    r"^(?:with|without|from|in|on|for|by|as|at|to|when|after|before|more|use cases?|just|only|[a-z]+ed|do not|don[’']t"
    r"|check|see|try|look|be|and|but|or|not|no|yes|let)\b|^(?:查看|检查|试试|看看|就|也|仅|不|别|请|但|和|与|或|再|又)",
    re.IGNORECASE,
)
_VERSUS = re.compile(
    r"\s+(?:vs\.?|versus)\s+|\s*(?:与|和)\s*(?=[^与和]+(?:的区别|的不同|的差异|的比较)$)"
)
_ZH_DIFFERENCE = re.compile(r"(?:之间)?的(?:区别|不同|差异|比较)$")
_HOW_TO = re.compile(r"^how to\s+", re.IGNORECASE)
_WHY = re.compile(r"^why\s+(?!not\b)", re.IGNORECASE)
_WHEN_TO = re.compile(r"^when to\s+", re.IGNORECASE)
_ZH_ASKS = re.compile(r"^(?:如何|怎[样么])|什么|为何|为什么|是否|哪[里些个种]|多少")
_ZH_OBJECT = re.compile(r"\s*(?:[A-Za-z_@]|一个|多个|自定义|额外|自己|新的?|带|数据库|其他|不同)")
_ZH_OWNED = re.compile(r"的[^的]{1,6}$")
_ZH_NO_OBJECT = ("的", "器", "时", "后", "前", "过", "与", "和", "及", "、", "/")
_ZH_ACTIONS = tuple(sorted(word_list("actions-zh")))
_ZH_BOTH = tuple(sorted(word_list("actions-both-zh")))
_ZH_MANNER = re.compile(
    rf"(?:直接|手动|自动|同时|快速|动态|按需)(?:{'|'.join(_ZH_ACTIONS)})"
    rf"|(?:用|为|给|在|从)[^，。的]{{2,14}}(?:{'|'.join(_ZH_ACTIONS)}|进行)"
)
_MAIN = 0.4
_MOST_WORDS = 9
_LEAST_CHARS = {"en": 140, "zh": 50}


def headings(page: Page, library: Library, draw: Random) -> Iterator[Offer]:
    """One question for each section whose heading says what it is about and whose text says something on it."""
    for section in page.sections:
        span = body(section)
        if span is None or not _serves(section, page, library):
            continue
        name = bare(section.heading)
        question = _asked(name, library, page.lang, draw)
        tags: tuple[str, ...] = ()
        if _needs_title(name, page):
            question = in_context(page.lang, page.title, question, draw)
            tags = ("titled",)
        yield Offer(
            question,
            page.lang,
            page.document.id,
            "heading",
            *span,
            about=section.heading,
            tags=tags,
        )


def bare(heading: str) -> str:
    """A heading without number, `Step 1:`, `About` and closing signs other than a question mark."""
    plain = _ABOUT.sub("", _STEP.sub("", _NUMBER.sub("", heading)))
    return plain.strip(" :：.。") or heading


def is_boilerplate(heading: str) -> bool:
    """Whether a heading could stand over anything: Introduction, Recap, 提示."""
    if _NO_TOPIC.match(heading):
        return True
    return fold(heading).strip(" :：.。!！") in word_list("boilerplate")


def is_action(word: str) -> bool:
    """Whether a word begins with a verb, English or Chinese, that asks for something to be done."""
    return word.lower() in word_list("actions-en") or word.startswith(_ZH_ACTIONS)


def _serves(section: Section, page: Page, library: Library) -> bool:
    name = section.heading
    if not name or is_boilerplate(name) or library.headings[fold(name)] > 1:
        return False
    words = name.split()
    if not stands_alone(name, page.lang) or not content_terms(name) or len(name) > 120:
        return False
    if is_boilerplate(words[-1]) or is_boilerplate(" ".join(words[-2:])):
        return False
    own = [
        one.text
        for one in section.sentences
        if not (
            one.text.endswith((":", "：")) or library.stock(one.text) or points_elsewhere(one.text)
        )
    ]
    said = "\n".join(own)
    if len(said) < _LEAST_CHARS.get(page.lang, 140) or len(own) < 2:
        return False
    known = set(content_terms(name))
    if len(known) == 1 and (not library.telling(name) or known & set(content_terms(page.title))):
        return False
    if len(name.split()) > _MOST_WORDS:
        return False
    if section.level == 1 and not _is_main(section, page):
        return False
    if page.lang == "en" and detect(name) == "zh":
        return False
    return bool(known & set(content_terms(said))) and library.telling(name + " " + page.title)


def _is_main(section: Section, page: Page) -> bool:
    """Whether what stands under the title of a page is a large part of it, and no mere introduction."""
    return len(section.words) >= _MAIN * sum(len(other.words) for other in page.sections)


def _needs_title(name: str, page: Page) -> bool:
    """Whether a heading alone is too little: few content words, none of them in the title or the question's own."""
    own, title = set(content_terms(name)), set(content_terms(page.title))
    few = len(own) < (4 if page.lang == "zh" else 3)
    return few and bool(title) and not own & title


def _asked(name: str, library: Library, lang: Lang, draw: Random) -> str:
    if pair := _compared(name):
        first, second = (library.running(part, lang) for part in pair)
        return worded(lang, "differ", draw, x=first, y=second)
    return _asked_zh(name, draw) if lang == "zh" else _asked_en(name, library, draw)


def _compared(name: str) -> tuple[str, str] | None:
    parts = _VERSUS.split(name)
    if len(parts) != 2 or not all(part.strip() for part in parts):
        return None
    return parts[0].strip(), _ZH_DIFFERENCE.sub("", parts[1]).strip()


def _asked_en(name: str, library: Library, draw: Random) -> str:
    plain = library.running(name, "en")
    if match := _HOW_TO.match(plain):
        return worded("en", "do", draw, x=plain[match.end() :].rstrip("?"))
    if match := _WHEN_TO.match(plain):
        return f"When should I {plain[match.end() :].rstrip('?')}?"
    if is_question(plain) or _WHY.match(plain):
        return f"{plain[0].upper()}{plain[1:].rstrip('?')}?"
    first, _, rest = plain.partition(" ")
    word = first.lower()
    if (
        word in word_list("actions-en")
        and rest
        and (word not in word_list("actions-both-en") or _FOLLOWS_ACTION.match(rest))
    ):
        return worded("en", "do", draw, x=f"{word} {rest}")
    if word.endswith("ing") and len(word) > 4 and word not in word_list("no-gerunds-en") and rest:
        return worded("en", "doing", draw, x=f"{word} {rest}")
    return worded("en", "about", draw, x=plain)


def _asked_zh(name: str, draw: Random) -> str:
    if is_question(name) or _ZH_ASKS.search(name):
        return f"{name.rstrip('？?')}？"
    verb = next((verb for verb in (*_ZH_ACTIONS, *_ZH_BOTH) if name.startswith(verb)), "")
    rest = name[len(verb) :].strip()
    plain = verb in _ZH_ACTIONS or _ZH_OBJECT.match(rest)
    if (
        verb
        and len(rest) >= 2
        and plain
        and not _ZH_OWNED.search(rest)
        and not rest.startswith(_ZH_NO_OBJECT)
    ):
        return worded("zh", "do", draw, x=name)
    if _ZH_MANNER.match(name):
        return worded("zh", "do", draw, x=name)
    return worded("zh", "about", draw, x=name)
