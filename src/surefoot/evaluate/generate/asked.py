"""Takes the questions that stand in a text. What follows answers; in a list of questions, the rest of the list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from surefoot.core.lang import detect
from surefoot.evaluate.generate.offers import GOLD_CHARS, Library, Offer, body
from surefoot.evaluate.generate.pages import Page, Section, Sentence, in_print
from surefoot.evaluate.generate.wording import says_enough, short_enough, stands_alone
from surefoot.ingest.views.questions import is_question, is_said

_ASKS = re.compile(
    r"^(?!.*\byou\b)(?:what|how|why|when|where|which|who|whose|can i|do i|is it|should i)\b.*\?$"
    r"|^(?!.*(?:[你您]|还记得|注意到|对吗|对吧|是不是)).*(?:什么|如何|怎[样么]|为何|哪|是否|多少|吗).*？$",
    re.IGNORECASE,
)
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_LIST: Final = 4  # sentences that make a list, when at least half of them ask or request something
_HIDDEN_SHARE: Final = 4  # of a list's sentences, one in so many is taken away and asked
_ANSWER_CHARS: Final = 30


def asked(page: Page, library: Library, draw: Random) -> Iterator[Offer]:
    """Questions of an FAQ with the text after each; of a mere list, some that are hidden where it is searched."""
    for section in page.sections:
        lines = _lines(section, page)
        if _is_list(lines):
            yield from _from_list(lines, section, page, draw)
        else:
            yield from _from_text(section, page, library)


def _lines(section: Section, page: Page) -> list[Sentence]:
    """The lines of a section's text, each by itself."""
    found: list[Sentence] = []
    for number, block in enumerate(section.blocks):
        if block.kind not in ("text", "item"):
            continue
        for match in _LINE.finditer(page.document.text, block.start, block.end):
            said = in_print(match.group())
            if said:
                found.append(Sentence(said, *match.span(), number))
    return found


def _is_list(lines: Sequence[Sentence]) -> bool:
    asks = [is_question(line.text) for line in lines]
    like = sum(one or is_said(line.text) for line, one in zip(lines, asks, strict=True))
    return len(lines) >= _LIST and 2 * like >= len(lines) and _LIST * sum(asks) >= len(lines)


def _from_list(
    lines: Sequence[Sentence], section: Section, page: Page, draw: Random
) -> Iterator[Offer]:
    span = body(section)
    fit = [line for line in lines if says_enough(line.text, page.lang) and len(line.text) <= 300]
    most = max(1, len(lines) // _HIDDEN_SHARE)
    for line in draw.sample(fit, min(most, len(fit))) if span else ():
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
