"""Reports of what a workspace keeps: a run, a search, a comparison of methods; each by its id or `last`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.trace import SpanRecord
from surefoot.core.types import EvalCase
from surefoot.evaluate.evalsets import find_evalset, load_evalset
from surefoot.evaluate.runs import KeptRun, load_run
from surefoot.optimize.compare.files import CompareFiles
from surefoot.optimize.experiment import Experiment, load_experiment
from surefoot.optimize.report.comparison import ComparisonTold, comparison_page
from surefoot.optimize.report.experiment import Told, experiment_page
from surefoot.optimize.report.page import Page, ReportLang
from surefoot.optimize.report.run import RunTold, run_page

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace


def search_page(space: Workspace, found: Experiment, lang: str | None) -> Page:
    """The report of a search, in the language of most questions where none is wanted."""
    told = Told(
        title=found.asked.evalset,
        searched=found.searched,
        evalset=found.evalset,
        rows=found.rows,
        solution_file=Path(found.solution_file).read_text(encoding="utf-8"),
        commands=(found.asked.command,) if found.asked.command else (),
        trace=lambda trace_id: _spans(space, trace_id),
    )
    return experiment_page(told, _lang(lang, [case.lang for case in found.evalset.cases]))


def kept_comparison(space: Workspace, name: str, lang: str | None) -> Page:
    """The report of a comparison by its id or `last`, in the language of most questions where none is wanted."""
    files = CompareFiles.find(space.root / ".surefoot", name)
    cases = {case.id: case for case in files.evalset.cases}
    told = ComparisonTold(files.result, cases, lambda trace_id: _spans(space, trace_id))
    return comparison_page(told, _lang(lang, [case.lang for case in cases.values()]))


def kept_search(space: Workspace, name: str, lang: str | None) -> Page:
    """The report of a search by its id or `last`, in the language of most questions where none is wanted."""
    return search_page(space, load_experiment(space, name), lang)


def kept_run(space: Workspace, run: str, against: str | None, lang: str | None) -> Page:
    """The report of a run by its id or `last`, held against an earlier one where that is named."""
    kept = load_run(space, run)
    base = load_run(space, against) if against else None
    told = RunTold(kept, base, _cases(space, kept), lambda trace_id: _spans(space, trace_id))
    return run_page(told, _lang(lang, [row.lang for row in kept.rows]))


def _lang(wanted: str | None, asked: Sequence[str]) -> ReportLang:
    if wanted is None:
        return "zh" if asked.count("zh") * 2 > len(asked) else "en"
    if wanted == "en":
        return "en"
    if wanted == "zh":
        return "zh"
    raise ConfigError(f"no report in {wanted!r}", where="lang", hint="en or zh")


def _cases(space: Workspace, kept: KeptRun) -> Mapping[str, EvalCase]:
    """The questions with their gold, where the eval set is still there as it was."""
    try:
        evalset = load_evalset(find_evalset(kept.run.evalset, space.root))
    except (MissingError, ConfigError):
        return {}
    if evalset.digest != kept.run.evalset_digest:
        return {}
    return {case.id: case for case in evalset.cases}


def _spans(space: Workspace, trace_id: str) -> Sequence[SpanRecord]:
    """The spans of a trace, none where it is no longer kept."""
    try:
        return space.ledger.trace(trace_id)
    except MissingError:
        return ()
