"""Whether an answer's citations hold, and whether its sentences stand in the hits. Checked in code: no model is asked.

The check compares words, numbers, dates, names and denials (generate/checking/support.py); it does not know meaning.
"""

from __future__ import annotations

from collections.abc import Sequence

from surefoot.core.types import Answer, Chunk, Citation, EvalCase, Hit, Lang
from surefoot.evaluate.metrics.answers import plain_answer
from surefoot.evaluate.metrics.spans import located, overlaps
from surefoot.generate.checking.citations import claims
from surefoot.generate.checking.support import check_support
from surefoot.generate.checking.verify import verify


def citation_support(answer: Answer, lang: Lang) -> float | None:
    """The share of citations whose quote supports their sentence, alone or with the sentence's other quotes.

    None where nothing is cited.
    """
    if not answer.citations:
        return None
    return sum(_supports(answer, citation, lang) for citation in answer.citations) / len(
        answer.citations
    )


def citation_precision(answer: Answer, case: EvalCase) -> float | None:
    """The share of citations that lie in the evidence: a gold span where there are any, else a relevant document.

    None where nothing is cited or the case names no evidence.
    """
    if not answer.citations or not has_evidence(case):
        return None
    return sum(_in_evidence(citation, case) for citation in answer.citations) / len(
        answer.citations
    )


def citation_recall(answer: Answer, lang: Lang) -> float | None:
    """The share of the answer's sentences with a citation that supports them; None where it says nothing."""
    said = claims(answer.text)
    if not said:
        return None
    held = 0
    for claim in said:
        own = [c for c in answer.citations if c.start < claim.end and claim.start < c.end]
        held += any(_supports(answer, citation, lang) for citation in own)
    return held / len(said)


def evidence_cited(answer: Answer | None, case: EvalCase) -> float:
    """The share of the gold spans, else of the relevant documents, that a citation touches."""
    cited = answer.citations if answer and not answer.refused else ()
    if spans := located(case):
        met = [
            any(overlaps(span, c.chunk.document_id, c.source_start, c.source_end) for c in cited)
            for span in spans
        ]
        return sum(met) / len(met)
    relevant = {name for name, grade in case.relevant.items() if grade > 0}
    documents = {citation.chunk.document_id for citation in cited}
    return len(relevant & documents) / len(relevant) if relevant else 0.0


def has_evidence(case: EvalCase) -> bool:
    """Whether the case names a document or span that its answer stands in."""
    return any(grade > 0 for grade in case.relevant.values()) or bool(located(case))


def groundedness(answer: Answer, hits: Sequence[Hit], lang: Lang) -> float | None:
    """The share of the answer's sentences that a hit supports, cited or not; None where it says nothing."""
    said = claims(answer.text)
    if not said:
        return None
    checked = verify(answer.text, _passages(answer, hits), lang, on_unsupported="mark")
    return 1 - len(checked.unsupported) / len(said)


def _passages(answer: Answer, hits: Sequence[Hit]) -> list[Chunk]:
    """The cited chunks at the places that their numbers name, the other hits in between and behind."""
    cited = {citation.number: citation.chunk for citation in answer.citations}
    known = {chunk.id for chunk in cited.values()}
    others = [hit.chunk for hit in hits if hit.chunk.id not in known]
    passages: list[Chunk] = []
    while cited or others:
        number = len(passages) + 1
        if number in cited:
            passages.append(cited.pop(number))
        elif others:
            passages.append(others.pop(0))
        else:
            passages.append(cited.pop(min(cited)))
    return passages


def _supports(answer: Answer, citation: Citation, lang: Lang) -> bool:
    words = plain_answer(answer.text[citation.start : citation.end])
    if _supported(words, [citation], lang):
        return True
    beside = [c for c in answer.citations if (c.start, c.end) == (citation.start, citation.end)]
    return len(beside) > 1 and _supported(words, beside, lang)


def _supported(words: str, citations: Sequence[Citation], lang: Lang) -> bool:
    quotes = "\n".join(citation.quote for citation in citations)
    labels = "\n".join(dict.fromkeys(_label(citation.chunk) for citation in citations))
    return any(
        check_support(words, quotes, lang, above=above).supported
        for above in dict.fromkeys(("", labels))
    )


def _label(chunk: Chunk) -> str:
    """Title and headings: what a reader sees above the text."""
    return "\n".join(part for part in (chunk.title, *chunk.headings) if part)


def _in_evidence(citation: Citation, case: EvalCase) -> bool:
    name = citation.chunk.document_id
    if spans := located(case):
        return any(
            overlaps(span, name, citation.source_start, citation.source_end) for span in spans
        )
    return case.relevant.get(name, 0) > 0
