"""Gold that cannot be right: documents that are not there, quotes that are not found, answers that the gold lacks."""

from __future__ import annotations

from collections.abc import Iterator

from surefoot.core.lang import content_terms, fold, normalise_answer
from surefoot.core.types import EvalCase
from surefoot.evaluate.evalsets.checks.base import Finding, Gathered, Ground, Said
from surefoot.evaluate.evalsets.library import Library
from surefoot.evaluate.evalsets.passages import Searchable

_VERDICTS = frozenset(
    ("yes", "no", "maybe", "true", "false", "none", "是", "否", "不是", "对", "错", "有", "没有", "可以", "不可以",
     "能", "不能", "会", "不会")
)  # fmt: skip
_SUPPORTED = 0.5  # share of an answer's content words that its gold must have
_SHOWN_CHARS = 80


def labels(ground: Ground) -> Said:
    """Looks up every gold document, quote and answer in the documents."""
    if ground.library is None:
        return Said(left_out=("labels: needs the workspace's documents",))
    findings = [*_gold(ground, ground.library)]
    if ground.evalset.task == "qa":
        findings += _answers(ground, ground.library)
    return Said(tuple(findings), left_out=tuple(_unlabelled(ground)))


def _gold(ground: Ground, library: Library) -> Iterator[Finding]:
    absent, unread, lost = Gathered(), Gathered(), Gathered()
    for case in ground.evalset.cases:
        for name, grade in case.relevant.items():
            if grade > 0 and name not in library.ids:
                absent.add(case.id, detail=f"{case.id}: {name}")
            elif grade > 0 and library.text(name) is None:
                unread.add(case.id, detail=f"{case.id}: {name}")
        for span in case.gold:
            text = library.text(span.document_id)
            if text is not None and not _stands(span.quote, span.start, span.end, text):
                lost.add(case.id, detail=f"{case.id}: {span.document_id}: {_short(span.quote)}")
    yield from absent.finding(
        "gold document",
        "wrong",
        "{n} questions name a gold document that is not among the documents: no search can find it",
        "add the document, or import the set again so that its sources are matched",
    )
    yield from unread.finding(
        "gold document",
        "wrong",
        "{n} questions name a gold document that could not be read",
        "surefoot status says why",
    )
    yield from lost.finding(
        "gold quote",
        "wrong",
        "{n} questions have a gold quote that does not stand in its document",
        "correct the quote in surefoot evalset review; the document may have changed",
    )


def _answers(ground: Ground, library: Library) -> Iterator[Finding]:
    bare = Gathered()
    for case in ground.evalset.cases:
        texts = [
            text
            for name, grade in case.relevant.items()
            if grade > 0 and (text := library.text(name)) is not None
        ]
        if texts and case.answers and not _supported(case, texts):
            bare.add(case.id, detail=f"{case.id}: {_short(case.answers[0])}")
    yield from bare.finding(
        "answer not in gold",
        "doubtful",
        "{n} questions have no answer that stands in their gold documents, in its words or most of them",
        "look at them in surefoot evalset review: the gold may be another document, or the answer may be wrong",
    )


def _unlabelled(ground: Ground) -> Iterator[str]:
    cases = ground.evalset.cases
    bare = sum(case.answerable and not any(case.relevant.values()) for case in cases)
    if bare:
        yield f"{bare} of {len(cases)} questions name no gold document: search is not measured on them"


def _stands(quote: str, start: int | None, end: int | None, text: Searchable) -> bool:
    if start is not None and end is not None and text.text[start:end] == quote:
        return True
    return text.find(quote) is not None


def _supported(case: EvalCase, texts: list[Searchable]) -> bool:
    return any(_answer_stands(answer, case, text) for answer in case.answers for text in texts)


def _answer_stands(answer: str, case: EvalCase, text: Searchable) -> bool:
    if fold(normalise_answer(answer, case.lang)) in _VERDICTS or text.find(answer) is not None:
        return True
    words = set(content_terms(answer))
    if not words:
        return True
    return len(words & text.terms) >= _SUPPORTED * len(words)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN_CHARS else f"{flat[: _SHOWN_CHARS - 1]}…"
