"""Trains all weights of a chat model."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from surefoot.config.base import PartSettings
from surefoot.models.base import ModelEnv
from surefoot.tune.artefact import Trained
from surefoot.tune.chat.settings import ChatTunerSettings
from surefoot.tune.chat.training import Plan, train_chat
from surefoot.tune.rows import TuningRows
from surefoot.tune.spec import JobSpec, Tell

LEARNING_RATE = 5e-5


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
        plan = Plan(kind="weights", form="safetensors", method="full", learning_rate=LEARNING_RATE)
        return train_chat(spec, rows, out, env, tell, plan=plan)
