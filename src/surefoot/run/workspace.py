"""A workspace: a folder with `surefoot.toml` and `.surefoot/`. What Python users hold in their hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from surefoot.config.registry import Registry
from surefoot.config.settings import Resolved, load_settings
from surefoot.config.solution import Solution, read_settings, read_solution
from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.filters import Comparison, Compound, Filter, parse_filter
from surefoot.core.html import asked_html
from surefoot.core.lang import detect
from surefoot.core.roles import Call, DocumentState, Scope
from surefoot.core.steps import Step
from surefoot.core.trace import Sink, Tracer
from surefoot.core.types import Answer, Asker, Document, Hits, Note, Query, Turn
from surefoot.run.build import Closeable, Resources
from surefoot.run.locating import Locator
from surefoot.run.pipeline import Pipeline
from surefoot.run.places import INNER, SOLUTION_FILE, Place
from surefoot.run.serving import Serving, choose
from surefoot.run.unloading import Unloading, without_loads
from surefoot.run.writing import FREELY, Terms

if TYPE_CHECKING:
    from surefoot.ingest.sync import Plan, Progress, Report
    from surefoot.run.sources import Named
    from surefoot.run.tasks import Tasks
    from surefoot.store.feedback import FeedbackBook
    from surefoot.store.ledger import Ledger
    from surefoot.store.runs import Runs
    from surefoot.store.trials import Trials


@dataclass(frozen=True, slots=True)
class Asked:
    """A finished question: its turn, the trace that shows how it came about, and what each stage did."""

    turn: Turn
    trace_id: str
    steps: tuple[Step, ...] = ()

    def _repr_html_(self) -> str:
        """Question, answer and every stage, for notebooks."""
        return asked_html(self.turn, self.steps)


def open_workspace(
    path: str | Path = ".",
    *,
    solution: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Workspace:
    """Opens the workspace in this folder and makes one where there is none.

    `solution` names a file in `solutions/` (or is a path), `overrides` are solution settings by
    dotted path, `settings` are application settings.
    """
    root = Path(path).expanduser().resolve()
    if not (root / SOLUTION_FILE).is_file():
        make_workspace(root)
    return Workspace(root, load_settings(workspace=root, flags=settings), solution, overrides)


def make_workspace(root: Path) -> Path:
    """Writes `surefoot.toml` and `.surefoot/`; an existing solution file is left as it is."""
    root.mkdir(parents=True, exist_ok=True)
    (root / INNER).mkdir(mode=0o700, exist_ok=True)
    file = root / SOLUTION_FILE
    if not file.exists():
        default = resources.files("surefoot.config") / "data" / "solution.toml"
        file.write_text(default.read_text(encoding="utf-8"), encoding="utf-8")
    return file


def find_root(start: Path) -> Path:
    """The nearest folder with a `surefoot.toml`, from `start` upwards.

    Raises:
        MissingError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / SOLUTION_FILE).is_file():
            return folder
    raise MissingError(
        "there is no workspace here or above", where=str(start), hint="surefoot init makes one"
    )


class Workspace:
    """Answers questions over documents and keeps both in step. Close it, or use `with`."""

    def __init__(
        self,
        root: Path,
        settings: Resolved,
        solution: str | None,
        overrides: Mapping[str, Any] | None,
    ) -> None:
        self.root = root
        self.settings = settings
        self.solution_file = solution_file(root, solution)
        self.overrides = dict(overrides or {})
        self._registry = Registry()
        self.listeners: tuple[Sink, ...] = ()

    def ask(
        self,
        question: str,
        *,
        filter: Filter | Mapping[str, Any] | None = None,
        asker: Asker = Asker(),
        on_text: Callable[[str], None] | None = None,
    ) -> Answer:
        """Answers with checked citations, or refuses when the documents do not answer.

        Raises:
            ConfigError: the solution has no stage that answers.
        """
        query = self.query(question, filter=filter, asker=asker)
        answer = self.run(query, Call(on_text=on_text)).turn.answer
        if answer is None:
            raise ConfigError(
                "no stage answers",
                where=self.solution_file.name,
                hint='add [[stages]] kind = "quote"',
            )
        return answer

    def search(
        self,
        query: str,
        *,
        limit: int = 10,
        filter: Filter | Mapping[str, Any] | None = None,
        asker: Asker = Asker(),
    ) -> Hits:
        """The best chunks, best first: a list that notebooks show as a table."""
        asked = self.run(
            self.query(query, filter=filter, asker=asker), Call(limit=limit), answer=False
        )
        return Hits(asked.turn.hits[:limit])

    @staticmethod
    def query(
        text: str,
        *,
        filter: Filter | Mapping[str, Any] | None = None,
        asker: Asker = Asker(),
        history: Sequence[tuple[str, str]] = (),
    ) -> Query:
        """A query in the language of its text; `filter` may be in its JSON form."""
        if filter is not None and not isinstance(filter, Comparison | Compound):
            filter = parse_filter(filter)
        return Query(text.strip(), detect(text), filter, asker, history=tuple(history))

    def run(self, query: Query, call: Call | None = None, *, answer: bool = True) -> Asked:
        """Takes a query through all stages, or all that find; for callers who want hits, steps and trace too.

        `call.on_step` is told of each stage as it ends, `call.on_text` of text as it is written.
        """
        call = call or Call()
        steps: list[Step] = []
        told = call.on_step

        def note(step: Step) -> None:
            steps.append(step)
            if told is not None:
                told(step)

        go = self.pipeline.ask if answer else self.pipeline.search
        tell = Unloading(call.on_text) if call.on_text else None
        call = replace(call, on_step=note, on_text=tell, answer=answer)
        turn, trace_id = go(self._turn(query), call)
        if tell is not None:
            tell.end()
        return Asked(without_loads(turn), trace_id, tuple(steps))

    @property
    def tasks(self) -> Tasks:
        """Summarise, translate, classify and extract."""
        from surefoot.run.tasks import Tasks

        return Tasks(self)

    def documents(self, *, asker: Asker = Asker()) -> Iterator[Document]:
        """The documents that answers come from, ordered by id."""
        return self.resources.index().documents(scope=Scope(asker=asker))

    def status(self) -> list[DocumentState]:
        """Every document known, failed, empty and duplicate ones too."""
        return list(self.resources.index().states())

    def add(
        self, *places: Named, progress: Progress | None = None, terms: Terms = FREELY
    ) -> Report:
        """Adds files, folders, URLs or sources as `surefoot.toml` has them to the corpus there, and ingests them."""
        from surefoot.run.corpus import add_places

        return add_places(self, places, progress, terms)

    def sync(self, *, progress: Progress | None = None, terms: Terms = FREELY) -> Report:
        """Brings the index in step with the sources: new, changed, moved and removed documents only.

        `terms` say how much a chat model may write of them, where the solution has one write.
        """
        from surefoot.run.corpus import sync

        return sync(self, progress, terms)

    def plan(self) -> Plan:
        """What `sync` would do."""
        from surefoot.run.corpus import plan

        return plan(self)

    def remove(self, document_ids: Sequence[str]) -> int:
        """Removes documents from the index; the next sync reads them again while their source offers them."""
        from surefoot.run.pictures import forget_pictures
        from surefoot.run.writing import forget

        removed = self.resources.index().remove(document_ids)
        forget(self.resources, document_ids)
        forget_pictures(self.root, document_ids)
        return removed

    def reload(self) -> None:
        """Takes up the solution file as it is now."""
        self._drop("pipeline", "resources", "serving", "solution")

    def close(self) -> None:
        """Closes models, tables and ledger."""
        self._drop("pipeline", "resources", "serving", "tracer")
        self._drop("ledger", "trials", "runs", "feedback")

    def varied(self, overrides: Mapping[str, Any]) -> Workspace:
        """Another view of this workspace, with more settings overridden; to be closed for itself."""
        changed = {**self.overrides, **overrides}
        return Workspace(self.root, self.settings, str(self.solution_file), changed)

    def stored(self, tables: str) -> Workspace:
        """Another view of this workspace over other tables (a folder or URL); to be closed for itself."""
        settings = self.settings.settings.model_copy(update={"store": tables})
        resolved = replace(self.settings, settings=settings)
        return Workspace(self.root, resolved, str(self.solution_file), self.overrides)

    def written_settings(self) -> dict[str, Any]:
        """What the solution file itself says, without defaults and overrides."""
        return read_settings(self.solution_file)

    def settings_in_force(self) -> dict[str, Any]:
        """What the solution file says with overrides applied, without defaults."""
        return read_settings(self.solution_file, self.overrides)

    @cached_property
    def solution(self) -> Solution:
        """The solution in force, overrides applied."""
        return read_solution(self.solution_file, self._registry, self.overrides)

    @property
    def is_default(self) -> bool:
        """Whether this is the workspace's own solution, which decides the live index, and not one of `solutions/`."""
        return self.solution_file == self.root / SOLUTION_FILE

    @contextmanager
    def wanted(self) -> Iterator[Resources]:
        """The resources of the solution as it is written, to build its index, beside the one that answers."""
        if self.serving.solution is self.solution:
            yield self.resources
            return
        resources = self._resources(self.solution)
        try:
            yield resources
        finally:
            resources.close()

    @cached_property
    def serving(self) -> Serving:
        """The solution that answers."""
        return choose(self._resources(self.solution), self._registry)

    @cached_property
    def resources(self) -> Resources:
        """What the parts of the answering solution share."""
        return self._resources(self.serving.solution)

    def _resources(self, solution: Solution) -> Resources:
        return Resources(solution, self.place, self.settings.settings, self._registry)

    @cached_property
    def place(self) -> Place:
        """Where things are kept."""
        return Place(self.root, self.settings.settings.store or str(self.root / INNER / "lance"))

    @cached_property
    def pipeline(self) -> Pipeline:
        """The built stages."""
        identity = {"solution": self.solution.name, "solution_digest": self.resources.digest}
        located = Locator(self.resources.index)
        return Pipeline(self.resources.stages(), self.tracer, identity, located)

    @cached_property
    def ledger(self) -> Ledger:
        """Where traces are kept."""
        from surefoot.store.ledger import Ledger

        options = self.settings.settings
        days, content, mask = (
            options.trace_keep_days,
            options.trace_content,
            options.trace_mask,
        )
        if options.ledger:
            return Ledger(options.ledger, keep_days=days, content=content, mask=mask)
        return Ledger.at(self.root / INNER, keep_days=days, content=content, mask=mask)

    @cached_property
    def trials(self) -> Trials:
        """What was asked of which solution and what came of it, in the database of the ledger."""
        from surefoot.store.trials import Trials

        url = self.settings.settings.ledger
        return Trials(url) if url else Trials.at(self.root / INNER)

    @cached_property
    def runs(self) -> Runs:
        """Finished runs, in the database of the ledger."""
        from surefoot.store.runs import Runs

        url = self.settings.settings.ledger
        return Runs(url) if url else Runs.at(self.root / INNER)

    @cached_property
    def feedback(self) -> FeedbackBook:
        """What people said of answers, in the database of the ledger."""
        from surefoot.store.feedback import FeedbackBook

        url = self.settings.settings.ledger
        return FeedbackBook(url) if url else FeedbackBook.at(self.root / INNER)

    @cached_property
    def tracer(self) -> Tracer:
        """Opens spans whose records go to the ledger and the listeners."""
        return Tracer(self.ledger.sink, *self.listeners)

    def _turn(self, query: Query) -> Turn:
        note = self.serving.note
        return Turn(query, notes=(Note("index", note),) if note else ())

    def _drop(self, *names: str) -> None:
        for name in names:
            opened = self.__dict__.pop(name, None)
            if isinstance(opened, Closeable):
                opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def solution_file(root: Path, name: str | None) -> Path:
    """The file of a solution: of the workspace's own, of one in `solutions/`, or any path.

    Raises:
        MissingError: there is none; the hint names those that there are.
    """
    if name is None:
        return root / SOLUTION_FILE
    for file in (root / "solutions" / f"{name}.toml", root / name, Path(name)):
        if file.is_file():
            return file
    known = sorted(file.stem for file in (root / "solutions").glob("*.toml"))
    raise MissingError(
        f"there is no solution {name!r}",
        where=str(root),
        hint=f"known: {', '.join(['(default)', *known])}",
    )
