"""Whether a made question serves: neither asked already, nor answered elsewhere too, nor lost to the search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from surefoot.core.lang import content_terms, fold
from surefoot.core.roles import Call
from surefoot.core.types import Chunk, Hit, Lang, Query
from surefoot.evaluate.generate.offers import Library, Offer
from surefoot.evaluate.searching import untraced_search

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

DEPTH: Final = 20
_SAME_TEXT: Final = 0.6
_SHINGLE: Final = 5
_UNKNOWN: Final = 0.5

Span = tuple[int, int]
Search = Callable[[str, Lang], Sequence[Hit]]


def searching(space: Workspace) -> Search:
    """The workspace's own search without its answering stages; nothing is written to the ledger."""
    search = untraced_search(space)
    return lambda question, lang: search(Query(question, lang), Call(limit=DEPTH)).hits


@dataclass(slots=True)
class Checks:
    """Looks at one offer after the other and remembers what was asked."""

    search: Search
    library: Library
    texts: Callable[[str], str]
    _asked: set[str] = field(default_factory=set)
    _golds: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    _hidden: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def over(cls, search: Search, library: Library, texts: Callable[[str], str]) -> Checks:
        """`texts` gives a document's text by its id."""
        return cls(search, library, texts)

    def problem(self, offer: Offer) -> str:
        """Why an offer is dropped; empty where it serves."""
        key = " ".join(sorted(set(content_terms(offer.about))))
        if key in self._asked:
            return "asked already"
        if self._collides(offer):
            return "what one question hides answers another"
        hits = self.search(offer.question, offer.lang)
        place = next((i for i, hit in enumerate(hits) if overlaps(hit.chunk, offer)), None)
        if place is None:
            return "not found by its words"
        if self._said_elsewhere(offer, hits):
            return "the same text stands elsewhere"
        if not offer.hidden and self._rivalled(offer, hits, place):
            return "another place has its words as well"
        self._asked.add(key)
        self._golds[offer.document_id].append((offer.start, offer.end))
        if offer.hidden:
            self._hidden[offer.document_id].append(offer.hidden)
        return ""

    def unanswered(self, question: str, about: str, lang: Lang) -> bool:
        """Whether no passage has more than half of the words of a question, by rarity."""
        hits = self.search(question, lang)
        return all(self._covered(about, hit.chunk) < _UNKNOWN for hit in hits)

    def _collides(self, offer: Offer) -> bool:
        """Whether half of a gold is hidden for another question."""
        name, gold = offer.document_id, (offer.start, offer.end)
        hides = (offer.hidden,) if offer.hidden else ()
        return any(_covers(span, gold) for span in self._hidden[name]) or any(
            _covers(span, other) for span in hides for other in self._golds[name]
        )

    def _said_elsewhere(self, offer: Offer, hits: Sequence[Hit]) -> bool:
        gold = shingles(self.texts(offer.document_id)[offer.start : offer.end])
        others = (hit.chunk for hit in hits if not overlaps(hit.chunk, offer))
        return bool(gold) and any(
            len(gold & shingles(chunk.text)) >= _SAME_TEXT * len(gold) for chunk in others
        )

    def _rivalled(self, offer: Offer, hits: Sequence[Hit], place: int) -> bool:
        """Whether a passage found before the gold has as many of the question's words, in its language."""
        own = self._covered(offer.about, hits[place].chunk)
        return any(
            hit.chunk.lang == offer.lang and self._covered(offer.about, hit.chunk) >= own
            for hit in hits[:place]
        )

    def _covered(self, about: str, chunk: Chunk) -> float:
        """Share of the words, by rarity, that a chunk has in its text, headings or title."""
        wanted = set(content_terms(about))
        weights = {term: self.library.rarity(term) + 0.1 for term in wanted}
        held = set(content_terms("\n".join((chunk.title, *chunk.headings, chunk.text))))
        whole = sum(weights.values())
        return sum(weights[term] for term in wanted & held) / whole if whole else 1.0


def _covers(hidden: Span, gold: Span) -> bool:
    shared = min(hidden[1], gold[1]) - max(hidden[0], gold[0])
    return 2 * shared >= gold[1] - gold[0]


def overlaps(chunk: Chunk, offer: Offer) -> bool:
    """Whether a chunk has some of the gold."""
    return (
        chunk.document_id == offer.document_id
        and chunk.start < offer.end
        and chunk.end > offer.start
    )


def shingles(text: str) -> frozenset[str]:
    """Runs of five characters of a text without its white space, by which near-copies are told."""
    plain = "".join(fold(text).split())
    return frozenset(plain[i : i + _SHINGLE] for i in range(len(plain) - _SHINGLE + 1))
