"""Asks as people type into a search box: what a section is about, with the phrase that tells it from all others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Final

from surefoot.core.lang import content_terms, fold, is_han
from surefoot.core.lang.entities import key_phrases
from surefoot.core.lang.names import names
from surefoot.core.types import Lang
from surefoot.evaluate.generate.headings import bare, is_boilerplate
from surefoot.evaluate.generate.offers import Library, Offer, body
from surefoot.evaluate.generate.pages import Page, Section
from surefoot.evaluate.generate.wording import stands_alone

_LEAST_CHARS: Final = {"en": 200, "zh": 80}
_PHRASES: Final = 4
_MOST_SECTIONS: Final = 3
_MOST_CHARS: Final = 40
_LEAST_TIMES: Final = 2
_SIGN = re.compile(r"[.,;:，。；：]")
_CAPITAL_INSIDE = re.compile(r"\w[A-Z]|_|\d")


def keyphrases(page: Page, library: Library, draw: Random) -> Iterator[Offer]:
    """One query for each of a few sections: its heading or title with a phrase of its text, or phrases alone."""
    sections = [s for s in page.sections if len(s.words) >= _LEAST_CHARS.get(page.lang, 200)]
    for section in draw.sample(sections, min(_MOST_SECTIONS, len(sections))):
        span = body(section)
        phrases = _phrases(section, page.lang, library)
        topic = _topic(section, page, library)
        known = set(content_terms(topic))
        fresh = [p for p in phrases if not known & set(content_terms(p))]
        used = [topic, *fresh[:1]] if topic else fresh[:3]
        if span is None or len(used) < 2:
            continue
        query = " ".join(used)
        yield Offer(query, page.lang, page.document.id, "keyphrase", *span, about=query)


def _topic(section: Section, page: Page, library: Library) -> str:
    """The section's heading where it says enough, else the title; empty where there is neither."""
    for name in (section.heading, page.title):
        usable = name and not is_boilerplate(name) and stands_alone(name, page.lang)
        if usable and len(content_terms(name)) > 1 and len(name) <= 2 * _MOST_CHARS:
            return library.running(bare(name), page.lang).rstrip("?？")
    return ""


def _phrases(section: Section, lang: Lang, library: Library) -> list[str]:
    """Phrases as they are written, most telling first: rare among sections, frequent in this one."""
    text = section.words
    folded = fold(text)
    named = names(text)
    counts = Counter(fold(name.text) for name in named)
    written = {fold(name.text): name.text for name in named}
    for phrase in key_phrases(text, named):
        if phrase not in written and folded.count(phrase) >= _LEAST_TIMES:
            written[phrase] = phrase
            counts[phrase] = folded.count(phrase)
    scored = {
        key: sum(library.rarity(term) for term in set(content_terms(key))) * counts[key] ** 0.5
        for key, phrase in written.items()
        if _is_phrase(phrase, lang)
        and library.telling(phrase)
        and (counts[key] >= _LEAST_TIMES or _CAPITAL_INSIDE.search(phrase))
    }
    chosen: list[str] = []
    for key in sorted(scored, key=lambda key: (-scored[key], key)):
        if not any(set(content_terms(key)) & set(content_terms(other)) for other in chosen):
            chosen.append(written[key])
    return chosen[:_PHRASES]


def _is_phrase(phrase: str, lang: Lang) -> bool:
    if len(phrase) > _MOST_CHARS or not content_terms(phrase) or not stands_alone(phrase, lang):
        return False
    if lang == "zh" and any(map(is_han, phrase)):
        return len(phrase) >= 3 and not _SIGN.search(phrase)
    return len(phrase) >= 4 and not (" " in phrase and phrase.isupper())
