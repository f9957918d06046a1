"""Makes a trained arm ready to be asked: rows, training, export, and the gate that the export has to pass.

Every step leaves something by which it is not done twice.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from filelock import FileLock, Timeout

from surefoot.config.registry import Registry
from surefoot.core.errors import DataError
from surefoot.models.base import ModelEnv
from surefoot.optimize.compare.base import Base
from surefoot.optimize.compare.child import in_child
from surefoot.optimize.compare.files import CompareFiles, LessonFacts, Made
from surefoot.optimize.compare.lessons import Lesson, lesson_rows
from surefoot.optimize.compare.rates import Attempt, kept, learning_rate, told
from surefoot.optimize.compare.result import Build, Method
from surefoot.optimize.compare.settings import CompareSettings, Doing
from surefoot.optimize.compare.updating import bytes_of
from surefoot.run.adapters import adapters_root
from surefoot.tune.artefact import FOLDERS, Parity, check_files
from surefoot.tune.checkpoints import FOLDER as CHECKPOINTS
from surefoot.tune.events import Event
from surefoot.tune.export import NumberType
from surefoot.tune.export.gate import Gate, export_checked, gate_prompts
from surefoot.tune.job import job_state, put_artefact, run_job
from surefoot.tune.quiet import quiet
from surefoot.tune.rows import TuningRows, read_rows
from surefoot.tune.spec import JobSpec
from surefoot.tune.worker import LOCK

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

_MOST_TOKENS = 2048
_GATE_PROMPTS, _GATE_TOKENS = 24, 32
_WAIT_S = 2.0
Say = Callable[[Doing, Event | None], None]


@dataclass(frozen=True, slots=True)
class Taught:
    """Rows that an arm is trained on, in their file, and the seconds that making them took."""

    file: Path
    digest: str
    rows: int
    epochs: float
    seconds: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trainee:
    """What one arm is trained with. `served` is the file of the solution that its weights will answer in."""

    arm: str
    method: Method
    seed: int
    name: str
    served: Path
    passages: int


class Training:
    """Trains the arms of one comparison."""

    def __init__(
        self, space: Workspace, files: CompareFiles, base: Base, settings: CompareSettings
    ) -> None:
        self._space = space
        self._files = files
        self._base = base
        self._settings = settings
        self._env: ModelEnv = space.resources.env

    def made(self, trainee: Trainee, train: TuningRows, say: Say) -> Made:
        """The arm, ready to be asked; what is there already is used.

        Raises:
            DataError: the rows cannot be learnt from, or the export does not answer as the trained model does.
            SurefootError: the training failed; going on resumes it.
        """
        known = self._files.made(trainee.arm)
        if known is not None and Path(known.model).is_file():
            return known
        say("preparing", None)
        taught = self._taught(trainee, train)
        rates = self._settings.rates
        tried = [
            self._trained(trainee, taught, rate, lambda event: say("training", event))
            for rate in rates
        ]
        say("exporting", None)
        made = self._exported(trainee, taught, tried)
        self._files.write_made(trainee.arm, made)
        for attempt in tried:
            if attempt is not kept(tried):
                shutil.rmtree(attempt.out, ignore_errors=True)
        return made

    def _taught(self, trainee: Trainee, train: TuningRows) -> Taught:
        """The rows of the method; other seeds have the same."""
        lesson = Lesson(
            trainee.method,
            train,
            self._space.root,
            trainee.served,
            self._base.name,
            self._env,
            trainee.passages,
            self._settings.no_evidence,
        )
        file, known = self._files.lesson(trainee.method)
        if known is None:
            work = in_child(f"the rows of {trainee.method}", lesson_rows, lesson)
            found = work.value
            facts = LessonFacts(found.tokens, work.wall_s, found.notes)
            known = self._files.write_lesson(trainee.method, found.rows, facts)
        rows = read_rows(file)
        counted = len(rows.of_split("train"))
        epochs = self._epochs(known.tokens)
        return Taught(file, rows.digest, counted, epochs, known.seconds, known.notes)

    def _epochs(self, tokens: int) -> float:
        """As often as wanted, unless that is more tokens than each arm may have."""
        most, wanted = self._settings.train_tokens, self._settings.epochs
        return min(wanted, round(most / tokens, 3)) if most and tokens else wanted

    def _trained(
        self, trainee: Trainee, taught: Taught, rate: float, watch: Callable[[Event], None]
    ) -> Attempt:
        kind: Literal["lora", "full"] = "full" if trainee.method.startswith("full") else "lora"
        settings = Registry().settings_class("tuner", kind)
        tuner = settings.model_validate(
            {
                "kind": kind,
                "epochs": taught.epochs,
                "max_tokens": _MOST_TOKENS,
                "learning_rate": learning_rate(kind, rate),
            }
        )
        spec = JobSpec(
            name=trainee.name,
            tuner=tuner,
            base=self._base.name,
            rows=str(taught.file),
            seed=trainee.seed,
            device=self._settings.device,
            threads=self._env.threads,
        )
        job = trainee.name if len(self._settings.rates) == 1 else f"{trainee.name}-x{rate:g}"
        out = self._space.root / ".surefoot" / "jobs" / job
        _let_end(out, watch)
        return Attempt(rate, out, run_job(spec, out, self._env, watch))

    def _exported(self, trainee: Trainee, taught: Taught, tried: Sequence[Attempt]) -> Made:
        chosen = kept(tried)
        out, card = chosen.out, chosen.card
        place = adapters_root(self._space.root) / trainee.name
        work = in_child(
            f"the export of {trainee.name}",
            _export,
            _Export(
                out, place, taught.file, self._env, self._number_type, self._settings.tolerance
            ),
        )
        parity = work.value
        spent = [attempt.card.expense for attempt in tried]  # choosing a rate is part of building
        build = Build(
            train_s=sum(one.wall_s for one in spent),
            cpu_s=sum(one.cpu_s for one in spent),
            export_s=taught.seconds + work.wall_s,
            peak_mib=max(work.peak_mib, *(one.peak_mib for one in spent)),
            train_tokens=card.expense.train_tokens,
            steps=card.expense.steps,
            rows=card.rows_used or taught.rows,
            trainable=card.expense.trainable,
        )
        weights = place / FOLDERS["peft" if card.kind == "adapter" else "gguf"]
        shutil.rmtree(out / CHECKPOINTS, ignore_errors=True)
        return Made(
            model=str(place / FOLDERS["gguf"]),
            artefact=trainee.name,
            build=build,
            parity=parity,
            rows_digest=taught.digest,
            dev_loss=card.dev_loss,
            storage_bytes=bytes_of([weights]),
            notes=(*taught.notes, *told(tried), *([card.no_gain] if card.no_gain else [])),
        )

    @property
    def _number_type(self) -> NumberType:
        return self._settings.number_type


@dataclass(frozen=True, slots=True)
class _Export:
    out: Path
    place: Path
    rows: Path
    env: ModelEnv
    number_type: NumberType
    tolerance: float | None


def _export(task: _Export) -> Parity:
    """Exports what a job made, lets it through the gate, and puts it where trained models live.

    One process at a time: this one may outlive the comparison that waits for it.
    """
    with FileLock(task.out / ".export.lock"):
        known = _let_through(task)
        put_artefact(task.out, task.place)
    return known


def _let_through(task: _Export) -> Parity:
    card = check_files(task.out)
    known = next((one for one in card.parity if one.form == "gguf" and one.good), None)
    if known is None or not (task.out / FOLDERS["gguf"]).is_file():
        gate = Gate(gate_prompts([task.rows], _GATE_PROMPTS), task.tolerance, _GATE_TOKENS)
        with quiet():
            (known,) = export_checked(
                task.out, ["gguf"], task.env, gate, number_type=task.number_type
            )
    if not known.good:
        raise DataError(
            f"the export does not answer as the trained model: {known.agreement:.3f} of its tokens agree, "
            f"{known.tolerance:g} must",
            where=card.name,
            hint="surefoot compare --continue last --tolerance N goes on where you accept less",
        )
    return known


def _let_end(out: Path, watch: Callable[[Event], None]) -> None:
    """Waits for a training that outlived the comparison that began it: it is the same one, so it is not begun anew."""
    if not out.is_dir():
        return
    while True:
        try:
            with FileLock(out / LOCK, timeout=_WAIT_S):
                return
        except Timeout:
            last = job_state(out).last
            if last is not None:
                watch(last)
