"""Asks every question of an eval set and keeps what came of each. A question that fails is counted, never dropped."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from time import perf_counter, process_time
from typing import Any

from surefoot.core.errors import CapReached, ConfigError, MissingError
from surefoot.core.roles import Call, Meter
from surefoot.core.types import EvalCase, EvalSet, Query, Score, Task, Turn, Usage
from surefoot.evaluate.course import Course, Progress
from surefoot.evaluate.hidden import asked_honestly
from surefoot.evaluate.measuring import label_pair, question_metrics
from surefoot.evaluate.metrics.spans import CountTokens
from surefoot.evaluate.scoring import Row, left_out, scores, shown
from surefoot.evaluate.standard import Judged, Standard, headline
from surefoot.run.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished question, what it consumed, and the trace that shows how it came about.

    `count_tokens` sizes the hits for the metrics of evidence; it is called when the clock has stopped.
    """

    turn: Turn
    usage: Usage = Usage()
    trace_id: str = ""
    count_tokens: CountTokens | None = None


Ask = Callable[[EvalCase], Outcome]
Watch = Callable[[EvalCase, Outcome], None]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a solution scored on an eval set.

    `identity` names what was measured (digests); `left_out` says which metrics the data did not allow; `headline`
    names the metric to compare solutions by, empty where there is no gold. `stopped` says why not all were asked.
    `asking_s` is the part of `seconds` that went into asking, without what was known before.
    """

    evalset: str
    evalset_digest: str
    scores: tuple[Score, ...]
    rows: tuple[Row, ...]
    left_out: tuple[str, ...] = ()
    seconds: float = 0.0
    seed: int = 0
    identity: Mapping[str, str] = field(default_factory=dict)
    task: Task = "qa"
    headline: str = ""
    stopped: str = ""
    asking_s: float = 0.0

    @property
    def failures(self) -> tuple[Row, ...]:
        """The questions that raised an error; each counts as wrong in every score."""
        return tuple(row for row in self.rows if row.failure is not None)

    def score(self, metric: str) -> Score:
        """One score by its name.

        Raises:
            MissingError: the metric was not computed; the hint says why.
        """
        for score in self.scores:
            if score.metric == metric:
                return score
        why = next((reason for reason in self.left_out if metric in reason), "")
        raise MissingError(f"there is no score {metric!r}", where=self.evalset, hint=why)

    def to_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`, per-question rows included."""
        plain = asdict(self)
        plain["n"] = len(self.rows)
        plain["failures"] = [{"id": row.id, "failure": row.failure} for row in self.failures]
        return plain


def evaluate(
    evalset: EvalSet,
    ask: Ask,
    *,
    judged: Collection[Judged] = ("documents", "answer"),
    progress: Progress | None = None,
    clock: Callable[[], float] = perf_counter,
    seed: int = 0,
) -> Evaluation:
    """Asks the questions in order and scores what comes back.

    `judged` says what the solution gives: where it searches and finds nothing, it scores 0; where it
    does not search, retrieval is left out. `clock` is in seconds.

    Raises:
        ConfigError, MissingError: already on the first question, so that the set-up is to blame.
    """
    start = clock()
    rows, stopped = ask_all(evalset, ask, judged, Course(progress, seed=seed), clock=clock)
    asking_s = clock() - start
    found = evaluation_of(evalset, rows, judged, seed=seed, stopped=stopped)
    return replace(found, seconds=clock() - start, asking_s=asking_s)


def ask_all(
    evalset: EvalSet,
    ask: Ask,
    judged: Collection[Judged],
    course: Course,
    *,
    clock: Callable[[], float] = perf_counter,
) -> tuple[list[Row], str]:
    """The rows of all questions that were asked or known, in the set's order, and why it ended early if it did.

    Raises:
        ConfigError, MissingError: already on the first question, so that the set-up is to blame.
    """
    asked: list[Row] = []
    stopped = ""
    standard = Standard.of(evalset)
    for case in course.order(evalset.cases):
        try:
            course.check(asked)
        except CapReached as problem:
            stopped = problem.message
            break
        row = ask_one(case, ask, judged, clock, standard, fatal=not (asked or course.known))
        course.count(row)
        asked.append(row)
        if course.progress:
            course.progress(len(course.known) + len(asked), len(evalset.cases))
    found = {**course.known, **{row.id: row for row in asked}}
    return [found[case.id] for case in evalset.cases if case.id in found], stopped


def evaluation_of(
    evalset: EvalSet,
    rows: Sequence[Row],
    judged: Collection[Judged],
    *,
    seed: int = 0,
    stopped: str = "",
) -> Evaluation:
    """The scores of these rows; where some questions have none, that is said, with what `stopped` it."""
    standard = Standard.of(evalset)
    unasked = tuple(_unasked(len(evalset.cases) - len(rows), len(evalset.cases), stopped))
    return Evaluation(
        evalset=evalset.name,
        evalset_digest=evalset.digest,
        scores=scores(rows, seed=seed),
        rows=tuple(rows),
        left_out=(*unasked, *left_out(evalset.cases, rows, judged, standard)),
        seed=seed,
        stopped=stopped,
        task=evalset.task,
        headline=_headline(evalset, judged),
    )


def _unasked(lacking: int, all_: int, stopped: str) -> Iterator[str]:
    if lacking and stopped:
        yield f"{lacking} of {all_} questions were not asked: {stopped}"
    elif lacking:
        yield f"{lacking} of {all_} questions were not asked"


def evaluate_workspace(
    space: Workspace,
    evalset: EvalSet,
    *,
    progress: Progress | None = None,
    seed: int = 0,
    course: Course | None = None,
    watch: Watch | None = None,
) -> Evaluation:
    """Scores the workspace's solution over its documents; `identity` has the digests of both.

    A `course` says more than `progress`: what is known already, and a budget, under which the rest stays unasked.
    `watch` sees each outcome, of which a row keeps only a part. A set whose questions are sentences of the documents
    is asked over an index without those sentences (`evaluate.hidden`).
    """
    identity = {"solution": space.solution.name, "solution_digest": space.resources.digest}
    if space.solution.corpus is not None:
        identity["corpus_version"] = space.resources.index().version()
    course = course or Course(progress, seed=seed)
    with asked_honestly(space, evalset) as honest:
        start, judged = perf_counter(), judged_of(honest)
        ask = asking(honest, seed=seed)
        rows, stopped = ask_all(evalset, watched(ask, watch) if watch else ask, judged, course)
        asking_s = perf_counter() - start
    found = evaluation_of(evalset, rows, judged, seed=seed, stopped=stopped)
    seconds = perf_counter() - start
    return replace(found, identity=identity, seconds=seconds, asking_s=asking_s)


def judged_of(space: Workspace) -> tuple[Judged, ...]:
    """What a workspace's solution gives that can be judged."""
    produced = {named.stage.produces for named in space.resources.stages()}
    found: tuple[Judged, ...] = ("documents", "evidence") if "hits" in produced else ()
    return (*found, "answer") if "answer" in produced else found


def asking(space: Workspace, *, seed: int = 0) -> Ask:
    """How a workspace's solution is asked a case: with the case's language and filter, as its owner."""

    def count_tokens(texts: Sequence[str]) -> list[int]:
        return space.resources.encoder().count_tokens(texts)

    def ask(case: EvalCase) -> Outcome:
        call = Call(seed=seed, meter=Meter())
        query = Query(text=case.question, lang=case.lang, filter=case.filter)
        asked = space.run(query, call)
        return Outcome(asked.turn, call.meter.usage, asked.trace_id, count_tokens)

    return ask


def watched(ask: Ask, watch: Watch) -> Ask:
    """The same way to ask, whose outcomes `watch` sees."""

    def told(case: EvalCase) -> Outcome:
        outcome = ask(case)
        watch(case, outcome)
        return outcome

    return told


def ask_one(
    case: EvalCase,
    ask: Ask,
    judged: Collection[Judged],
    clock: Callable[[], float],
    standard: Standard = Standard(),
    *,
    fatal: bool = False,
) -> Row:
    """What comes of one question; where it fails, the row says why, unless a `fatal` set-up is to blame.

    `standard` is that of the whole eval set, also where only a part of it is asked.
    """
    start, busy = clock(), process_time()
    outcome: Outcome | None = None
    failure: str | None = None
    try:
        outcome = ask(case)
    except (ConfigError, MissingError) as problem:
        if fatal:
            raise
        failure = str(problem)
    except Exception as problem:  # noqa: BLE001 - one bad question must not end the run
        failure = str(problem) or type(problem).__name__
    latency_ms, cpu_ms = (clock() - start) * 1000, (process_time() - busy) * 1000
    turn = outcome.turn if outcome else None
    fields: dict[str, Any] = shown(turn) if turn else {}
    return Row(
        id=case.id,
        question=case.question,
        lang=case.lang,
        answerable=case.answerable,
        metrics=question_metrics(
            case, turn, judged, standard, outcome.count_tokens if outcome else None
        ),
        latency_ms=latency_ms,
        cpu_ms=cpu_ms,
        usage=outcome.usage if outcome else Usage(),
        failure=failure,
        trace_id=outcome.trace_id if outcome else "",
        cluster=case.cluster,
        tags=case.tags,
        source=case.source,
        labels=label_pair(case, turn.answer if turn else None, standard),
        **fields,
    )


def _headline(evalset: EvalSet, judged: Collection[Judged]) -> str:
    try:
        return headline(evalset.task, judged, evalset.cases)
    except ConfigError:
        return ""
