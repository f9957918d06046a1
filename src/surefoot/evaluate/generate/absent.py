"""Makes questions that the documents do not answer: of things not there, pairs that never meet, other documents."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Final

from surefoot.core.lang import content_terms
from surefoot.core.lang.names import names
from surefoot.core.types import Lang
from surefoot.evaluate.generate.offers import Library, Offer
from surefoot.evaluate.generate.pages import Page
from surefoot.evaluate.generate.wording import stands_alone

_IDENTIFIER = re.compile(
    r"(?<![\w.])(?:[A-Z]{2,}[0-9]*|[A-Z][a-z0-9]{2,})(?:[A-Z][a-z0-9]{2,})+(?![\w.'’])"
)
_PARTS = re.compile(r"[A-Z]{2,}[0-9]*(?![a-z])|[A-Z][a-z0-9]+")
# A capital, digit or underscore inside, two words, or three Han characters.
_NAMES = re.compile(r"^\w+[A-Z0-9_]|^[A-Z]\S+ [A-Z]|^[\u4e00-\u9fff·]{3,}$")
_TRIES: Final = 6
_MOST_CHARS: Final = 30
_LEAST_CHARS: Final = 3
_PAIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("How do {x} and {y} work together?", "What does {x} have to do with {y}?"),
    "zh": ("{x}和{y}怎样配合使用？", "{x}跟{y}有什么联系？"),
}


def renamed(taken: Sequence[Offer], library: Library, draw: Random) -> Iterator[Offer]:
    """Taken questions about an identifier, about one that is not there: its first part with another's last."""
    known = sorted({name for offer in taken for name in _IDENTIFIER.findall(offer.about)})
    for offer in taken:
        found = _IDENTIFIER.search(offer.question)
        if offer.method == "keyphrase" or found is None or len(known) < 2:
            continue
        for _ in range(_TRIES):
            other = _PARTS.findall(draw.choice(known))
            made = _PARTS.findall(found.group())[0] + other[-1]
            if made != found.group() and not any(library.frequency[t] for t in content_terms(made)):
                question = offer.question.replace(found.group(), made)
                yield _unanswerable(offer, question, made)
                break


def paired(pages: Sequence[Page], lang: Lang, library: Library, draw: Random) -> Iterator[Offer]:
    """How two things relate that stand in no document together, each the subject of another one."""
    where: dict[str, set[str]] = defaultdict(set)
    for page in pages:
        if page.lang == lang:
            for name in _named(page, library):
                where[name].add(page.document.id)
    known = sorted(where)
    texts = {page.document.id: page.document.text for page in pages}
    for _ in range(_TRIES * len(known)):
        x, y = draw.choice(known), draw.choice(known)
        if x == y or where[x] & where[y] or set(content_terms(x)) & set(content_terms(y)):
            continue
        if any(x in text and y in text for text in texts.values()):
            continue
        question = draw.choice(_PAIRED[lang]).format(x=x, y=y)
        home = min(where[x])
        yield Offer(question, lang, home, "paired", 0, 0, about=f"{x} {y}")


def foreign(offers: Iterable[Offer]) -> Iterator[Offer]:
    """Questions made from other documents."""
    for offer in offers:
        if not offer.hidden and "titled" not in offer.tags and offer.method != "keyphrase":
            yield _unanswerable(offer, offer.question, offer.about, "neighbour")


def _named(page: Page, library: Library) -> Iterator[str]:
    counts = Counter(name.text for section in page.sections for name in names(section.words))
    for name, n in sorted(counts.items()):
        fits = n > 1 and _LEAST_CHARS <= len(name) <= _MOST_CHARS and library.telling(name)
        if (
            fits
            and _NAMES.search(name)
            and stands_alone(name, page.lang)
            and name in page.document.text
        ):
            yield name


def _unanswerable(offer: Offer, question: str, about: str, method: str = "renamed") -> Offer:
    return replace(
        offer,
        question=question,
        about=about,
        method=method,
        answers=(),
        start=0,
        end=0,
        hidden=None,
    )
