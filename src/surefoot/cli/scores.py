"""How an evaluation looks: the headline first, then the other scores by family, parts, judge, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from surefoot.cli.command import Options
from surefoot.cli.render import print_table, say, shorten

if TYPE_CHECKING:
    from surefoot.core.types import Score
    from surefoot.evaluate.judge import Grades, Preference
    from surefoot.evaluate.runner import Evaluation
    from surefoot.evaluate.slices import Slice

_COLUMNS = ("metric", "value", "95% interval", "n")
_SHOWN_FAILURES = 10
_SHOWN_PARTS = 20
_SHOWN_CHARS = 80


def print_scores(found: Evaluation, options: Options) -> None:
    """The headline, the other scores, then in words what was left out and what failed."""
    first = [score for score in found.scores if score.metric == found.headline]
    others = [score for score in found.scores if score.metric != found.headline]
    print_table(_COLUMNS, _lines([*first, *others]))
    if first:
        say(f"headline, to compare solutions by: {found.headline}", quiet=options.quiet)
    for reason in found.left_out:
        say(f"left out: {reason}", quiet=options.quiet)
    identity = "  ".join(f"{key} {value}" for key, value in found.identity.items())
    say(
        f"{len(found.rows)} questions in {found.seconds:.1f} s; eval set {found.evalset_digest}  {identity}",
        quiet=options.quiet,
    )
    for row in found.failures[:_SHOWN_FAILURES]:
        say(f"failed: {row.id}: {row.failure}")
    if len(found.failures) > _SHOWN_FAILURES:
        say(f"and {len(found.failures) - _SHOWN_FAILURES} more failures; --json lists them")


def print_slices(parts: Sequence[Slice], by: Sequence[str], options: Options) -> None:
    """One table for each division, its largest parts first."""
    for way in by:
        own = [part for part in parts if part.by == way]
        if not own:
            say(f"by {way}: all questions are alike, or none says", quiet=options.quiet)
            continue
        shown = own[:_SHOWN_PARTS]
        print_table(
            (way, *_COLUMNS), [(p.value, *line) for p in shown for line in _lines(p.scores)]
        )
        if len(own) > len(shown):
            say(f"and {len(own) - len(shown)} smaller parts; --json lists them")
    if parts:
        say(
            "parts show where to look; a difference between parts is not proven",
            quiet=options.quiet,
        )


def print_grades(grades: Iterable[Grades], options: Options) -> None:
    """What a judge made of the answers, and whether labels stand behind it."""
    for one in grades:
        rows = [*_lines([one.plain], "uncalibrated: ")]
        if one.corrected and one.agreement:
            rows = [
                *_lines([one.corrected], "corrected: "),
                *_lines([one.plain], "judge alone: "),
                *_lines([one.agreement.accuracy, one.agreement.kappa]),
            ]
        print_table(_COLUMNS, rows)
        for line in _remarks(one):
            say(line, quiet=options.quiet)


def print_preference(found: Preference, run: str, options: Options) -> None:
    """How often this run's answers were preferred to another run's."""
    print_table(_COLUMNS, _lines([found.score, found.consistent]))
    say(
        f"against {run}: {found.count('other')} won, {found.count('base')} lost, {found.count('tie')} tied; "
        "a win needs the same verdict in both orders. Uncalibrated: it decides nothing",
        quiet=options.quiet,
    )
    if found.failures:
        say(f"{len(found.failures)} replies could not be read: ties; --json lists them")


def _lines(found: Sequence[Score], lead: str = "") -> list[tuple[object, ...]]:
    return [
        (f"{lead}{s.metric}", f"{s.value:.3f}", f"{s.low:.3f} to {s.high:.3f}", s.n) for s in found
    ]


def _remarks(one: Grades) -> Iterator[str]:
    if not one.calibrated:
        yield "no labels: the judge is uncalibrated and decides nothing; --labels FILE corrects it"
    if one.too_few:
        yield f"{one.corrected.n if one.corrected else 0} labels are few: do not lean on the correction"
    if one.other_labels:
        yield f"{one.other_labels} labels are of other answers or questions and were not used"
    for verdict in one.failures[:_SHOWN_FAILURES]:
        yield f"judge failed: {verdict.id}: {shorten(verdict.failure or '', _SHOWN_CHARS)}"
    if len(one.failures) > _SHOWN_FAILURES:
        yield f"and {len(one.failures) - _SHOWN_FAILURES} more; each counts as not {one.asked}"
