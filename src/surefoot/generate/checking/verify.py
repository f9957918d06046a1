"""Checks each sentence of a reply against the passages that it cites, in code, and rebuilds the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from surefoot.core.types import Chunk, Citation, Lang
from surefoot.generate.checking.citations import Claim, claims, with_marks
from surefoot.generate.checking.support import check_support
from surefoot.generate.sentences import Limits, units

_LIMITS = Limits(max_words=80, max_chars=160)
_LIST_MARK = re.compile(r"^\s*(?:[-*+•·]\s+|\d{1,3}[.)、]\s*)")
_SENTENCES = 3  # so many neighbouring sentences of a source may support one sentence together


@dataclass(frozen=True, slots=True)
class Source:
    """What supports a claim best in one passage; the span is one of the document."""

    number: int
    chunk: Chunk
    start: int
    end: int
    supported: bool
    score: float

    @property
    def quote(self) -> str:
        return self.chunk.text[self.start - self.chunk.start : self.end - self.chunk.start]


@dataclass(frozen=True, slots=True)
class Checked:
    """A reply after the check: `unsupported` are sentences that no passage supports, `notes` say what was changed."""

    text: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def supported(self) -> int:
        """How many sentences are supported."""
        return len({(c.start, c.end) for c in self.citations if c.supported})


def verify(
    reply: str,
    passages: Sequence[Chunk],
    lang: Lang,
    *,
    on_unsupported: Literal["mark", "drop"],
    opinion: Callable[[str, Sequence[Source]], bool] | None = None,
) -> Checked:
    """Keeps the citations that hold, finds one where none does, and marks or drops what nothing supports.

    Passage `n` of the reply's marks is `passages[n - 1]`. `opinion` says of words and the sources that support them
    whether they really do.
    """
    pieces: list[str] = []
    citations: list[Citation] = []
    unsupported: list[str] = []
    notes: list[str] = []
    at = length = 0
    for claim in claims(reply):
        gap = reply[at : claim.start]
        at = claim.end
        sources = _judge(claim, passages, lang, notes)
        held = [source for source in sources if source.supported]
        if held and opinion is not None and not opinion(claim.words, held):
            sources = [replace(source, supported=False) for source in sources]
        supported = any(source.supported for source in sources)
        if not supported and _says_nothing(claim):
            sources = []
        elif not supported:
            if on_unsupported == "drop":
                notes.append(f"dropped what no passage supports: {claim.words}")
                continue
            unsupported.append(claim.words)
        said = with_marks(claim.words, [source.number for source in sources])
        start = length + len(gap)
        citations += [_citation(source, start, start + len(said)) for source in sources]
        pieces += [gap, said]
        length = start + len(said)
    return _trimmed("".join(pieces), citations, unsupported, notes)


def best_source(words: str, number: int, chunk: Chunk, lang: Lang) -> Source:
    """The shortest run of sentences of the passage that supports the words, else the nearest one."""
    nearest: Source | None = None
    for spans in _runs(chunk.text):
        found = [_weigh(words, number, chunk, span, lang) for span in spans]
        best = max(found, key=lambda source: (source.supported, source.score))
        if best.supported:
            return best
        if nearest is None or best.score > nearest.score:
            nearest = best
    whole = _weigh(words, number, chunk, (0, len(chunk.text)), lang)
    return whole if whole.supported or nearest is None else nearest


def _judge(claim: Claim, passages: Sequence[Chunk], lang: Lang, notes: list[str]) -> list[Source]:
    """The sources that the claim keeps: those it cites where they support it, else one that does, else those cited."""
    known = [number for number in claim.numbers if 0 < number <= len(passages)]
    if gone := [number for number in claim.numbers if number not in known]:
        notes.append(f"removed citations of passages that do not exist: {gone}")
    words = _LIST_MARK.sub("", claim.words).replace("**", "") or claim.words
    cited = [best_source(words, n, passages[n - 1], lang) for n in known]
    if held := [source for source in cited if source.supported]:
        if len(held) < len(cited):
            notes.append(f"removed a citation that does not support “{claim.words}”")
        return held
    if len(cited) > 1 and _support_together(words, cited, lang):
        return [replace(source, supported=True) for source in cited]
    others = (
        best_source(words, number, chunk, lang)
        for number, chunk in enumerate(passages, 1)
        if number not in known
    )
    found = max(
        (source for source in others if source.supported), key=lambda s: s.score, default=None
    )
    if found is None:
        return cited
    if cited:
        notes.append(f"“{claim.words}” is supported by passage {found.number}, not as cited")
    return [found]


def _says_nothing(claim: Claim) -> bool:
    """Whether the claim only leads over to what follows."""
    return claim.words.endswith((":", "：")) and not any(char.isdigit() for char in claim.words)


def _runs(text: str) -> Iterator[list[tuple[int, int]]]:
    """All spans of one sentence, then all of two neighbours, and so on."""
    found = units(text, _LIMITS)
    for many in range(1, min(_SENTENCES, len(found)) + 1):
        yield [
            (found[first].start, found[first + many - 1].end)
            for first in range(len(found) - many + 1)
        ]


def _weigh(words: str, number: int, chunk: Chunk, span: tuple[int, int], lang: Lang) -> Source:
    """How well a span supports the words; what it calls “it” may stand in the title and headings before it.

    The score is that of the span alone, so that of two spans the one that says more itself is cited; a
    span that shares nothing with the words is no source, whatever its title says.
    """
    text = chunk.text[slice(*span)]
    alone = check_support(words, text, lang)
    supported = alone.supported
    if not supported and alone.score > 0 and (label := _label(chunk)):
        supported = check_support(words, text, lang, above=label).supported
    start, end = (chunk.start + place for place in span)
    return Source(number, chunk, start, end, supported, alone.score)


def _label(chunk: Chunk) -> str:
    """The title and headings, one a line, as a reader sees them above the text."""
    return "\n".join(part for part in (chunk.title, *chunk.headings) if part)


def _support_together(words: str, sources: Sequence[Source], lang: Lang) -> bool:
    quotes = "\n".join(source.quote for source in sources)
    labels = "\n".join(dict.fromkeys(_label(source.chunk) for source in sources))
    return any(check_support(words, quotes, lang, above=above).supported for above in ("", labels))


def _citation(source: Source, start: int, end: int) -> Citation:
    return Citation(
        number=source.number,
        start=start,
        end=end,
        chunk=source.chunk,
        source_start=source.start,
        source_end=source.end,
        quote=source.quote,
        supported=source.supported,
    )


def _trimmed(
    text: str, citations: Sequence[Citation], unsupported: Sequence[str], notes: Sequence[str]
) -> Checked:
    lead = len(text) - len(text.lstrip())
    moved = tuple(replace(c, start=c.start - lead, end=c.end - lead) for c in citations)
    return Checked(text.strip(), moved, tuple(unsupported), tuple(dict.fromkeys(notes)))
