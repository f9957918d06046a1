"""The course of one training, the same for adapters and whole weights: rows, model, trainer, artefact."""

from __future__ import annotations

import json
import math
import os
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surefoot.core.digest import sha256_bytes
from surefoot.core.errors import ConfigError, DataError
from surefoot.models.base import ModelEnv
from surefoot.models.weights import model_digest
from surefoot.tune import checkpoints
from surefoot.tune.artefact import FOLDERS, Form, Kind, Trained, write_card
from surefoot.tune.chat.base_model import load_base, load_tokenizer
from surefoot.tune.chat.encoding import EncodedRow, EncodedRows, encode_rows, show_row
from surefoot.tune.chat.forecast import Paced, check_memory, forecast, try_step
from surefoot.tune.chat.settings import ChatTunerSettings
from surefoot.tune.chat.trainer import trainer_class
from surefoot.tune.events import Event
from surefoot.tune.progress import Progress, progress_callback
from surefoot.tune.quiet import quiet
from surefoot.tune.rows import ChatRow, TuningRows
from surefoot.tune.spec import JobSpec, Tell
from surefoot.tune.spending import spent
from surefoot.tune.torch_family import has_fast_bf16, require_torch, versions

FIRST_ROW = "first_row.json"
_SHORT_TOKENS = 200
_LOOKED_AT = 8  # dev rows at once


@dataclass(frozen=True, slots=True)
class Plan:
    """What sets one tuner apart: the learning rate, the change to the model, and what is kept of it.

    `adapter` makes peft's config from the model; None trains all weights.
    """

    kind: Kind
    form: Form
    method: str
    learning_rate: float
    adapter: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows as tokens, those to learn from and those to stop by."""

    train: EncodedRows
    dev: EncodedRows
    tokenizer: Any


def train_chat(
    spec: JobSpec, rows: TuningRows, out: Path, env: ModelEnv, tell: Tell, *, plan: Plan
) -> Trained:
    """Trains and leaves the artefact in `out`; goes on from the newest complete checkpoint."""
    began = time.perf_counter()
    require_torch("tuning")
    prepared = _prepare(spec, rows, env, tell)
    _show_first(prepared, out, tell)
    trainer = _trainer(spec, prepared, out, env, plan=plan)
    rank = trainer.args.process_index
    progress = Progress(out, tell, lambda: trainer.tokens_trained, began=began, rank=rank)
    trainer.add_callback(progress_callback(progress))
    _check_world(spec, trainer)
    ahead = _ahead(spec, trainer, prepared)
    tell(Event(message=ahead.summary(), steps=ahead.steps))
    resume = checkpoints.newest_complete(out / checkpoints.FOLDER)
    if resume is not None:
        tell(Event(message=f"goes on from {resume.name}"))
    trainer.args.eval_on_start = trainer.eval_dataset is not None and resume is None
    with _as_computed(trainer):
        trainer.train(resume_from_checkpoint=None if resume is None else str(resume))
    trainer.accelerator.wait_for_everyone()
    card = _card(spec, rows, prepared, env, plan=plan)
    card = card.model_copy(update={**_losses(trainer.state), "expense": spent(out)})
    if card.no_gain:
        tell(Event(message=card.no_gain))
    if rank == 0:
        _keep(trainer, prepared.tokenizer, out, plan.form)
        card = write_card(out, card)
        shutil.rmtree(out / checkpoints.FOLDER, ignore_errors=True)
    return card


def _losses(state: Any) -> dict[str, float | None]:
    """Of the dev rows: the base's own, which checkpoints carry along, and the best while training."""
    looks = (entry for entry in state.log_history if "eval_loss" in entry)
    untrained = next((look["eval_loss"] for look in looks if look["step"] == 0), None)
    return {"dev_loss_untrained": untrained, "dev_loss": state.best_metric}


def foresee_chat(spec: JobSpec, rows: TuningRows, out: Path, env: ModelEnv, *, plan: Plan) -> Paced:
    """What `train_chat` would take: rows and model are readied, one step is tried, nothing is learnt."""
    require_torch("tuning")
    with quiet():
        prepared = _prepare(spec, rows, env, lambda _: None)
        return _ahead(spec, _trainer(spec, prepared, out, env, plan=plan), prepared)


def _ahead(spec: JobSpec, trainer: Any, prepared: Prepared) -> Paced:
    lengths = [len(row.ids) for row in prepared.train.rows]
    ahead = forecast(trainer, lengths, _settings(spec), spec.processes)
    check_memory(ahead, spec.name)
    return Paced.of(ahead, try_step(trainer))


def _settings(spec: JobSpec) -> ChatTunerSettings:
    settings = spec.tuner
    if not isinstance(settings, ChatTunerSettings):
        raise ConfigError(f"{settings.kind} is no tuner of chat models", where=spec.name)
    if settings.batch is not None and settings.batch % spec.processes:
        raise ConfigError(
            f"a batch of {settings.batch} cannot be divided among {spec.processes} processes",
            where="tuner.batch",
            hint=f"try batch = {math.ceil(settings.batch / spec.processes) * spec.processes}",
        )
    return settings


def _prepare(spec: JobSpec, rows: TuningRows, env: ModelEnv, tell: Tell) -> Prepared:
    settings, tokenizer = _settings(spec), load_tokenizer(spec.base, env)

    def encoded(split: Any) -> EncodedRows:
        chat = [row for row in rows.of_split(split) if isinstance(row, ChatRow)]
        if not chat:
            return EncodedRows((), ())
        return encode_rows(
            chat, tokenizer, max_tokens=settings.max_tokens, long_share=settings.long_share
        )

    train, dev = encoded("train"), encoded("dev")
    if not train.rows:
        raise DataError("there is no row of the split train", where=spec.rows)
    left = (*train.too_long, *dev.too_long)
    if left:
        tell(
            Event(
                state="validating",
                message=f"{len(left)} rows above {settings.max_tokens} tokens are left out: {', '.join(left)}",
            )
        )
    return Prepared(train, dev, tokenizer)


def _show_first(prepared: Prepared, out: Path, tell: Tell) -> None:
    """What the model will see of the first row, and which of it is learnt, before anything is trained."""
    row = prepared.train.rows[0]
    pieces = show_row(row, prepared.tokenizer)
    text = json.dumps({"id": row.id, "tokens": pieces}, ensure_ascii=False)
    (out / FIRST_ROW).write_text(text, encoding="utf-8")
    tell(
        Event(
            state="validating",
            message=f"{len(prepared.train.rows)} rows to learn from, {len(prepared.dev.rows)} to stop by; "
            f"of the first, {row.id}, {row.start} tokens are read and {len(row.ids) - row.start} learnt",
        )
    )


def _trainer(spec: JobSpec, prepared: Prepared, out: Path, env: ModelEnv, *, plan: Plan) -> Any:
    import torch
    from transformers import EarlyStoppingCallback

    settings = _settings(spec)
    cuda = torch.cuda.is_available() if spec.device == "auto" else spec.device == "cuda"
    if cuda and not torch.cuda.is_available():
        raise ConfigError("there is no CUDA device", where="device", hint='try device = "cpu"')
    bf16 = _bf16(settings, cuda=cuda)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", spec.threads_each)))
    # Frozen weights need no more than bfloat16; weights that are trained keep their small changes in float32.
    frozen = plan.adapter is not None
    model, tokenizer = load_base(spec.base, env, dtype="bfloat16" if bf16 and frozen else "float32")
    model.set_attn_implementation(_attention(prepared.train.rows, cuda=cuda))
    trainer = trainer_class()(
        model=model,
        processing_class=tokenizer,
        train_dataset=_dataset(prepared.train.rows),
        eval_dataset=_dataset(prepared.dev.rows) if prepared.dev.rows else None,
        args=_arguments(spec, prepared, out, plan.learning_rate, cuda=cuda, bf16=bf16),
        peft_config=plan.adapter(model) if plan.adapter else None,
    )
    trainer.chat = settings
    if prepared.dev.rows and settings.patience:
        trainer.add_callback(EarlyStoppingCallback(settings.patience))
    return trainer


def _as_computed(trainer: Any) -> AbstractContextManager[Any]:
    """Leaves inputs of adapters in the type that is computed in; peft makes them float32, which is undone at once.

    peft's own switch fails on a model with one layer that makes no such change, as those of ia3.
    """
    from peft import PeftModel
    from peft.helpers import disable_input_dtype_casting
    from peft.tuners.tuners_utils import BaseTunerLayer

    model = trainer.model
    layers = [part for part in model.modules() if isinstance(part, BaseTunerLayer)]
    switched = all(hasattr(layer, "cast_input_dtype_enabled") for layer in layers)
    if not (trainer.args.bf16 and isinstance(model, PeftModel) and switched):
        return nullcontext()
    left: AbstractContextManager[Any] = disable_input_dtype_casting(model)
    return left


def _attention(rows: tuple[EncodedRow, ...], *, cuda: bool) -> str:
    """On a processor torch's fused attention learns short rows at half the speed of the plain one, long ones faster."""
    lengths = sorted(len(row.ids) for row in rows)
    return "eager" if not cuda and lengths[len(lengths) // 2] <= _SHORT_TOKENS else "sdpa"


def _bf16(settings: ChatTunerSettings, *, cuda: bool) -> bool:
    import torch

    if settings.precision != "auto":
        return settings.precision == "bfloat16"
    return bool(torch.cuda.is_bf16_supported()) if cuda else has_fast_bf16()


def _dataset(rows: tuple[EncodedRow, ...]) -> Any:
    from datasets import Dataset

    return Dataset.from_list([{"input_ids": list(row.ids), "labels": row.labels} for row in rows])


def _arguments(
    spec: JobSpec, prepared: Prepared, out: Path, rate: float, *, cuda: bool, bf16: bool
) -> Any:
    from trl import SFTConfig

    settings = _settings(spec)
    batch = settings.step_rows(len(prepared.train.rows), spec.processes)
    per_epoch = math.ceil(len(prepared.train.rows) / batch)
    steps = math.ceil(per_epoch * settings.epochs)
    look = max(1, per_epoch // settings.evals_per_epoch)
    dev = bool(prepared.dev.rows)
    return SFTConfig(
        output_dir=str(out / checkpoints.FOLDER),
        num_train_epochs=settings.epochs,
        learning_rate=settings.learning_rate or rate,
        warmup_steps=math.ceil(settings.warmup_share * steps),
        per_device_train_batch_size=batch // spec.processes,
        per_device_eval_batch_size=_LOOKED_AT,
        gradient_accumulation_steps=1,
        activation_checkpointing=False,
        max_length=None,
        packing=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        use_cpu=not cuda,
        bf16=bf16,
        ddp_backend="gloo" if spec.processes > 1 and not cuda else None,
        seed=spec.seed,
        logging_steps=max(1, steps // 100),
        eval_strategy="steps" if dev else "no",
        eval_steps=look,
        save_steps=look,
        save_strategy="steps",
        save_total_limit=None,
        load_best_model_at_end=dev,
        metric_for_best_model="eval_loss" if dev else None,
        greater_is_better=False if dev else None,
        dataloader_pin_memory=cuda,
        report_to=[],
        disable_tqdm=True,
    )


def _check_world(spec: JobSpec, trainer: Any) -> None:
    if trainer.accelerator.num_processes != spec.processes:
        raise ConfigError(
            f"{trainer.accelerator.num_processes} processes train together, the job asks for {spec.processes}",
            where=spec.name,
        )


def _keep(trainer: Any, tokenizer: Any, out: Path, form: Form) -> None:
    """Weights and tokenizer with its chat template, put in place whole."""
    place = out / FOLDERS[form]
    aside = place.with_name(f".{place.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    trainer.accelerator.unwrap_model(trainer.model).save_pretrained(aside, safe_serialization=True)
    tokenizer.save_pretrained(aside)
    (aside / "README.md").unlink(missing_ok=True)  # peft's, with all its places left blank
    shutil.rmtree(place, ignore_errors=True)
    aside.rename(place)


def _card(
    spec: JobSpec, rows: TuningRows, prepared: Prepared, env: ModelEnv, *, plan: Plan
) -> Trained:
    settings = _settings(spec)
    return Trained(
        name=spec.name,
        kind=plan.kind,
        method=plan.method,
        base=spec.base,
        base_digest=model_digest(spec.base, env),
        rows=spec.rows,
        rows_digest=rows.digest,
        rows_used=len(prepared.train.rows) + len(prepared.dev.rows),
        rows_left_out=(*prepared.train.too_long, *prepared.dev.too_long),
        seed=spec.seed,
        settings={
            **settings.model_dump(mode="json"),
            "batch": settings.step_rows(len(prepared.train.rows), spec.processes),
            "learning_rate": settings.learning_rate or plan.learning_rate,
        },
        template_digest=sha256_bytes(prepared.tokenizer.chat_template.encode()),
        langs=tuple(sorted({row.lang for row in rows.rows})),
        versions=versions(),
    )
