"""Finds the titles of a corpus in a text: what a passage or a question names. Knows titles, no searches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from surefoot.core.lang.detect import is_han
from surefoot.core.lang.dictionary import is_common
from surefoot.core.lang.entities import bare_title, entity_key, entity_units, located_units
from surefoot.core.lang.lexicon import SENTENCE_STARTERS
from surefoot.core.lang.stopwords import STOP_WORDS
from surefoot.core.roles import Mention

_MAX_UNITS = 12
_SPREAD = 5
_QUOTES = frozenset("《「『“\"'‘")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_MARKS = "\"'.,:;!?()[]-–“”‘’"
_SURE_HAN = 4  # characters from which a Chinese title is told by itself, wherever words begin


@dataclass(frozen=True, slots=True)
class Found:
    """A title that stands in a text: at `[start, end)`, and as the units from `place` on."""

    key: str
    start: int
    end: int
    place: int
    units: int
    documents: tuple[str, ...]


class Directory:
    """The titles of all documents. A title that more than five documents share tells none of them and is left out."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        self.chunks: dict[str, list[str]] = {}
        self._proper: set[str] = set()
        titles: dict[str, dict[str, None]] = {}
        for mention in mentions:
            own = self.chunks.setdefault(mention.document_id, [])
            own.append(mention.chunk_id)
            if len(own) == 1 and mention.title:
                for key in title_keys(mention.title):
                    titles.setdefault(key, {})[mention.document_id] = None
                    if _is_proper(mention.title):
                        self._proper.add(key)
        self._titles = {k: tuple(found) for k, found in titles.items() if len(found) <= _SPREAD}
        self._longest: dict[str, int] = {}
        for key in self._titles:
            units = key.split(" ")
            self._longest[units[0]] = max(len(units), self._longest.get(units[0], 0))

    def documents(self, name: str) -> tuple[str, ...]:
        """The documents that have this title, however it is written."""
        return self._titles.get(" ".join(entity_units(name)), ())

    def by_entity(self) -> dict[str, tuple[str, ...]]:
        """The documents of each title under the key that an entity of that name has."""
        return {entity_key(title): documents for title, documents in self._titles.items()}

    def find(self, text: str) -> list[Found]:
        """The titles in a text in order, the longest where several begin at one place.

        A title counts where it is written as a name: with a capital or in quotation marks. In a text without any
        capitals, and at its beginning, it counts when all its words have capitals in the title itself and it has
        several of them. Common Chinese words only count in quotation marks.
        """
        units = list(located_units(text))
        spoken = not any(char.isupper() for char in text[1:])
        words = _Words(text)
        found: list[Found] = []
        at = 0
        while at < len(units):
            match = self._longest_at(units, at)
            if match is None or not self._is_named(text, match, words, spoken):
                at += 1
                continue
            found.append(match)
            at += match.units
        return found

    def _longest_at(self, units: Sequence[tuple[str, int, int]], at: int) -> Found | None:
        most = min(self._longest.get(units[at][0], 0), len(units) - at)
        for count in range(most, 0, -1):
            key = " ".join(unit for unit, _, _ in units[at : at + count])
            if documents := self._titles.get(key):
                start, end = units[at][1], units[at + count - 1][2]
                return Found(key, start, end, at, count, documents)
        return None

    def _is_named(self, text: str, found: Found, words: _Words, spoken: bool) -> bool:
        if found.start and text[found.start - 1] in _QUOTES:
            return True
        first = text[found.start]
        if is_han(first):
            name = text[found.start : found.end]
            return len(name) >= _SURE_HAN or (words.begin_at(found.start) and not is_common(name))
        if first.isdigit() and found.units == 1:
            return False
        within = text[
            found.start or 1 : found.end
        ]  # a capital at the beginning of all says nothing
        if first.isdigit() or any(map(str.isupper, within)):
            return True
        proper = found.key in self._proper
        return proper and (found.units > 1 if spoken else first.isupper())


def title_keys(title: str) -> Iterator[str]:
    """Under which units a title is found: all of it, and without a closing note in brackets."""
    for form in dict.fromkeys((title, bare_title(title))):
        units = entity_units(form)
        if 0 < len(units) <= _MAX_UNITS and _tells(units):
            yield " ".join(units)


def _tells(units: Sequence[str]) -> bool:
    if len(units) > 1:
        return True
    word = units[0]
    return len(word) > 2 and word not in STOP_WORDS and word not in SENTENCE_STARTERS


class _Words:
    """Where the words of Chinese runs begin; told when it is first asked."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._begins: set[int] | None = None

    def begin_at(self, place: int) -> bool:
        if self._begins is None:
            import rjieba

            self._begins = set()
            for run in _HAN_RUN.finditer(self._text):
                start = run.start()
                for word in rjieba.cut(run.group(), hmm=True):
                    self._begins.add(start)
                    start += len(word)
        return place in self._begins


def _is_proper(title: str) -> bool:
    """Whether a title is written as a name: all its words but the small ones have a capital or are numbers."""
    words = [word for word in bare_title(title).split() if word.strip(_MARKS)]
    telling = [word for word in words if word.casefold() not in STOP_WORDS]
    return bool(telling) and all(not word.strip(_MARKS)[0].islower() for word in telling)
