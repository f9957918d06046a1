"""Makes training data: reads and makes rows, checks them against the eval set, divides them, and tells what it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from surefoot.core.errors import DataError
from surefoot.core.roles import Message
from surefoot.core.types import Usage
from surefoot.optimize.training_data.checking import (
    counting,
    distinct,
    embedding,
    fresh,
    most_tokens,
    needed,
)
from surefoot.optimize.training_data.parts import (
    cross_encoder,
    declining,
    pair_parts,
    raft_parts,
    refusals,
)
from surefoot.optimize.training_data.questions import (
    made_questions,
    read_inputs,
    read_sets,
    taught_cases,
)
from surefoot.optimize.training_data.settings import DataSettings, TrainingData
from surefoot.optimize.training_data.style import styled
from surefoot.run.saying import serving_prompt
from surefoot.tune.checks import RowReport, asked_of, check_rows, refuse_leaks
from surefoot.tune.data import (
    MadeRows,
    Taught,
    chat_rows,
    divide,
    pair_rows,
    raft_rows,
    summarise,
    taught_from,
)
from surefoot.tune.data.raft import ABSENT
from surefoot.tune.left_out import LeftOut, counted
from surefoot.tune.rows import ChatRow, PairRow, TuningRows

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

Row = ChatRow | PairRow


class Progress(Protocol):
    """Takes what is done, what there is in all, and a word on it."""

    def __call__(self, done: int, total: int, detail: str = "", /) -> None: ...


def make_training_data(
    space: Workspace | None, wanted: DataSettings, progress: Progress | None = None
) -> TrainingData:
    """Rows of the kind that is wanted; the same files, documents, solution and settings give the same.

    Without a workspace only files are read, and leaks are not looked for by meaning.

    Raises:
        ConfigError: something is wanted that needs a workspace.
        DataError: a row of a file gives away a question of the eval set, or no row is left.
    """
    if not wanted.files and not wanted.from_documents:
        raise DataError("nothing to make rows of", hint="name files, or --from-documents")
    return _Making(space, wanted, progress or _silent).data()


class _Making:
    """Data on their way."""

    def __init__(self, space: Workspace | None, wanted: DataSettings, progress: Progress) -> None:
        self._space = space
        self._wanted = wanted
        self._progress = progress
        root = space.root if space else None
        self._inputs = read_inputs(wanted.files, root)
        self._against = read_sets(wanted.against, root)
        self._left_out = list(self._inputs.reading.left_out)
        self._notes: list[str] = []
        self._offers: dict[str, int] = {}
        self._usage = Usage()
        self._asked: dict[str, str] = {}

    def data(self) -> TrainingData:
        """All of it."""
        reading = self._inputs.reading
        report = self._checked(self._rows())
        left_out = (*self._left_out, *report.left_out)
        if not report.rows:
            reasons = "; ".join(f"{reason} ({n})" for reason, n in counted(left_out).items())
            raise DataError("no row is left", hint=f"left out: {reasons}" if reasons else "")
        kept = frozenset(row.id for row in report.rows if row.id in reading.divided)
        rows, said = divide(report.rows, self._wanted.dev, seed=self._wanted.seed, kept=kept)
        return TrainingData(
            rows=TuningRows.of(rows),  # type: ignore[arg-type]
            summary=summarise(rows, report.tokens),
            left_out=left_out,
            leaks=report.leaks,
            notes=(*self._notes, *report.notes, *said),
            formats=self._inputs.formats,
            unused=reading.unused,
            offers=self._offers,
            unreadable=len(reading.left_out),
            usage=self._usage,
        )

    def _rows(self) -> list[Row]:
        """The rows of the kind: those of files as they are, or made of the questions that there are."""
        kind, given = self._wanted.kind, self._inputs.reading.rows
        pairs = [row for row in given if isinstance(row, PairRow)]
        chats = [row for row in given if isinstance(row, ChatRow)]
        if kind == "pairs":
            return [*pairs, *self._pairs([*self._taught(chats), *self._questions()])]
        if pairs:
            raise DataError(
                f"{len(pairs)} rows are pairs of a query and a passage",
                where=pairs[0].origin.source,
                hint="--kind pairs takes them",
            )
        if kind == "style":
            return [*chats, *self._styled()]
        if kind == "raft":
            return self._raft([*self._taught(chats), *self._questions()])
        return self._chat(chats)

    def _questions(self) -> Iterator[Taught]:
        """Those of eval sets, then those that are made from the documents."""
        for taught in taught_cases(self._space, self._inputs.cases):
            if taught.hidden is None or self._wanted.kind == "pairs":
                yield taught
            else:
                reason = "its question is a sentence of the documents"
                self._left_out.append(LeftOut(taught.place, reason, taught.question))
        if self._wanted.from_documents:
            yield from self._made()

    def _made(self) -> Iterator[Taught]:
        """Questions made from the documents that no eval set asks, as many of each language as are wanted."""
        space = needed(self._space)
        likely = sum(case.source.startswith("generated:") for case in self._against)
        made, self._offers, usage = made_questions(
            space, self._wanted, likely, self._step("making questions")
        )
        self._usage += usage
        taught = list(taught_cases(space, made.cases, model=self._wanted.model))
        left, gone = fresh(taught, self._against, embedding(space))
        self._left_out += gone
        taken = Counter[tuple[str, bool]]()
        for one in left:
            taken[one.lang, one.answerable] += 1
            if taken[one.lang, one.answerable] <= self._wanted.questions:
                yield one

    def _taught(self, rows: Sequence[ChatRow]) -> Iterator[Taught]:
        """The users' rows as questions; conversations of several messages cannot be put among passages."""
        for row in rows:
            found = self._inputs.reading.evidence.get(row.id)
            documents = (found.document,) if found and found.document else ()
            taught = taught_from(
                row,
                documents=documents,
                quotes=found.quotes if found else (),
                refusals=refusals(self._wanted.refusal),
            )
            if taught is None:
                place = row.origin.source or row.id
                self._left_out.append(LeftOut(place, "a conversation, not one question"))
            else:
                yield taught

    def _chat(self, given: Sequence[ChatRow]) -> list[Row]:
        quoted = sum(bool(one.quotes) for one in self._inputs.reading.evidence.values())
        if quoted:
            self._notes.append(
                f"{quoted} rows name a passage, which their prompt does not show: --kind raft does"
            )
        words, served = self._wanted.refusal, self._wanted.served
        refusal = declining(words) if served or words else None
        if not served:
            made = chat_rows(list(self._questions()), _alone, refusal)
            return [*given, *self._took(made)]
        questions = [*self._taught(given), *self._questions()]
        return self._took(chat_rows(questions, self._served, refusal))

    def _served(self, question: str) -> list[Message]:
        return serving_prompt(needed(self._space), question, ())

    def _raft(self, questions: Sequence[Taught]) -> list[Row]:
        known = [one for one in questions if one.completion or not one.answerable]
        self._left_out += [
            LeftOut(one.place, "no answer is known", one.question)
            for one in questions
            if one.answerable and not one.completion
        ]
        for taught in known:
            self._asked[taught.id] = self._asked[f"{taught.id}-{ABSENT}"] = taught.question
        count, _ = self._counting
        parts = raft_parts(
            needed(self._space),
            refusal=self._wanted.refusal,
            count_tokens=count,
            max_tokens=most_tokens(self._space, self._wanted),
        )
        settings = self._wanted.raft.model_copy(update={"seed": self._wanted.seed})
        return self._took(raft_rows(known, parts, settings, self._step("searching")))

    def _pairs(self, questions: Sequence[Taught]) -> list[Row]:
        if not questions:
            return []
        space, wanted = needed(self._space), self._wanted
        if not wanted.teacher:
            parts = pair_parts(space)
            return self._took(pair_rows(questions, parts, wanted.pairs, self._step("searching")))
        with closing(cross_encoder(wanted.teacher, space)) as teacher:
            parts = pair_parts(space, teacher=teacher)
            return self._took(pair_rows(questions, parts, wanted.pairs, self._step("scoring")))

    def _styled(self) -> list[Row]:
        made, usage = styled(needed(self._space), self._wanted)
        self._usage += usage
        return self._took(made)

    def _took(self, made: MadeRows) -> list[Row]:
        self._left_out += made.left_out
        self._notes += made.notes
        return list(made.rows)

    def _checked(self, rows: Sequence[Row]) -> RowReport:
        count, said = self._counting
        embed = embedding(self._space) if self._against else None
        if said:
            self._notes.append(said)
        if self._against and embed is None:
            self._notes.append("leaks by meaning are not looked for: there are no documents here")
        self._progress(0, 0, "checking")
        report = check_rows(
            distinct(rows),
            count_tokens=count,
            max_tokens=most_tokens(self._space, self._wanted),
            against=self._against,
            embed=embed,
            asked=lambda row: self._asked.get(row.id) or asked_of(row),
        )
        if not self._wanted.drop_leaks:
            refuse_leaks(report.leaks)
        return report

    @cached_property
    def _counting(self) -> tuple[Callable[[str], int], str]:
        return counting(self._space, self._wanted)

    def _step(self, said: str) -> Callable[[int, int], None]:
        return lambda done, total: self._progress(done, total, said)


def _alone(question: str) -> list[Message]:
    """The question and nothing else."""
    return [Message("user", question)]


def _silent(_done: int, _total: int, _detail: str = "", /) -> None:
    """Says nothing."""
