"""A solution that answers with a trained model: which stage takes it, and a view of a workspace that asks it so."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from surefoot.config.base import PartSettings
from surefoot.config.solution import Solution
from surefoot.core.errors import ConfigError, MissingError, MissingExtra, SurefootError
from surefoot.core.trace import Tracer
from surefoot.models.weights import same_model
from surefoot.run.adapters import explain_served, find_adapter, served_with
from surefoot.run.build import Resources
from surefoot.run.serving import Serving
from surefoot.run.workspace import Workspace
from surefoot.tune.artefact import Trained, read_card

if TYPE_CHECKING:
    from surefoot.models.base import ModelEnv
    from surefoot.store.feedback import FeedbackBook
    from surefoot.store.ledger import Ledger
    from surefoot.store.runs import Runs
    from surefoot.store.trials import Trials

JOIN: Final = "+"
"""Stands between a solution and a trained model in the name that both have together."""


def with_adapter(solution: Solution, name: str, model: str) -> dict[str, Any]:
    """What changes in a solution when a trained model answers in it, as settings by their path.

    It goes into the last stage that answers with a chat model; a stage that quotes gives its place to one that answers,
    with the same threshold. `model` is the one that it was trained on.

    Raises:
        ConfigError: no stage answers.
    """
    named = {"name": f"{solution.name}{JOIN}{name}"}
    for place, stage in reversed(list(enumerate(solution.stages))):
        if _takes(stage):
            path = f"stages.{place}"
            return {**named, f"{path}.model": model, f"{path}.adapter": name}
        if stage.kind == "quote":
            refuse = stage.model_dump(mode="json", include={"refuse"}, exclude_unset=True)
            answers = {"kind": "answer", "model": model, "adapter": name, **refuse}
            return {**named, f"stages.{place}": answers}
    raise ConfigError(
        "no stage of this solution answers, so a trained model has no place in it",
        where=solution.name,
        hint='add [[stages]] kind = "answer" to the solution',
    )


def adapted(space: Workspace, name: str) -> Workspace:
    """A view of the workspace in which a trained model answers; it shares what is open there, and closes nothing.

    Raises:
        MissingError: there is no such model, or it was not exported.
        ConfigError: no stage answers, or it was trained on other weights.
        DataError: its export was not found to answer as the trained model does.
    """
    card = check_adapter(space, name)
    own = next((stage for stage in reversed(space.solution.stages) if _takes(stage)), None)
    model = getattr(own, "model", "")
    keeps = model and same_model(model, card.base_digest, space.resources.env)
    return AdaptedSpace(space, with_adapter(space.solution, name, model if keeps else card.base))


def check_adapter(space: Workspace, name: str) -> Trained:
    """The card of a trained model that can be asked in this workspace; raises as `adapted`, and as follows.

    Raises:
        MissingExtra: the engine that it needs is not installed.
    """
    root, env = space.root, space.resources.env
    card = read_card(find_adapter(root, name))
    served_with(root, name, card.base, env)
    with_adapter(space.solution, name, card.base)
    _check_engine(space, name, env)
    return card


def why_not(space: Workspace, name: str) -> str:
    """Why a trained model cannot be asked in this workspace, and the remedy; empty where it can."""
    try:
        check_adapter(space, name)
    except SurefootError as problem:
        return problem.message + (f" | {problem.hint}" if problem.hint else "")
    return ""


class AdaptedSpace(Workspace):
    """A workspace whose solution is changed in its stages alone. It lives as long as the one that it is made of."""

    def __init__(self, whole: Workspace, changes: Mapping[str, Any]) -> None:
        overrides = {**whole.overrides, **changes}
        super().__init__(whole.root, whole.settings, str(whole.solution_file), overrides)
        self._whole = whole

    def varied(self, overrides: Mapping[str, Any]) -> Workspace:
        """Another view; where the stages alone are other, it shares what is open too."""
        if all(path.startswith("stages.") for path in overrides):
            return AdaptedSpace(self._whole, {**self.overrides, **overrides})
        return super().varied(overrides)

    @property
    def is_default(self) -> bool:
        """It is never the one that decides the live index."""
        return False

    @cached_property
    def serving(self) -> Serving:
        """The stages of this view over the index of the whole."""
        found = self._whole.serving
        changed = {"stages": self.solution.stages, "name": self.solution.name}
        return Serving(found.solution.model_copy(update=changed), found.note)

    @cached_property
    def resources(self) -> Resources:
        """Those of the whole, with other stages."""
        return self._whole.resources.under(self.serving.solution)

    @cached_property
    def ledger(self) -> Ledger:
        """That of the whole."""
        return self._whole.ledger

    @cached_property
    def trials(self) -> Trials:
        """Those of the whole."""
        return self._whole.trials

    @cached_property
    def runs(self) -> Runs:
        """Those of the whole."""
        return self._whole.runs

    @cached_property
    def feedback(self) -> FeedbackBook:
        """That of the whole."""
        return self._whole.feedback

    @cached_property
    def tracer(self) -> Tracer:
        """That of the whole."""
        return self._whole.tracer

    def _drop(self, *names: str) -> None:
        """Forgets them; the whole closes what it has opened."""
        for name in names:
            self.__dict__.pop(name, None)


def _takes(stage: PartSettings) -> bool:
    return "adapter" in type(stage).model_fields


def _check_engine(space: Workspace, name: str, env: ModelEnv) -> None:
    choice = explain_served(space.root, name, env)
    if choice.engine == "unknown" and env.offline:
        raise MissingError(f"its base is not here: {choice.why}", where=name)
    if choice.engine == "llama.cpp" and find_spec("xllamacpp") is None:
        raise MissingExtra("xllamacpp", extra="llama", why=choice.why)
