"""Answers in a house form that names its source: `answer[308], source[Super Bowl 50]`, or as JSON or lines.

What the answer is and where it is from are read from the slots of these names, in English or Chinese. A reply without
an answer slot is taken as the answer whole, so that solutions that do not know the form are compared on facts too;
that it lacks the form is counted by `format_valid` and `joint`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surefoot.core.lang import mostly_han, normalise_answer
from surefoot.core.types import EvalCase, Lang
from surefoot.evaluate.metrics.answers import contains_gold, token_f1
from surefoot.evaluate.metrics.forms import slots, written_alike

_ANSWER = ("answer", "答案", "回答")
_SOURCE = ("source", "来源", "出处")

SOURCED = ("answer_f1", "answer_contains", "source_right", "joint")


@dataclass(frozen=True, slots=True)
class Sourced:
    """What a text says by its slots; `answer` is None where it has no such slot, `source` likewise."""

    answer: str | None
    source: str | None
    names: tuple[str, ...]

    @staticmethod
    def of(text: str) -> Sourced:
        """The first slot of either kind, folded to lower case and half-width."""
        found = slots(text)
        return Sourced(
            next((value for name, value in found if name in _ANSWER), None),
            next((value for name, value in found if name in _SOURCE), None),
            tuple(name for name, _ in found),
        )


def is_sourced(gold: Sequence[str]) -> bool:
    """Whether a gold answer has a slot for the answer."""
    return any(Sourced.of(answer).answer is not None for answer in gold)


def sourced_metrics(text: str, case: EvalCase, valid: float) -> dict[str, float]:
    """The best of each over the gold answers: F1 and containment of the answer, the source, and all of it together.

    `joint` is 1 where one gold answer is contained, its source is named and the form is `valid`. Without sources in
    gold there is no `source_right`, and `joint` asks for the other two.
    """
    golds = [one for one in map(Sourced.of, case.answers) if one.answer is not None]
    said, lang = Sourced.of(text), sourced_lang(case)
    answer = text if said.answer is None else said.answer
    f1 = max(token_f1(answer, [gold.answer or ""], lang) for gold in golds)
    held = [contains_gold(answer, [gold.answer or ""], lang) for gold in golds]
    named = [_same_source(said, gold, lang) for gold in golds]
    joint = max(one * two for one, two in zip(held, named, strict=True)) * valid
    found = {"answer_f1": f1, "answer_contains": max(held)}
    if any(gold.source is not None for gold in golds):
        found["source_right"] = max(named)
    return found | {"joint": joint}


def sourced_valid(text: str, gold: Sequence[str]) -> float:
    """1 where the whole text is written as a gold answer is, with exactly its names in their order."""
    named = {Sourced.of(answer).names for answer in gold}
    return written_alike(text, gold) if Sourced.of(text).names in named else 0.0


def sourced_lang(case: EvalCase) -> Lang:
    """The language by whose rules the answer slots of a case are compared: that of their values, else the case's."""
    values = [one.answer for one in map(Sourced.of, case.answers) if one.answer]
    return "zh" if mostly_han(" ".join(values)) else case.lang


def _same_source(said: Sourced, gold: Sourced, lang: Lang) -> float:
    if gold.source is None:
        return 1.0
    if said.source is None:
        return 0.0
    return float(normalise_answer(said.source, lang) == normalise_answer(gold.source, lang))
