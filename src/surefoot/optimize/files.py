"""What an experiment leaves in `.surefoot/experiments/<id>/`: plain JSON, questions, the winner as a solution file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from surefoot.core.errors import MissingError
from surefoot.core.types import EvalSet
from surefoot.evaluate.evalsets import load_evalset, write_evalset
from surefoot.optimize.folders import begun, find_begun
from surefoot.optimize.forecast import Audit, Forecast
from surefoot.optimize.result import Searched

EXPERIMENTS = "experiments"
WINNER = "solution.toml"
_REQUEST = "request.json"
_RESULT = "result.json"
_QUESTIONS = "questions.jsonl"
_DOCUMENTS = "documents.json"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an experiment was asked to do: enough to go on with it, or to do it again over other documents."""

    id: str
    evalset: str
    evalset_digest: str
    corpus: str
    space: Mapping[str, Any]
    metric: str
    objectives: tuple[str, ...]
    seed: int
    budget: str
    workers: int
    holdout: float
    command: str = ""
    continues: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of it. `solutions` has the settings of every solution tried, by digest.

    `traces` are those of the unseen questions that the winner does worst, by question.
    """

    searched: Searched
    solutions: Mapping[str, Mapping[str, Any]]
    forecast: Forecast
    audit: Audit
    dropped: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    traces: Mapping[str, str] = field(default_factory=dict)


class ExperimentFiles:
    """The folder of one experiment."""

    def __init__(self, inner: Path, name: str) -> None:
        self.folder = inner / EXPERIMENTS / name

    @classmethod
    def all(cls, inner: Path) -> list[ExperimentFiles]:
        """Those that were begun, the latest last."""
        return [cls(inner, folder.name) for folder in begun(inner / EXPERIMENTS, _REQUEST)]

    @classmethod
    def find(cls, inner: Path, name: str) -> ExperimentFiles:
        """The experiment whose id begins so; `last` is the one that was begun last.

        Raises:
            MissingError: none or several do.
        """
        found = find_begun(inner / EXPERIMENTS, _REQUEST, name, what="experiment")
        return cls(inner, found.name)

    def begin(self, asked: Asked, evalset: EvalSet, documents: Mapping[str, str]) -> None:
        """Writes what is asked; going on with an experiment writes the same again."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write(_REQUEST, asdict(asked))
        self._write(_DOCUMENTS, dict(documents))
        write_evalset(evalset, self.folder / _QUESTIONS, overwrite=True)

    def end(self, ended: Ended, winner: str) -> None:
        """Writes what came of it."""
        (self.folder / WINNER).write_text(winner, encoding="utf-8")
        self._write(_RESULT, asdict(ended))

    @property
    def asked(self) -> Asked:
        """What was asked."""
        return TypeAdapter(Asked).validate_python(self._read(_REQUEST))

    @property
    def begun_ns(self) -> int:
        """When it was begun or gone on with, in unix nanoseconds."""
        return (self.folder / _REQUEST).stat().st_mtime_ns

    @property
    def has_ended(self) -> bool:
        """Whether something came of it."""
        return (self.folder / _RESULT).is_file()

    @property
    def ended(self) -> Ended:
        """What came of it.

        Raises:
            MissingError: it has not ended.
        """
        if not self.has_ended:
            raise MissingError(
                "has not ended",
                where=self.folder.name,
                hint=f"surefoot optimize --continue {self.folder.name}",
            )
        return TypeAdapter(Ended).validate_python(self._read(_RESULT))

    @property
    def evalset(self) -> EvalSet:
        """The questions with their split."""
        return load_evalset(self.folder / _QUESTIONS)

    @property
    def documents(self) -> dict[str, str]:
        """The documents of then: id to digest of content."""
        return {str(name): str(digest) for name, digest in self._read(_DOCUMENTS).items()}

    def _read(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / name).read_text(encoding="utf-8"))
        return found

    def _write(self, name: str, plain: Mapping[str, Any]) -> None:
        new = self.folder / f"{name}.new"
        new.write_text(json.dumps(plain, ensure_ascii=False, indent=1), encoding="utf-8")
        new.replace(self.folder / name)
