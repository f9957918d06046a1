"""Trains an adapter: LoRA and what is related to it, by peft. The base stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from surefoot.config.base import PartSettings
from surefoot.core.errors import ConfigError
from surefoot.models.base import ModelEnv
from surefoot.tune.artefact import Trained
from surefoot.tune.chat.forecast import Paced
from surefoot.tune.chat.settings import ChatTunerSettings
from surefoot.tune.chat.training import Plan, foresee_chat, train_chat
from surefoot.tune.rows import TuningRows
from surefoot.tune.spec import JobSpec, Tell

ALL_LINEAR = "all-linear"
Method = Literal["lora", "dora", "rslora", "ia3", "prompt"]
LEARNING_RATES: Mapping[Method, float] = {
    "lora": 8e-4,
    "dora": 8e-4,
    "rslora": 2e-4,
    "ia3": 5e-3,
    "prompt": 3e-2,
}
_NOT_IN_GGUF = ("lm_head", "embed_tokens")
_OF_LORA = ("lora", "dora", "rslora")


class LoraSettings(ChatTunerSettings):
    """An adapter. Rank, alpha, dropout and targets are those of lora, dora and rslora; ia3 takes targets only."""

    kind: Literal["lora"] = "lora"
    method: Method = "lora"
    rank: PositiveInt = 16
    alpha: PositiveFloat = 32
    dropout: NonNegativeFloat = Field(default=0.0, lt=1)
    targets: tuple[str, ...] = Field(
        default=(ALL_LINEAR,), min_length=1, description="names of layers, or all-linear"
    )
    virtual_tokens: PositiveInt = Field(default=20, description="learnt positions, of prompt only")
    gguf: bool = Field(
        default=True,
        description="keep it fit to be a GGUF adapter, which llama.cpp switches per request",
    )

    @model_validator(mode="after")
    def _packs(self) -> LoraSettings:
        if self.packing and self.method == "prompt":
            raise ValueError(
                "packing and method prompt do not go together: the learnt positions stand before one row only"
            )
        return self

    @model_validator(mode="after")
    def _fits_gguf(self) -> LoraSettings:
        wrong = [name for name in self.targets if name.rpartition(".")[2] in _NOT_IN_GGUF]
        if self.gguf and wrong:
            raise ValueError(
                f"{', '.join(wrong)} cannot be a target: llama.cpp refuses or silently skips adapters of the first "
                "and last layer, so the served model would not be the trained one; gguf = false allows it"
            )
        return self


class LoraTuner:
    """The tuner of kind `lora`."""

    Settings: ClassVar[type[PartSettings]] = LoraSettings
    rows: ClassVar[Literal["chat", "pair"]] = "chat"

    def train(
        self, spec: JobSpec, rows: TuningRows, out: Path, env: ModelEnv, tell: Tell
    ) -> Trained:
        """Leaves the adapter in `out/peft`, with the tokenizer and its chat template."""
        return train_chat(spec, rows, out, env, tell, plan=_plan(spec))

    def foresee(self, spec: JobSpec, rows: TuningRows, out: Path, env: ModelEnv) -> Paced:
        """What it will take, by counting and by trying one step."""
        return foresee_chat(spec, rows, out, env, plan=_plan(spec))


def _plan(spec: JobSpec) -> Plan:
    settings = spec.tuner
    if not isinstance(settings, LoraSettings):
        raise ConfigError(f"these are settings of {settings.kind}", where=spec.name)
    return Plan(
        kind="adapter",
        form="peft",
        method=settings.method,
        learning_rate=LEARNING_RATES[settings.method],
        adapter=lambda model: peft_config(settings, model),
    )


def peft_config(settings: LoraSettings, model: Any) -> Any:
    """peft's config of the method.

    Raises:
        ConfigError: the model has none of the targets.
    """
    import peft

    targets: Any = list(settings.targets)
    if targets == [ALL_LINEAR]:
        targets = ALL_LINEAR
    else:
        _check_targets(targets, model)
    if settings.method == "prompt":
        return peft.PromptTuningConfig(
            task_type="CAUSAL_LM", num_virtual_tokens=settings.virtual_tokens
        )
    if settings.method == "ia3":
        return peft.IA3Config(
            task_type="CAUSAL_LM",
            target_modules=targets,
            feedforward_modules=[],
        )
    return peft.LoraConfig(
        task_type="CAUSAL_LM",
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=targets,
        use_dora=settings.method == "dora",
        use_rslora=settings.method == "rslora",
    )


def _check_targets(targets: list[str], model: Any) -> None:
    names = [name for name, _ in model.named_modules()]
    for target in targets:
        if not any(name == target or name.endswith(f".{target}") for name in names):
            known = sorted({name.rpartition(".")[2] for name in names if "proj" in name})
            raise ConfigError(
                f"the model has no layer {target!r}",
                where="tuner.targets",
                hint=f"known: {', '.join(known)}" if known else f'try targets = ["{ALL_LINEAR}"]',
            )
