"""Trains all weights of a chat model."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from surefoot.config.base import PartSettings
from surefoot.models.base import ModelEnv
from surefoot.tune.artefact import Trained
from surefoot.tune.chat.forecast import Paced
from surefoot.tune.chat.settings import ChatTunerSettings
from surefoot.tune.chat.training import Plan, foresee_chat, train_chat
from surefoot.tune.rows import TuningRows
from surefoot.tune.spec import JobSpec, Tell

LEARNING_RATE = 5e-5
PLAN = Plan(kind="weights", form="safetensors", method="full", learning_rate=LEARNING_RATE)


class FullSettings(ChatTunerSettings):
    """All weights: more memory than an adapter, and a copy of the model for each training."""

    kind: Literal["full"] = "full"


class FullTuner:
    """The tuner of kind `full`."""

    Settings: ClassVar[type[PartSettings]] = FullSettings
    rows: ClassVar[Literal["chat", "pair"]] = "chat"

    def train(
        self, spec: JobSpec, rows: TuningRows, out: Path, env: ModelEnv, tell: Tell
    ) -> Trained:
        """Leaves the model in `out/weights`, a folder that any engine of safetensors loads."""
        return train_chat(spec, rows, out, env, tell, plan=PLAN)

    def foresee(self, spec: JobSpec, rows: TuningRows, out: Path, env: ModelEnv) -> Paced:
        """What it will take, by counting and by trying one step."""
        return foresee_chat(spec, rows, out, env, plan=PLAN)
