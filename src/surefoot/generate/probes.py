"""Makes questions from documents, without a language model: headings, hidden sentences, pieces of sentences.

Such questions share more words with their document than people's questions do; calibration allows for it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from surefoot.core.lang import content_terms, mostly_han
from surefoot.core.types import Document
from surefoot.generate.sentences import Limits, units

ProbeKind = Literal["heading", "hidden", "piece"]
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_LIMITS: Final = Limits(max_words=40, max_chars=80)
_HEADING_TERMS: Final = 2
_SENTENCE_TERMS: Final = 6
_PIECE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Probe:
    """A made question and its document; `hidden` is the span of the document that the answer must not come from."""

    question: str
    document_id: str
    kind: ProbeKind
    hidden: tuple[int, int] | None = None


def make_probes(documents: Iterable[Document], *, limit: int, seed: int = 0) -> list[Probe]:
    """At most `limit` probes, spread over the documents; the same documents and seed give the same probes."""
    draw = random.Random(seed)
    offered = [found for document in documents if (found := list(_of(document, draw)))]
    for found in offered:
        draw.shuffle(found)
    draw.shuffle(offered)
    probes: list[Probe] = []
    while offered and len(probes) < limit:
        probes += [found.pop() for found in offered]
        offered = [found for found in offered if found]
    return probes[:limit]


def _of(document: Document, draw: random.Random) -> Iterator[Probe]:
    for heading in _HEADING.finditer(document.text):
        if len(content_terms(heading[1])) >= _HEADING_TERMS:
            yield Probe(heading[1], document.id, "heading")
    for unit in units(document.text, _LIMITS):
        sentence = document.text[unit.start : unit.end]
        if unit.kind == "code" or len(content_terms(sentence)) < _SENTENCE_TERMS:
            continue
        if draw.random() < 0.5:
            yield Probe(sentence, document.id, "hidden", (unit.start, unit.end))
        else:
            yield Probe(_piece(sentence, draw), document.id, "piece")


def _piece(sentence: str, draw: random.Random) -> str:
    """A run of words (characters in Chinese) of the sentence."""
    han = mostly_han(sentence)
    parts = list(sentence) if han else sentence.split()
    size = round(len(parts) * _PIECE)
    start = draw.randrange(len(parts) - size + 1)
    return ("" if han else " ").join(parts[start : start + size])
