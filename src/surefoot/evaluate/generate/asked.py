"""Takes the questions that stand in a text. What follows answers; in a list of questions, the rest of the list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Final

from surefoot.core.lang import count_terms, detect
from surefoot.evaluate.generate.offers import GOLD_CHARS, Library, Offer, body
from surefoot.evaluate.generate.pages import Page, Section
from surefoot.evaluate.generate.wording import says_enough, short_enough, stands_alone
from surefoot.ingest.views.questions import is_question, is_said

_ASKS = re.compile(
    r"^(?!.*\byou\b)(?:what|how|why|when|where|which|who|whose|can i|do i|is it|should i)\b.*\?$"
    r"|^(?!.*(?:[你您]|还记得|注意到|对吗|对吧|是不是)).*(?:什么|如何|怎[样么]|为何|哪|是否|多少|吗).*？$",
    re.IGNORECASE,
)
_LIST: Final = 4  # sentences that make a list, when at least half of them ask or request something
_HIDDEN_SHARE: Final = 4  # of a list's sentences, one in so many is taken away and asked
_ANSWER_CHARS: Final = 30


def asked(page: Page, library: Library, draw: Random) -> Iterator[Offer]:
    """Questions of an FAQ with the text after each; of a mere list, some that are hidden where it is searched."""
    for section in page.sections:
        if _is_list(section):
            yield from _from_list(section, page, draw)
        else:
            yield from _from_text(section, page, library)


def _is_list(section: Section) -> bool:
    said = [s for s in section.sentences if says_enough(s.text, "en", 2)]
    asks = [is_question(s.text) for s in said]
    like = sum(asks) + sum(
        is_said(s.text) for s, is_one in zip(said, asks, strict=True) if not is_one
    )
    return len(said) >= _LIST and 2 * like >= len(said) and _LIST * sum(asks) >= len(said)


def _from_list(section: Section, page: Page, draw: Random) -> Iterator[Offer]:
    span = body(section)
    # Lines of one paragraph are one block: a sentence stands for itself where it has its own line.
    lines = [
        s
        for s in section.sentences
        if says_enough(s.text, page.lang) and len(s.text) <= 300 and count_terms(s.text) <= 60
    ]
    most = max(1, len(lines) // _HIDDEN_SHARE)
    for line in draw.sample(lines, min(most, len(lines))) if span else ():
        yield Offer(
            line.text,
            page.lang,
            page.document.id,
            "asked",
            *(span or (0, 0)),
            about=line.text,
            hidden=(line.start, line.end),
        )


def _from_text(section: Section, page: Page, library: Library) -> Iterator[Offer]:
    for place, sentence in enumerate(section.sentences):
        text = sentence.text
        if not _ASKS.search(text) or detect(text) != page.lang:
            continue
        if not (says_enough(text, page.lang) and short_enough(text, page.lang)):
            continue
        if not stands_alone(text, page.lang) or not library.telling(text):
            continue
        after = section.sentences[place + 1 :]
        if not after or after[0].text.endswith(("?", "？")):
            continue
        start = after[0].start
        end = max(one.end for one in after if one.end - start <= GOLD_CHARS or one is after[0])
        if end - start >= _ANSWER_CHARS:
            yield Offer(text, page.lang, page.document.id, "asked", start, end, about=text)
