"""A comparison that is ready to be run: what is asked, of which arms, checked before anything is opened for long."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from surefoot.config.catalog import load_catalog
from surefoot.config.registry import Registry
from surefoot.core.digest import digest_json
from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.core.types import EvalSet
from surefoot.evaluate.hidden import without_hidden
from surefoot.evaluate.standard import Judged, headline
from surefoot.models.weights import model_digest
from surefoot.optimize.compare.arms import Frame, Wanted, arm_solution, frame_of
from surefoot.optimize.compare.base import AS_GIVEN, HTTP
from surefoot.optimize.compare.files import CompareFiles, Requested
from surefoot.optimize.compare.forecast import ArmForecast, forecast, sizes_of, weights_in
from surefoot.optimize.compare.methods import Means, possible
from surefoot.optimize.compare.rates import USUAL, check_rates, planned
from surefoot.optimize.compare.result import SEARCHING, TRAINED, WITH_ROWS, HeldEqual, Method
from surefoot.optimize.compare.settings import CompareSettings
from surefoot.optimize.training_data.checking import embedding, guessed
from surefoot.tune.checks import check_rows, refuse_leaks
from surefoot.tune.export.forms import base_gguf
from surefoot.tune.rows import ChatRow, TuningRows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surefoot.run.workspace import Workspace

_JUDGED: tuple[Judged, ...] = ("answer",)
_ENDLESS = (
    1_000_000  # what is too long is told by those who train, in tokens of the prompt that is served
)


@dataclass(frozen=True, slots=True)
class Arm:
    """A method with its seed; the seed is 0 where nothing is random."""

    method: Method
    seed: int

    @property
    def name(self) -> str:
        """As in results."""
        return f"{self.method}-{self.seed}" if self.method in TRAINED else self.method


class ComparePlan:
    """What will be run.

    Raises:
        ConfigError: no method can be run, or the eval set has nothing to judge by.
        MissingError: there are documents to be searched, and nothing is indexed yet.
        DataError: rows give away questions of the eval set, or are no chats.
    """

    def __init__(
        self,
        space: Workspace,
        evalset: EvalSet,
        train: TuningRows | None,
        settings: CompareSettings,
    ) -> None:
        self.space = space
        self.settings = settings
        self.frame: Frame = frame_of(space.settings_in_force())
        self.model = settings.model or self.frame.model or load_catalog().default("chat")
        self.evalset, self.notes = without_hidden(evalset)
        self.train = self._checked(train)
        self.methods, self.left_out = possible(settings.methods, self._means())
        if not self.methods:
            raise ConfigError(
                f"no method can be run: {next(iter(self.left_out.values()))}", where="--methods"
            )
        self.metric = settings.metric or headline(evalset.task, _JUDGED, self.evalset.cases)
        if self.trains:
            check_rates(settings.rates, self.train)
            self.notes = (*self.notes, *planned(settings.rates))
        if "nearest" not in self.methods:
            why = self.left_out.get("nearest", "it was taken out")
            self.notes = (
                *self.notes,
                f"without nearest ({why}) nothing here says that tuning is worth more than "
                "showing the closest rows as examples",
            )

    @property
    def trains(self) -> bool:
        """Whether an arm is trained."""
        return any(method in TRAINED for method in self.methods)

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """In the order in which they are run: what is not trained first, then seed by seed."""
        plain = [Arm(method, 0) for method in self.methods if method not in TRAINED]
        trained = [
            Arm(method, seed)
            for seed in self.settings.seeds
            for method in self.methods
            if method in TRAINED
        ]
        return (*plain, *trained)

    @cached_property
    def id(self) -> str:
        """The same for the same questions, rows, documents, model and effort, whatever the methods and seeds."""
        said = [
            {**self.frame.solution, "name": ""},
            list(self.frame.searching),
            self.frame.answer,
            self.evalset.digest,
            self.train.digest if self.train else "",
            self.corpus,
            model_digest(self.model, self.space.resources.env),
            self.metric,
            dict(self.effort),
        ]
        return digest_json(said)[:12]

    @cached_property
    def corpus(self) -> str:
        """The version of the documents; empty where none are searched."""
        return self.space.resources.index().version() if self.frame.searches else ""

    @property
    def effort(self) -> Mapping[str, float | str | tuple[float, ...]]:
        """What is the same for all trained arms, and for those with examples."""
        settings = self.settings
        return {
            "epochs": settings.epochs,
            "train_tokens": settings.train_tokens,
            "shots": settings.shots,
            "thought_tokens": settings.thought_tokens,
            "no_evidence": settings.no_evidence,
            "number_type": settings.number_type if self.trains else AS_GIVEN,
            **({} if settings.rates == USUAL else {"rates": settings.rates}),
        }

    @property
    def effort_said(self) -> str:
        """The effort of training, in words."""
        said = f"{self.settings.epochs:g} epochs"
        if self.settings.train_tokens:
            said += f", at most {self.settings.train_tokens} tokens"
        return f"{said}, for every trained arm; it stops where the dev rows gain nothing more"

    def solution(self, arm: Arm, model: str, files: CompareFiles) -> dict[str, object]:
        """The complete settings of an arm that answers with this model."""
        wanted = Wanted(
            arm.method,
            model,
            examples=str(files.examples.relative_to(self.space.root)),
            shots=min(self.settings.shots, self._shown),
            thought_tokens=self.settings.thought_tokens,
            name=arm.name.replace("+", "-"),
        )
        return arm_solution(self.frame, wanted)

    def requested(self, held: HeldEqual) -> Requested:
        """What is written down of it."""
        settings = self.settings
        return Requested(
            id=self.id,
            evalset=self.evalset.name,
            evalset_digest=self.evalset.digest,
            methods=self.methods,
            seeds=settings.seeds,
            model=self.model,
            metric=self.metric,
            held=held,
            effort={
                **self.effort,
                "device": settings.device,
                "tolerance": settings.tolerance,
                "suites": settings.suites,
            },
            train_digest=self.train.digest if self.train else "",
            solution=str(self.space.solution_file),
            left_out=self.left_out,
            notes=self.notes,
            command=settings.command,
        )

    @cached_property
    def forecast(self) -> Mapping[Method, ArmForecast]:
        """Seconds by method, for one seed."""
        sizes = sizes_of(self.evalset, self.train if self._uses_rows else None)
        settings = self.settings
        sizes = replace(
            sizes,
            shots=settings.shots,
            passages=self.passages,
            weights=self._weights,
            threads=self.space.settings.settings.threads,
            epochs=settings.epochs,
            most_tokens=settings.train_tokens,
            thought_tokens=settings.thought_tokens,
            rates=len(settings.rates),
            no_evidence=settings.no_evidence,
            documents=self.frame.searches,
        )
        return forecast(self.methods, sizes, suites=settings.suites)

    @property
    def seconds(self) -> float:
        """The forecast for all arms."""
        return sum(self.forecast[arm.method].seconds for arm in self.arms)

    @property
    def passages(self) -> int:
        """Shown at most by the arms that search."""
        made = Registry().settings_class("stage", "answer")
        default = int(made.model_fields["passages"].default)
        return int(self.frame.answer.get("passages", default))

    @property
    def _weights(self) -> float:
        if self.model.startswith(HTTP):
            return 135e6
        file = base_gguf(self.model, self.space.resources.env)
        size = Path(self.model).expanduser()
        return weights_in(file) if file else _bytes(size) / 2

    @property
    def _shown(self) -> int:
        return len(self.train.of_split("train")) if self.train else 0

    @property
    def _uses_rows(self) -> bool:
        return any(method in WITH_ROWS for method in self.methods)

    def _means(self) -> Means:
        rows = self.train.of_split("train") if self.train else []
        if self.frame.searches and SEARCHING & set(self.settings.methods):
            self._check_indexed()
        return Means(
            searches=self.frame.searches,
            train=bool(rows),
            sourced=any(row.origin.document for row in rows),
            local=not self.model.startswith(HTTP),
            torch=find_spec("torch") is not None and find_spec("trl") is not None,
        )

    def _check_indexed(self) -> None:
        if next(iter(self.space.resources.index().states()), None) is None:
            raise MissingError(
                "nothing is indexed yet", where=str(self.space.root), hint="surefoot sync reads it"
            )

    def _checked(self, train: TuningRows | None) -> TuningRows | None:
        """The rows that may be learnt from and shown: none that gives away a question."""
        if train is None:
            return None
        if train.kind != "chat":
            raise DataError(
                "the rows are pairs of a query and a passage: they train an encoder",
                where="--train",
                hint="surefoot tune data --kind chat makes rows for a chat model",
            )
        report = check_rows(
            train.rows,
            count_tokens=guessed,
            max_tokens=_ENDLESS,
            against=self.evalset.cases,
            embed=embedding(self.space),
        )
        refuse_leaks(report.leaks)
        if report.left_out:
            reasons = sorted({one.reason for one in report.left_out})
            self.notes = (
                *self.notes,
                f"{len(report.left_out)} training rows are left out: {'; '.join(reasons)}",
            )
        kept = [row for row in report.rows if isinstance(row, ChatRow)]
        return TuningRows.of(kept)


def _bytes(folder: Path) -> float:
    return float(sum(file.stat().st_size for file in folder.glob("*.safetensors"))) or 270e6


def settings_of(asked: Requested, settings: CompareSettings) -> CompareSettings:
    """The settings of a comparison to go on with: its own effort, and the seeds that are wanted now besides."""
    effort = {key: value for key, value in asked.effort.items() if key in asdict(settings)}
    if effort.get("number_type") == AS_GIVEN:
        effort.pop("number_type")
    effort["rates"] = tuple(effort.get("rates", USUAL))
    if settings.tolerance is not None:
        effort["tolerance"] = settings.tolerance
    return replace(
        settings,
        **effort,
        methods=asked.methods,
        seeds=tuple(sorted({*asked.seeds, *settings.seeds})),
        model=asked.model,
        metric=asked.metric,
        continues=asked.id,
    )
