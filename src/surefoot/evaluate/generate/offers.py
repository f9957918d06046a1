"""What a method offers: a question that was made, and the text that answers it. And what methods may look at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import log
from random import Random
from typing import Final, Literal, Protocol

from surefoot.core.lang import content_terms, fold
from surefoot.core.types import Lang
from surefoot.evaluate.generate.pages import Page, Section

MethodName = Literal["heading", "definition", "statement", "asked", "table", "keyphrase", "cloze"]
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
GOLD_CHARS: Final = 1500
_FEW: Final = 2
_RARE: Final = 2
_RARE_ZH: Final = 4  # pairs of characters
_NAME = re.compile(r"[A-Za-z_]*[A-Z_.()@][\w.()]*|\d+")


@dataclass(frozen=True, slots=True)
class Offer:
    """A question and its gold: characters `[start, end)` of a document.

    `about` holds the words that come from the document, without those of the template. `hidden` is a span that must
    not be read when the question is asked, because the question stands there.
    """

    question: str
    lang: Lang
    document_id: str
    method: str
    start: int
    end: int
    about: str
    answers: tuple[str, ...] = ()
    hidden: tuple[int, int] | None = None
    tags: tuple[str, ...] = ()


class Method(Protocol):
    """Makes offers from one page; the same page, library and draw make the same offers."""

    def __call__(self, page: Page, library: Library, draw: Random, /) -> Iterator[Offer]: ...


@dataclass(frozen=True, slots=True)
class Library:
    """All pages together: which headings and terms are common, and which words are written small."""

    pages: tuple[Page, ...]
    headings: Counter[str]
    sections: int
    frequency: Counter[str]
    small: frozenset[str] = frozenset()
    repeated: Mapping[str, int] = field(default_factory=Counter)

    @classmethod
    def of(cls, pages: Iterable[Page]) -> Library:
        """Counts headings by document, and terms by section."""
        held = tuple(pages)
        headings, frequency = Counter[str](), Counter[str]()
        lower, upper, repeated = Counter[str](), Counter[str](), Counter[str]()
        sections = 0
        for page in held:
            headings.update({fold(section.heading) for section in page.sections})
            repeated.update(
                {_stock_key(one.text) for section in page.sections for one in section.sentences}
            )
            for section in page.sections:
                sections += 1
                frequency.update(set(content_terms(f"{section.heading}\n{section.words}")))
                for sentence in section.sentences:
                    for word in _WORD.findall(sentence.text)[1:]:
                        (lower if word.islower() else upper)[word.lower()] += 1
        small = frozenset(word for word, n in lower.items() if n > upper[word])
        return cls(held, headings, max(1, sections), frequency, small, repeated)

    def rarity(self, term: str) -> float:
        """Inverse document frequency of a term over the sections, 0 and more."""
        return log((self.sections + 1) / (self.frequency[term] + 1))

    def telling(self, text: str) -> bool:
        """Whether a text has a term that at most a twentieth of the sections have (at least three may have it)."""
        most = max(3, self.sections // 20)
        return any(0 < self.frequency[term] <= most for term in content_terms(text))

    def specific(self, text: str, lang: Lang) -> bool:
        """Whether a text has so many rare terms that it needs no title beside it."""
        most = max(3, self.sections // 60)
        rare = {term for term in content_terms(text) if 0 < self.frequency[term] <= most}
        return len(rare) >= (_RARE_ZH if lang == "zh" else _RARE)

    def stock(self, sentence: str) -> bool:
        """Whether a sentence stands in three documents or more, but for the names in it."""
        return self.repeated[_stock_key(sentence)] > _FEW

    def running(self, text: str, lang: Lang) -> str:
        """A title as it reads inside a sentence: words that the documents write small are written small.

        In Chinese text, words of other letters are names and stay as they are.
        """
        if lang == "zh":
            return text
        return _WORD.sub(lambda match: self._cased(match.group()), text)

    def _cased(self, word: str) -> str:
        if len(word) > 1 and not word[1:].islower():
            return word
        return word.lower() if word.lower() in self.small else word


def _stock_key(sentence: str) -> str:
    """A sentence without names and numbers."""
    return fold(_NAME.sub("", sentence))


def body(section: Section) -> tuple[int, int] | None:
    """The span of a section's text, whole blocks up to a limit; None where it has none."""
    if not section.blocks:
        return None
    start, end = section.blocks[0].start, section.blocks[0].end
    for block in section.blocks[1:]:
        if block.end - start > GOLD_CHARS:
            break
        end = block.end
    return start, end
