"""How much of the evidence the hits hold, by character spans of documents. Knows hits and gold spans only.

A chunk is judged by what it shows, not by what it is called, so ways to cut the documents compare. Coverage and
precision are those of Smith and Troynikov (2024), in characters instead of tokens: large chunks raise the one and
lower the other, so both are always shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from surefoot.core.types import EvalCase, GoldSpan, Hit
from surefoot.evaluate.metrics.answers import answer_lang, contains_gold

_GAP = 2  # characters of white space that may lie between two chunks

Sized = tuple[Hit, int]
"""A hit with the tokens of its text."""

CountTokens = Callable[[Sequence[str]], list[int]]
"""How many tokens each text has, as the solution's encoder counts them."""

Range = tuple[int, int]


def located(case: EvalCase) -> list[GoldSpan]:
    """The gold spans of a case whose place is known."""
    return [gold for gold in case.gold if gold.start is not None and gold.grade > 0]


def span_coverage(hits: Sequence[Hit], gold: Sequence[GoldSpan], k: int) -> float:
    """The share of the gold characters that stand in the first `k` hits; what two spans share counts once."""
    wanted, shown = _by_document(gold), _shown(hits[:k])
    held = sum(_overlap(ranges, shown.get(name, ())) for name, ranges in wanted.items())
    total = sum(_length(ranges) for ranges in wanted.values())
    return held / total if total else 0.0


def span_precision(hits: Sequence[Hit], gold: Sequence[GoldSpan], k: int) -> float:
    """The share of the characters of the first `k` hits that are gold; what is shown twice counts twice below."""
    wanted, shown = _by_document(gold), _shown(hits[:k])
    held = sum(_overlap(ranges, shown.get(name, ())) for name, ranges in wanted.items())
    read = sum(hit.chunk.end - hit.chunk.start for hit in hits[:k])
    return held / read if read else 0.0


def span_recall(hits: Sequence[Hit], gold: Sequence[GoldSpan], k: int) -> float:
    """The share of the gold spans that stand whole in the first `k` hits, put together where chunks meet."""
    read = [(hit, len(hit.chunk.text)) for hit in hits[:k]]
    return sum(_holds(read, span) for span in gold) / len(gold) if gold else 0.0


def evidence_within(case: EvalCase, sized: Sequence[Sized], tokens: int) -> float | None:
    """1 where the evidence stands in the best hits of so many tokens together, the last one cut; None without gold.

    Evidence is every gold span of the case; without spans, one of its answers in a relevant document.
    """
    spans = located(case)
    if not spans and not case.answers:
        return None
    read = list(_read(sized, tokens))
    if spans:
        return float(all(_holds(read, gold) for gold in spans))
    relevant = {name for name, grade in case.relevant.items() if grade > 0}
    lang = answer_lang(case)
    texts = (hit.chunk.text[:chars] for hit, chars in read if _is_one(hit, relevant))
    return float(any(contains_gold(text, case.answers, lang) for text in texts))


def sized(hits: Sequence[Hit], count_tokens: CountTokens, tokens: int) -> list[Sized]:
    """The best hits with the tokens of their text, as many as so many tokens hold."""
    found: list[Sized] = []
    for hit in hits:
        if tokens <= 0:
            break
        size = count_tokens([hit.chunk.text])[0]
        found.append((hit, size))
        tokens -= size
    return found


def merged(ranges: Sequence[Range]) -> list[Range]:
    """The ranges in order, those that touch or overlap as one."""
    found: list[Range] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def overlaps(gold: GoldSpan, document_id: str, start: int, end: int) -> bool:
    """Whether a span of a document and a located gold span share a character."""
    if gold.document_id != document_id or gold.start is None:
        return False
    return start < (gold.end or gold.start) and gold.start < end


def _by_document(gold: Sequence[GoldSpan]) -> Mapping[str, Sequence[Range]]:
    found: dict[str, list[Range]] = {}
    for span in gold:
        if span.start is not None and span.end is not None:
            found.setdefault(span.document_id, []).append((span.start, span.end))
    return {name: merged(ranges) for name, ranges in found.items()}


def _shown(hits: Sequence[Hit]) -> Mapping[str, Sequence[Range]]:
    found: dict[str, list[Range]] = {}
    for hit in hits:
        found.setdefault(hit.chunk.document_id, []).append((hit.chunk.start, hit.chunk.end))
    return {name: merged(ranges) for name, ranges in found.items()}


def _overlap(left: Sequence[Range], right: Sequence[Range]) -> int:
    return sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a in left for b in right)


def _length(ranges: Sequence[Range]) -> int:
    return sum(end - start for start, end in ranges)


def _read(sized: Sequence[Sized], tokens: int) -> Iterator[tuple[Hit, int]]:
    """The hits that fit, each with how many of its characters do."""
    for hit, size in sized:
        chars = len(hit.chunk.text) * min(size, tokens) // max(1, size)
        if chars:
            yield hit, chars
        tokens -= size
        if tokens <= 0:
            return


def _holds(read: Sequence[tuple[Hit, int]], gold: GoldSpan) -> bool:
    """Whether the hits of its document cover a gold span together."""
    reached = gold.start or 0
    spans = sorted(
        (hit.chunk.start, hit.chunk.start + chars)
        for hit, chars in read
        if hit.chunk.document_id == gold.document_id
    )
    for start, end in spans:
        if start <= reached + _GAP:
            reached = max(reached, end)
    return reached >= (gold.end or 0)


def _is_one(hit: Hit, relevant: set[str]) -> bool:
    return not relevant or hit.chunk.document_id in relevant
