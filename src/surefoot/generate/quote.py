"""The stage that answers with the documents' own sentences, each with its citation. Needs no language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PartSettings
from surefoot.core.roles import frequencies_for
from surefoot.core.types import Answer, Citation, Note
from surefoot.generate.evidence import READING, Candidate, Evidence, Reading, ask, gather
from surefoot.generate.guard import Guard, RefusalSettings, Verdict
from surefoot.generate.sentences import Limits, as_said

if TYPE_CHECKING:
    from surefoot.core.roles import Call, Parts, Produces, Takes
    from surefoot.core.types import Turn


class QuoteSettings(PartSettings):
    """How much is quoted, from how many hits, and when the answer is refused."""

    kind: Literal["quote"] = "quote"
    sentences: int = Field(default=3, ge=1, le=20, description="sentences quoted at most")
    max_words: PositiveInt = Field(
        default=READING.limits.max_words,
        description="a longer sentence is cut at a clause (texts with spaces)",
    )
    max_chars: PositiveInt = Field(
        default=READING.limits.max_chars,
        description="a longer sentence is cut at a clause (Chinese)",
    )
    hits: PositiveInt = Field(default=READING.hits, description="hits that are read, best first")
    candidates: PositiveInt = Field(
        default=READING.candidates, description="sentences that are embedded for a question"
    )
    least: float = Field(
        default=0.02,
        ge=0,
        lt=1,
        description="a further sentence is left out where it is less likely than this to hold the answer",
    )
    refuse: RefusalSettings = RefusalSettings()


class Quote:
    """Quotes the sentences of the hits that answer, in their documents' order."""

    Settings = QuoteSettings
    takes: ClassVar[Takes] = "hits"
    produces: ClassVar[Produces] = "answer"

    def __init__(self, settings: QuoteSettings, parts: Parts) -> None:
        self._settings = settings
        self._reading = Reading(
            settings.hits, settings.candidates, Limits(settings.max_words, settings.max_chars)
        )
        self._guard = Guard(settings.refuse)
        self._parts = parts

    def __call__(self, turn: Turn, call: Call) -> Turn:
        if not turn.hits:
            note = Note("quote", "nothing to quote: no passage was found", steady=True)
            turn = replace(turn, notes=(*turn.notes, note))
        evidence = self._evidence(turn)
        if evidence.candidates:
            doubts = self._guard.doubts(self._parts.encoder())
            turn = replace(
                turn, notes=(*turn.notes, *(Note("quote", doubt, steady=True) for doubt in doubts))
            )
        verdict = self._guard.judge(evidence, turn.hits)
        if verdict.refused:
            answer = self._guard.refusal(turn.query, evidence, verdict)
        else:
            answer = _quoted(self._chosen(evidence), verdict)
        if call.on_text is not None:
            call.on_text(answer.text)
        return replace(turn, answer=answer)

    def _chosen(self, evidence: Evidence) -> list[Candidate]:
        """The best candidate, and the next ones that are likely enough."""
        first, *others = evidence.candidates[: self._settings.sentences]
        return [first, *(other for other in others if other.likelihood >= self._settings.least)]

    def _evidence(self, turn: Turn) -> Evidence:
        question = ask(turn.query.asked, frequencies_for(self._parts.index(), turn.query.asker))
        if not turn.hits:
            return Evidence(question, ())
        return gather(question, turn.hits, self._parts.encoder(), self._reading)


def _quoted(candidates: Sequence[Candidate], verdict: Verdict) -> Answer:
    text = ""
    citations: list[Citation] = []
    last: Candidate | None = None
    for number, chosen in enumerate(_in_order(candidates), 1):
        text += _gap(last, chosen)
        source_start, source_end = chosen.span
        said = as_said(chosen.text, chosen.unit.kind)
        start, end = len(text), len(text) + len(said)
        citations.append(
            Citation(number, start, end, chosen.hit.chunk, source_start, source_end, chosen.text)
        )
        text += f"{said} [{number}]"
        last = chosen
    return Answer(text, tuple(citations), confidence=verdict.confidence)


def _in_order(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The document with the likeliest sentence first; within a document the order of its text."""
    places: dict[str, int] = {}
    for candidate in candidates:
        places.setdefault(candidate.hit.chunk.document_id, len(places))
    return sorted(candidates, key=lambda c: (places[c.hit.chunk.document_id], c.span))


def _gap(last: Candidate | None, chosen: Candidate) -> str:
    """A space within a paragraph; a line break before another paragraph, item, row or document."""
    if last is None:
        return ""
    together = (
        last.hit.chunk.id == chosen.hit.chunk.id
        and last.unit.block == chosen.unit.block
        and chosen.unit.kind == "sentence"
    )
    return " " if together else "\n"
