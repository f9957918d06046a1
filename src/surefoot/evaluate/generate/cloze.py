"""Takes a sentence out of its passage and asks for the passage by it: the sentence is hidden where it is searched."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

from surefoot.core.lang import content_terms, detect
from surefoot.evaluate.generate.offers import Library, Offer
from surefoot.evaluate.generate.pages import Page, Section, Sentence
from surefoot.evaluate.generate.wording import says_enough, stands_alone

_LEAST_SENTENCES: Final = 4
_HIDDEN_SHARE: Final = 8  # one sentence in so many is taken away
_TERMS: Final = 6
_AROUND: Final = 4  # sentences on each side that are the gold


def cloze(page: Page, library: Library, draw: Random) -> Iterator[Offer]:
    """Sentences that share a telling word with those around them; the gold is what stands around."""
    for section in page.sections:
        said = section.sentences
        if len(said) < _LEAST_SENTENCES:
            continue
        fit = [place for place in range(len(said)) if _fits(said[place], section, page, library)]
        for place in draw.sample(fit, min(len(fit), max(1, len(said) // _HIDDEN_SHARE))):
            around = said[max(0, place - _AROUND) : place + _AROUND + 1]
            yield Offer(
                said[place].text,
                page.lang,
                page.document.id,
                "cloze",
                around[0].start,
                around[-1].end,
                about=said[place].text,
                hidden=(said[place].start, said[place].end),
            )


def _fits(sentence: Sentence, section: Section, page: Page, library: Library) -> bool:
    text = sentence.text
    if detect(text) != page.lang or len(text) > 300 or text.endswith((":", "：")):
        return False
    if not says_enough(text, page.lang, _TERMS) or not stands_alone(text, page.lang):
        return False
    rest = "\n".join(other.text for other in section.sentences if other is not sentence)
    shared = set(content_terms(text)) & set(content_terms(rest))
    return any(library.frequency[term] <= max(3, library.sections // 20) for term in shared)
