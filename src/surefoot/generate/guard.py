"""Decides whether the hits answer the question: a calibrated probability, a threshold, and a refusal in words.

Similar is not relevant: the features compare hits with one another and with the question, so that they depend little
on an encoder's habit, a language or the size of a corpus. Knows nothing of how an answer is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from pydantic import Field, field_validator

from surefoot.config.base import Settings
from surefoot.core.lang import detect, mostly_han, terms
from surefoot.core.logistic import Logistic
from surefoot.core.roles import TEXTS
from surefoot.core.types import Answer, Citation
from surefoot.generate.coefficients import coefficients, fitted_encoder
from surefoot.generate.evidence import Candidate, Evidence

if TYPE_CHECKING:
    from surefoot.core.roles import Encoder
    from surefoot.core.types import Hit, Query

SIGNS: Final = (
    "coverage",
    "sentence_coverage",
    "nearness",
    "margin",
    "lead",
    "agreement",
)
Case = Literal["same", "across"]
_READ = 6
_NEAREST = 3
_SMALL = 1e-3
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "en": ("The documents do not answer this question.", " The nearest passages:"),
    "zh": ("文档没有回答这个问题。", "最接近的段落："),
}


class RefusalSettings(Settings):
    """When to say that the documents do not answer.

    Without values the calibration that comes with surefoot is used; `surefoot calibrate` writes one for your documents.
    `threshold` is the confidence below which the answer is refused (0 = never); `weights` holds the coefficients
    of the logistic model, `bias` among them; `encoder` is the digest of the encoder that they were fitted with.
    """

    threshold: float | None = Field(default=None, ge=0, le=1)
    weights: Mapping[str, float] | None = None
    encoder: str | None = None

    @field_validator("weights")
    @classmethod
    def _only_signs(cls, weights: Mapping[str, float] | None) -> Mapping[str, float] | None:
        known = {"bias", *SIGNS}
        if weights is not None and (set(weights) - known or "bias" not in weights):
            raise ValueError(f"needs bias, and may have {', '.join(SIGNS)}; nothing else")
        return weights


@dataclass(frozen=True, slots=True)
class Verdict:
    """How likely the documents answer (0 to 1), whether that is too little, and the signs it was judged by."""

    confidence: float
    refused: bool
    signs: Mapping[str, float]


class Guard:
    """Judges evidence and words refusals."""

    def __init__(self, settings: RefusalSettings) -> None:
        self._settings = settings

    def judge(self, evidence: Evidence, hits: Sequence[Hit]) -> Verdict:
        """The verdict on what `gather` found in the hits; no evidence at all is refused."""
        if not evidence.candidates:
            return Verdict(0.0, refused=True, signs={})
        signs = read_signs(evidence, hits)
        model, threshold = self._calibration(_case(evidence), evidence.question.text)
        confidence = float(model.probability(np.array([[signs[name] for name in SIGNS]]))[0])
        return Verdict(confidence, confidence < threshold, signs)

    def doubts(self, encoder: Encoder) -> list[str]:
        """What speaks against relying on the refusal with this encoder; nothing where it was fitted with it."""
        if self._settings.threshold == 0:
            return []
        return doubts(self._settings, encoder.digest)

    def refusal(self, query: Query, evidence: Evidence, verdict: Verdict) -> Answer:
        """Says in the question's language that the documents do not answer, and cites the nearest passages."""
        lang = query.lang if query.lang in _WORDS else detect(query.text)
        text, suffix = _WORDS.get(lang, _WORDS["en"])
        citations: list[Citation] = []
        for number, near in enumerate(_nearest(evidence.candidates), 1):
            text += (suffix if number == 1 else "") + " "
            mark = f"[{number}]"
            source_start, source_end = near.span
            citations.append(
                Citation(
                    number,
                    len(text),
                    len(text) + len(mark),
                    near.hit.chunk,
                    source_start,
                    source_end,
                    near.text,
                )
            )
            text += mark
        return Answer(text, tuple(citations), refused=True, confidence=verdict.confidence)

    def _calibration(self, case: Case, question: str) -> tuple[Logistic, float]:
        """Model and threshold; a user's weights are for questions in the language of the documents."""
        default = shipped(case)
        own = None if case == "across" else self._settings.weights
        threshold = self._settings.threshold
        if threshold is None or (case == "across" and threshold and self._settings.weights):
            threshold = shipped_threshold(case, question)
        return logistic(own or default), threshold


def doubts(settings: RefusalSettings, encoder: str) -> list[str]:
    """One line where the weights in force were fitted with another encoder than the one with this digest.

    What an encoder does to texts before it reads them does not matter: its cosines mean the same.
    """
    own = settings.weights is not None
    fitted = settings.encoder if own else fitted_encoder()
    if fitted is None or fitted.partition(TEXTS)[0] == encoder.partition(TEXTS)[0]:
        return []
    return [
        "refusal was fitted for another encoder than this solution's, and may refuse too much or too little; "
        "`surefoot calibrate` fits it to this one"
    ]


def logistic(weights: Mapping[str, float]) -> Logistic:
    """The model of coefficients by name; a sign without one counts nothing."""
    return Logistic(weights["bias"], tuple(weights.get(name, 0.0) for name in SIGNS))


def shipped(case: Case) -> Mapping[str, float]:
    """The coefficients that come along, with a threshold for each language of the question."""
    return coefficients()[f"refusal_{case}"]


def shipped_threshold(case: Case, question: str) -> float:
    """The confidence below which a question in its language is refused, where the solution says nothing else."""
    return shipped(case)["threshold_zh" if mostly_han(question) else "threshold_en"]


def _case(evidence: Evidence) -> Case:
    """Words of a question cannot meet a passage in another script, so that is judged apart.

    A passage of code or addresses is in the script of its document as well as in its own.
    """
    chunk = evidence.candidates[0].hit.chunk
    scripts = {mostly_han(chunk.text)}
    if chunk.lang != "other":
        scripts.add(chunk.lang == "zh")
    return "same" if mostly_han(evidence.question.text) in scripts else "across"


def read_signs(evidence: Evidence, hits: Sequence[Hit]) -> dict[str, float]:
    """SIGNS of the evidence, each within about -1 to 1. Leads are those over the passages of other documents.

    `nearness` and `lead` say how much of the way from the usual passage, or the next one, to the very words of the
    question the nearest one goes, so that encoders with narrow and with wide cosines compare.
    """
    question, found, hits = evidence.question, evidence.candidates, hits[:_READ]
    covered = [question.words_covered(_words(hit)) for hit in hits]
    near = [hit.signals.get("cosine", 0.0) for hit in hits]
    nearest = max(found, key=lambda candidate: candidate.cosine)
    usual = float(np.mean([candidate.cosine for candidate in found]))
    closest, next_closest = _best_two(near, hits)
    best, next_best = _best_two(covered, hits)
    return {
        "coverage": best,
        "sentence_coverage": question.words_covered(found[0].terms),
        "nearness": _way(nearest.cosine, usual),
        "margin": best - next_best,
        "lead": _way(closest, next_closest) if next_closest else 0.0,
        "agreement": float(covered[nearest.rank] == best),
    }


def _best_two(values: Sequence[float], hits: Sequence[Hit]) -> tuple[float, float]:
    """The best value, and the best of another document; 0 where there is none."""
    place = max(range(len(values)), key=lambda i: values[i])
    best = hits[place].chunk.document_id
    pairs = zip(values, hits, strict=True)
    return values[place], max((v for v, hit in pairs if hit.chunk.document_id != best), default=0.0)


def _way(cosine: float, other: float) -> float:
    return (cosine - other) / max(1 - other, _SMALL)


def _words(hit: Hit) -> frozenset[str]:
    chunk = hit.chunk
    return frozenset(terms("\n".join((chunk.title.replace("_", " "), *chunk.headings, chunk.text))))


def _nearest(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The best candidate of each of the best documents."""
    by_document: dict[str, Candidate] = {}
    for candidate in candidates:
        by_document.setdefault(candidate.hit.chunk.document_id, candidate)
    return list(by_document.values())[:_NEAREST]
