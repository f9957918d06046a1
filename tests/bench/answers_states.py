"""What a search would give for a question whose documents have lost the sentences that answer it.

Both searches' raw scores are kept, changed where a passage changed, and fused again as the stage `search` does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from surefoot.core.lang import detect, terms
from surefoot.core.roles import Encoder
from surefoot.core.types import Chunk, Hit
from surefoot.evaluate.metrics import contains_gold
from surefoot.generate.evidence import READING, Frequencies, Question
from surefoot.generate.sentences import units
from surefoot.retrieve.fuse import Ranked, best_first, fuse
from surefoot.retrieve.search import SearchSettings

KEPT = 12
COPY = (
    0.4  # a sentence of another document with the answer and so much of the question says it again
)
USUAL_TERMS = 150  # of a passage, for BM25's length norm


@dataclass(frozen=True)
class State:
    """Hits best first, and the frequencies of an index that holds just these passages and the untouched ones."""

    hits: list[Hit]
    frequencies: Frequencies


def near(
    question: Question,
    hits: Sequence[Hit],
    gold: frozenset[str],
    answers: Sequence[str],
    see: tuple[Encoder, Callable[[Chunk], str], Frequencies],
) -> State | None:
    """With the sentences blanked that hold the answer; None where no gold passage holds it in a sentence."""
    encoder, indexed_text, frequencies = see
    asked = encoder.embed_queries([question.text])[0]
    found, before, after, lost = [], [], [], 0
    for hit in hits[:KEPT]:
        own = hit.chunk.document_id in gold
        text = blanked(hit.chunk.text, question, answers, own=own)
        if text is None:
            found.append(hit)
            continue
        lost += own
        chunk = replace(hit.chunk, text=text)
        plain = " ".join(indexed_text(chunk).split())
        signals = dict(hit.signals, cosine=float(encoder.embed_passages([plain])[0] @ asked))
        if "bm25" in signals and (whole := bm25(question, hit.chunk)):
            signals["bm25"] *= bm25(question, chunk) / whole
        found.append(replace(hit, chunk=chunk, signals=signals))
        before.append(hit.chunk)
        after.append(chunk)
    if not lost:
        return None
    return State(fused([*found, *hits[KEPT:]]), changed(frequencies, before, after))


def blanked(text: str, question: Question, answers: Sequence[str], *, own: bool) -> str | None:
    """Spaces in the place of every unit with the answer (elsewhere only where it also says what was asked)."""
    spans = []
    for unit in units(text, READING.limits):
        said = text[unit.start : unit.end]
        if contains_gold(said, answers, detect(text)) and (
            own or question.words_covered(frozenset(terms(said))) >= COPY
        ):
            spans.append((unit.start, unit.end))
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text if spans else None


def fused(hits: Sequence[Hit]) -> list[Hit]:
    """The best by the default search's fusion of the raw scores."""
    settings = SearchSettings()
    sides = [
        ({hit.chunk.id: hit.signals[name] for hit in hits if name in hit.signals}, share)
        for name, share in (("bm25", 1 - settings.weight), ("cosine", settings.weight))
    ]
    lists = [Ranked(scores, share) for scores, share in sides if scores]
    if len(lists) == 1:
        lists = [Ranked(lists[0].scores)]
    scores = fuse(lists, settings.fusion)
    by_id = {hit.chunk.id: hit for hit in hits}
    return [replace(by_id[name], score=scores[name]) for name in best_first(scores)][:KEPT]


def bm25(question: Question, chunk: Chunk) -> float:
    held = Counter(terms(_whole(chunk)))
    norm = 1.2 * (0.25 + 0.75 * held.total() / USUAL_TERMS)
    pairs = zip(question.terms, question.idf, strict=True)
    return float(sum(w * held[t] * 2.2 / (held[t] + norm) for t, w in pairs if held[t]))


def changed(
    frequencies: Frequencies, before: Sequence[Chunk], after: Sequence[Chunk]
) -> Frequencies:
    """The frequencies with these passages replaced by those."""
    old = [frozenset(terms(_whole(chunk))) for chunk in before]
    new = [frozenset(terms(_whole(chunk))) for chunk in after]

    def counted(wanted: Sequence[str]) -> tuple[list[int], int]:
        counts, chunks = frequencies(wanted)
        left = [
            n - sum(term in held for held in old) + sum(term in held for held in new)
            for n, term in zip(counts, wanted, strict=True)
        ]
        return [max(0, n) for n in left], max(1, chunks - len(old) + len(new))

    return counted


def _whole(chunk: Chunk) -> str:
    return f"{chunk.title}\n{chunk.text}"
