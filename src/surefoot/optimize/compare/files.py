"""What a comparison keeps in `.surefoot/compare/<id>/`: what was asked for, questions, rows, each arm, the result.

Every file is written whole or not at all, so that a comparison goes on from wherever it was stopped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import TypeAdapter

from surefoot.core.errors import MissingError
from surefoot.core.types import EvalSet
from surefoot.evaluate.evalsets import load_evalset, write_evalset
from surefoot.optimize.compare.result import Build, Comparison, HeldEqual, Method
from surefoot.optimize.folders import begun, find_begun
from surefoot.tune.artefact import Parity
from surefoot.tune.rows import ChatRow, TuningRows, read_rows, write_rows

COMPARE = "compare"
EXAMPLES = "examples.jsonl"
_REQUEST = "request.json"
_RESULT = "result.json"
_QUESTIONS = "questions.jsonl"
_TRAIN = "train.jsonl"
_ARMS = "arms"
_LESSONS = "rows"


@dataclass(frozen=True, slots=True)
class Requested:
    """What a comparison was asked to do: enough to go on with it. `seeds` grow when it is continued with others."""

    id: str
    evalset: str
    evalset_digest: str
    methods: tuple[Method, ...]
    seeds: tuple[int, ...]
    model: str
    metric: str
    held: HeldEqual
    effort: Mapping[str, Any]
    train_digest: str = ""
    solution: str = ""
    left_out: Mapping[Method, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    command: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What an arm has when it is ready to be asked: its weights, and what they took."""

    model: str
    artefact: str = ""
    build: Build = field(default_factory=Build)
    parity: Parity | None = None
    rows_digest: str = ""
    dev_loss: float | None = None
    storage_bytes: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LessonFacts:
    """What is known of the rows of a method: tokens once through, the seconds that making them took, notes."""

    tokens: int
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


class CompareFiles:
    """The folder of one comparison."""

    def __init__(self, inner: Path, name: str) -> None:
        self.folder = inner / COMPARE / name

    @classmethod
    def all(cls, inner: Path) -> list[CompareFiles]:
        """Those that were begun, the latest last."""
        return [cls(inner, folder.name) for folder in begun(inner / COMPARE, _REQUEST)]

    @classmethod
    def find(cls, inner: Path, name: str) -> CompareFiles:
        """The comparison whose id begins so; `last` is the one that was begun last.

        Raises:
            MissingError: none or several do.
        """
        return cls(inner, find_begun(inner / COMPARE, _REQUEST, name, what="comparison").name)

    @property
    def begun_ns(self) -> int:
        """When it was begun or gone on with, in unix nanoseconds."""
        return (self.folder / _REQUEST).stat().st_mtime_ns

    def begin(self, asked: Requested, evalset: EvalSet, train: TuningRows | None) -> None:
        """Writes what is asked; going on with a comparison writes the same again, with more seeds perhaps."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_evalset(evalset, self.folder / _QUESTIONS, overwrite=True)
        if train is not None:
            write_rows(train, self.folder / _TRAIN)
            shown = TuningRows.of(train.of_split("train"))
            write_rows(shown, self.folder / EXAMPLES)
        self._write(self.folder / _REQUEST, asdict(asked))

    @property
    def examples(self) -> Path:
        """The rows that may be shown as examples."""
        return self.folder / EXAMPLES

    @property
    def asked(self) -> Requested:
        """What was asked."""
        return TypeAdapter(Requested).validate_python(self._read(self.folder / _REQUEST))

    @property
    def evalset(self) -> EvalSet:
        """The questions."""
        return load_evalset(self.folder / _QUESTIONS)

    @property
    def train(self) -> TuningRows | None:
        """The rows to learn from; None where there were none."""
        path = self.folder / _TRAIN
        return read_rows(path) if path.is_file() else None

    def arm(self, name: str) -> Path:
        """The folder of an arm, made where it is not there."""
        folder = self.folder / _ARMS / name.replace("+", "-")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def write_solution(self, arm: str, plain: Mapping[str, Any]) -> Path:
        """Writes the complete solution of an arm."""
        path = self.arm(arm) / "solution.toml"
        text = tomlkit.dumps(json.loads(json.dumps(plain)))
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
        return path

    def made(self, arm: str) -> Made | None:
        """What was made for an arm; None where it is not ready."""
        path = self.arm(arm) / "made.json"
        return TypeAdapter(Made).validate_python(self._read(path)) if path.is_file() else None

    def write_made(self, arm: str, made: Made) -> None:
        """The arm is ready."""
        self._write(self.arm(arm) / "made.json", _plain(Made, made))

    def peak(self, arm: str, peak_mib: float = 0.0) -> float:
        """The most memory that a process asking the arm ever held, this one included, in MiB."""
        path = self.arm(arm) / "asked.json"
        known = float(self._read(path)["peak_mib"]) if path.is_file() else 0.0
        if peak_mib > known:
            self._write(path, {"peak_mib": peak_mib})
        return max(known, peak_mib)

    def lesson(self, method: Method) -> tuple[Path, LessonFacts | None]:
        """The file of the rows that a method is trained on, and what is known of them once they are there."""
        place = self.folder / _LESSONS / f"{method.replace('+', '-')}.jsonl"
        facts = place.with_suffix(".json")
        if not facts.is_file():
            return place, None
        return place, TypeAdapter(LessonFacts).validate_python(self._read(facts))

    def write_lesson(
        self, method: Method, rows: Sequence[ChatRow], facts: LessonFacts
    ) -> LessonFacts:
        """Keeps the rows; the facts are written last, so that they stand for all of it."""
        place, _ = self.lesson(method)
        place.parent.mkdir(parents=True, exist_ok=True)
        write_rows(TuningRows.of(rows), place)
        self._write(place.with_suffix(".json"), _plain(LessonFacts, facts))
        return facts

    def end(self, found: Comparison) -> None:
        """Writes what came of it."""
        self._write(self.folder / _RESULT, _plain(Comparison, replace(found, folder="")))

    @property
    def result(self) -> Comparison:
        """What came of it.

        Raises:
            MissingError: it has not ended.
        """
        if not (self.folder / _RESULT).is_file():
            raise MissingError(
                "has not ended",
                where=self.folder.name,
                hint=f"surefoot compare --continue {self.folder.name}",
            )
        found = TypeAdapter(Comparison).validate_python(self._read(self.folder / _RESULT))
        return replace(found, folder=str(self.folder))

    @property
    def ended(self) -> bool:
        """Whether there is a result."""
        return (self.folder / _RESULT).is_file()

    def _read(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def _write(self, path: Path, plain: Mapping[str, Any]) -> None:
        new = path.with_name(f"{path.name}.new")
        new.write_text(json.dumps(plain, ensure_ascii=False, indent=1), encoding="utf-8")
        new.replace(path)


def _plain(kind: type[Any], value: object) -> dict[str, Any]:
    found: dict[str, Any] = TypeAdapter(kind).dump_python(value, mode="json")
    return found
