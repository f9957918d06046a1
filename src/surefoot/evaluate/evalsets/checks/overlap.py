"""How much of a question stands in its gold passage, word for word; a question made from a passage gives it away."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import resources
from typing import Literal

from surefoot.config.base import Settings
from surefoot.core.lang import content_terms, mostly_han
from surefoot.core.types import EvalCase, Lang, Score
from surefoot.evaluate.evalsets.checks.base import Finding, Ground, Said
from surefoot.evaluate.hidden import HIDDEN
from surefoot.evaluate.stats import mean_score

Texts = Callable[[str], str | None]

PASSAGE_CHARS = 1000
HAN_PASSAGE_CHARS = 400
_FEW = 20
_REMEDY = (
    "ask in other words than the passage's: questions from real use, or paraphrases beside these; until then keyword"
    " search looks better here than it is"
)


class Human(Settings):
    """What people's questions do in one public set."""

    name: str
    lang: Lang
    asked: Literal["reading", "searching"]
    mean: float
    low: float
    high: float
    n: int


def leakage(ground: Ground) -> Said:
    """Compares the overlap of each language with that of people's questions."""
    if ground.library is None:
        return Said(left_out=("leakage: needs the workspace's documents",))
    found: dict[str, dict[str, float]] = {}
    clusters = {case.id: case.cluster or case.id for case in ground.evalset.cases}
    for case in ground.evalset.cases:
        share = overlap(case, ground.library.plain)
        if share is not None:
            found.setdefault(case.lang, {})[case.id] = share
    scores = {
        lang: mean_score(
            f"overlap_{lang}", list(shares.values()), clusters=[clusters[name] for name in shares]
        )
        for lang, shares in found.items()
    }
    findings = [
        finding
        for lang, score in scores.items()
        if (finding := _judged(score, found[lang], [one for one in humans() if one.lang == lang]))
    ]
    left_out = (
        () if found else ("leakage: no question names a gold passage that is in the documents",)
    )
    return Said(tuple(findings), tuple(scores.values()), left_out)


def humans() -> list[Human]:
    """The reference figures."""
    file = resources.files("surefoot.evaluate.evalsets.checks") / "data" / "human_overlap.toml"
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["set"]
    return [Human.model_validate(row) for row in rows]


def _judged(score: Score, shares: Mapping[str, float], known: Sequence[Human]) -> Finding | None:
    if not known or score.n < _FEW:
        return None
    lang = known[0].lang
    told = "; ".join(f"{one.name} {one.mean:.0%}, asked while {one.asked}" for one in known)
    said = f"{score.value:.0%} of the words of the {lang} questions stand in their gold passage"
    whole = tuple(name for name, share in shares.items() if share == 1)
    if score.low > max(one.high for one in known):
        return Finding(
            "leakage", "doubtful", f"{said}, more than in people's ({told})", _REMEDY, whole
        )
    searching = [one.high for one in known if one.asked == "searching"]
    if searching and score.low > max(searching):
        message = f"{said}, as where people had the passage before them ({told})"
        return Finding("leakage", "note", message, _REMEDY, whole)
    return None


def overlap(case: EvalCase, texts: Texts) -> float | None:
    """The share (0 to 1) of the question's content words in that gold passage which has most of them.

    `texts` gives the text of a document by its id. A sentence that is itself the question counts as taken out.

    A passage is at most 1,000 characters, 400 in Chinese: around the gold span, else the part of the document with
    most of the words, so that long documents do not count for more. None where there is no gold or no such word.
    """
    words = set(content_terms(case.question))
    if not words:
        return None
    shares = [
        len(words.intersection(content_terms(passage))) / len(words)
        for passage in gold_passages(case, texts)
    ]
    return max(shares, default=None)


def gold_passages(case: EvalCase, texts: Texts) -> Iterator[str]:
    """The texts around the case's gold spans; of a document without spans all parts, overlapping by half."""
    spoken = {span.document_id for span in case.gold if span.start is not None}
    for span in case.gold:
        text = _asked(case, span.document_id, texts)
        if text is not None and span.start is not None and span.end is not None:
            yield _around(text, (span.start + span.end) // 2)
    for name, grade in case.relevant.items():
        text = _asked(case, name, texts) if grade > 0 and name not in spoken else None
        if text is not None:
            yield from _parts(text)


def _asked(case: EvalCase, name: str, texts: Texts) -> str | None:
    """A document as the question finds it: without the sentence that the question is, offsets unchanged."""
    text, hidden = texts(name), case.meta.get(HIDDEN)
    if text is None or not hidden or hidden["doc"] != name:
        return text
    start, end = int(hidden["start"]), int(hidden["end"])
    return text[:start] + " " * (end - start) + text[end:]


def _parts(text: str) -> Sequence[str]:
    size = _size(text)
    last = max(1, len(text) - size // 2)
    return [text[start : start + size] for start in range(0, last, size // 2)]


def _around(text: str, middle: int) -> str:
    size = _size(text)
    start = max(0, min(middle - size // 2, len(text) - size))
    return text[start : start + size]


def _size(text: str) -> int:
    return HAN_PASSAGE_CHARS if mostly_han(text[:HAN_PASSAGE_CHARS]) else PASSAGE_CHARS
