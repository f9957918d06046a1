"""From answers to advice: the path, why, what it costs, what to watch, what would change it, and the way there.

The rule of thumb is the prior; where a comparison was measured, the measurement decides. Knows no terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from surefoot.optimize.advise.changes import changes
from surefoot.optimize.advise.forms import Form, There, form_of, measured, path_of, steps
from surefoot.optimize.advise.interview import AdviceLang, Answers, interview
from surefoot.optimize.advise.mind import cautions, worth_full
from surefoot.optimize.advise.reasons import Reason, reasons
from surefoot.optimize.advise.rule import Path, rule
from surefoot.optimize.advise.table import SideBySide, side_by_side
from surefoot.optimize.advise.words import has_word, word
from surefoot.optimize.compare.result import Method

if TYPE_CHECKING:
    from surefoot.optimize.advise.weighing import Evidence


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, and the command that does it."""

    text: str
    command: str


@dataclass(frozen=True, slots=True)
class Advice:
    """The advice in one language. `form` is the path in more detail; `methods` are the arms worth measuring.

    `seen` says what was looked up instead of asked, by question; `assumed` names the questions that were open and
    bear on the path. `evidence` is there after a comparison, and `path` then follows it.
    """

    lang: AdviceLang
    path: Path
    form: Form
    title: str
    summary: str
    reasons: tuple[Reason, ...]
    costs: tuple[str, ...]
    mind: tuple[str, ...]
    changes: tuple[str, ...]
    methods: tuple[Method, ...]
    steps: tuple[Step, ...]
    table: tuple[SideBySide, ...]
    seen: Mapping[str, str] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    evidence: Evidence | None = None

    @property
    def next(self) -> Step:
        """What to do now."""
        return self.steps[0]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the answers: what is there already, and by question what was seen of it, in words."""

    there: There = field(default_factory=There)
    seen: Mapping[str, str] = field(default_factory=dict)


NOTHING = Known()


def advise(answers: Answers, lang: AdviceLang = "en", known: Known = NOTHING) -> Advice:
    """The advice by the rule of thumb, before anything is measured.

    The same answers give the same advice in every language.
    """
    needs = rule().needs(answers)
    form = form_of(needs)
    arms = measured(form, examples=bool(answers.labelled), full=worth_full(form, answers))
    questions = {one.key: one.short[lang] for one in interview().questions}
    return Advice(
        lang=lang,
        path=path_of(form),
        form=form,
        title=word(lang, f"title.{form}"),
        summary=word(lang, f"summary.{form}"),
        reasons=reasons(form, needs, answers, lang),
        costs=costs(form, lang),
        mind=tuple(word(lang, f"mind.{key}") for key in cautions(form, answers)),
        changes=changes(needs, lang),
        methods=arms,
        steps=tuple(
            Step(word(lang, f"step.{name}"), command) for name, command in steps(arms, known.there)
        ),
        table=side_by_side(lang),
        seen=known.seen,
        assumed=tuple(questions[key] for key in questions if key in needs.assumed),
    )


def costs(form: Form, lang: AdviceLang) -> tuple[str, ...]:
    """What the form takes to build, to answer a question and to keep up."""
    places = [f"cost.{form}.{part}" for part in ("build", "question", "upkeep")]
    fill = rule().measured
    return tuple(word(lang, place, **fill) for place in places if has_word(place))
