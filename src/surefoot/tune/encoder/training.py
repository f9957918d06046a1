"""Runs a trainer of sentence-transformers: arguments, progress, the best weights so far, resuming after a kill."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from surefoot.tune import checkpoints
from surefoot.tune.artefact import Expense
from surefoot.tune.checkpoints import SealedCheckpoints
from surefoot.tune.encoder.pairs import Columns
from surefoot.tune.encoder.settings import EncoderTraining
from surefoot.tune.events import Event
from surefoot.tune.memory import peak_mib
from surefoot.tune.progress import Progress, progress_callback
from surefoot.tune.spec import JobSpec, Tell
from surefoot.tune.spending import Spending
from surefoot.tune.torch_family import has_fast_bf16

TRAINED = "trained.safetensors"
SCORE = "dev_ndcg@10"
METRIC = f"eval_{SCORE}"
Score = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Course:
    """One training run: what it is told, where it writes, whom it tells. `began` is wall time."""

    spec: JobSpec
    settings: EncoderTraining
    out: Path
    tell: Tell
    clock: Callable[[], float] = perf_counter
    began: float = field(default_factory=perf_counter)

    def say(self, message: str) -> None:
        """Tells a message."""
        self.tell(Event(message=message, seconds=self.clock() - self.began))

    def draw(self) -> None:
        """Seeds all that is drawn: layers that the base lacks are the same in every run of a seed."""
        from transformers import set_seed

        set_seed(self.spec.seed)

    @property
    def device(self) -> str:
        """Where torch works: cpu or cuda."""
        import torch

        wanted = self.spec.device
        return wanted if wanted != "auto" else "cuda" if torch.cuda.is_available() else "cpu"


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a trainer is given: columns by name, the loss of each, prompts of columns, and tokens in an epoch."""

    columns: Mapping[str, Columns]
    loss: Mapping[str, Any]
    prompts: Mapping[str, str] = field(default_factory=dict)
    sampler: str = "batch_sampler"
    tokens: int = 0


def prepare_network(network: Any, settings: EncoderTraining) -> Any:
    """The network with what may change marked: all but the vocabulary's vectors, or a LoRA adapter around it."""
    if settings.method == "lora":
        from peft import LoraConfig, get_peft_model

        heads = [name for name in ("classifier",) if hasattr(network, name)]
        config = LoraConfig(
            r=settings.rank,
            lora_alpha=settings.alpha,
            target_modules=r".*encoder\.layer\..*(query|key|value|dense)",
            modules_to_save=heads or None,
        )
        return get_peft_model(network, config)
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(settings.words or "word_embeddings" not in name)
    return network


def plain_network(network: Any) -> Any:
    """The network with its adapter merged into it, where it has one."""
    return network.merge_and_unload() if hasattr(network, "merge_and_unload") else network


def fit(model: Any, lessons: Lessons, look: Score | None, course: Course) -> None:
    """Trains the model in place and leaves it with the best weights; goes on from the newest whole checkpoint."""
    from datasets import Dataset, DatasetDict
    from sentence_transformers import (
        CrossEncoder,
        CrossEncoderTrainer,
        SentenceTransformerTrainer,
    )

    pairs = isinstance(model, CrossEncoder)
    data = {name: Dataset.from_dict(dict(columns)) for name, columns in lessons.columns.items()}
    steps = sum(ceil(len(rows) / course.settings.batch) for rows in data.values())
    trainer = light(CrossEncoderTrainer if pairs else SentenceTransformerTrainer)(
        model=model,
        args=_arguments(lessons, steps, course, pairs=pairs, looks=look is not None),
        train_dataset=DatasetDict(data),
        loss=dict(lessons.loss),
        evaluator=None if look is None else _evaluator(look),
    )
    for listener in _listeners(course, trainer, lessons.tokens, looks=look is not None):
        trainer.add_callback(listener)
    root = course.out / checkpoints.FOLDER
    resume = checkpoints.newest_complete(root)
    if resume is not None:
        course.say(f"goes on from {resume.name}")
    trainer.train(resume_from_checkpoint=None if resume is None else str(resume))
    shutil.rmtree(root, ignore_errors=True)


def keep_account(course: Course, steps: int, trainable: int) -> None:
    """Writes down what a training took that runs without a trainer."""
    Spending(course.out).keep(
        Expense(
            wall_s=course.clock() - course.began,
            cpu_s=process_time(),
            peak_mib=peak_mib(),
            steps=steps,
            trainable=trainable,
        )
    )


def light(trainer: type[Any]) -> type[Any]:
    """The trainer with sealed checkpoints that hold only the numbers that training may change."""
    from safetensors.torch import load_file, save_file

    def save(self: Any, output_dir: str | None = None, state_dict: object = None) -> None:
        del state_dict
        folder = Path(output_dir or self.args.output_dir)
        folder.mkdir(parents=True, exist_ok=True)
        save_file({n: p.detach().contiguous() for n, p in _changing(self.model)}, folder / TRAINED)

    def load(self: Any, checkpoint_path: str, model: object = None) -> None:
        del model
        held = load_file(Path(checkpoint_path) / TRAINED)
        for name, parameter in _changing(self.model):
            parameter.data.copy_(held[name])

    def load_best(self: Any) -> None:
        self.find_best()
        if self.state.best_model_checkpoint:
            load(self, self.state.best_model_checkpoint)

    bases = (SealedCheckpoints, trainer)
    own = {"_save": save, "_load_from_checkpoint": load, "_load_best_model": load_best}
    return type(trainer.__name__, bases, own)


def _changing(model: Any) -> list[tuple[str, Any]]:
    return [(name, p) for name, p in model.named_parameters() if p.requires_grad]


def _arguments(lessons: Lessons, steps: int, course: Course, *, pairs: bool, looks: bool) -> Any:
    from sentence_transformers import (
        CrossEncoderTrainingArguments,
        SentenceTransformerTrainingArguments,
    )

    settings, spec = course.settings, course.spec
    made = CrossEncoderTrainingArguments if pairs else SentenceTransformerTrainingArguments
    return made(
        output_dir=str(course.out / checkpoints.FOLDER),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch,
        learning_rate=settings.learning_rate,
        warmup_steps=round(settings.warmup * steps * settings.epochs),
        weight_decay=settings.weight_decay,
        seed=spec.seed,
        data_seed=spec.seed,
        use_cpu=course.device == "cpu",
        bf16=_is_bf16(settings, course.device),
        prompts=dict(lessons.prompts) or None,
        batch_sampler=lessons.sampler,
        eval_strategy="steps" if looks else "no",
        eval_steps=max(1, steps // settings.looks),
        save_strategy="steps",
        save_steps=max(1, steps // settings.looks),
        load_best_model_at_end=looks,
        metric_for_best_model=METRIC if looks else None,
        greater_is_better=True if looks else None,
        logging_steps=max(1, steps // 10),
        dataloader_pin_memory=course.device == "cuda",
        report_to=[],
        disable_tqdm=True,
    )


def _is_bf16(settings: EncoderTraining, device: str) -> bool:
    if settings.precision != "auto":
        return settings.precision == "bf16"
    return device == "cuda" or has_fast_bf16()


def _evaluator(look: Score) -> Any:
    from sentence_transformers.sentence_transformer.evaluation import BaseEvaluator

    class DevScore(BaseEvaluator):  # type: ignore[misc]
        """The mean nDCG@10 of the dev rows under its name; nothing is written."""

        def __call__(self, model: object, *_: object, **__: object) -> dict[str, float]:
            del model
            return {SCORE: look()}

    evaluator = DevScore()
    evaluator.primary_metric = SCORE
    return evaluator


def _listeners(course: Course, trainer: Any, tokens: int, *, looks: bool) -> list[Any]:
    from transformers import EarlyStoppingCallback, TrainerCallback

    class Watching(TrainerCallback):  # type: ignore[misc]
        """Tells the dev score; ends training at the time limit."""

        def on_evaluate(self, args: Any, state: Any, control: Any, **said: Any) -> None:
            del args, control
            score = (said.get("metrics") or {}).get(METRIC)
            if score is not None:
                course.say(f"step {state.global_step}: dev nDCG@10 {score:.3f}")

        def on_step_end(self, args: Any, state: Any, control: Any, **said: Any) -> None:
            del args, state, said
            limit = course.settings.minutes
            if limit is not None and course.clock() - course.began > 60 * limit:
                control.should_evaluate = looks
                control.should_save = control.should_training_stop = True

    def trained() -> int:
        return round(tokens * (trainer.state.epoch or 0.0))

    patience = course.settings.patience
    stopping = [EarlyStoppingCallback(early_stopping_patience=patience)] if looks else []
    return [
        progress_callback(Progress(course.out, course.tell, trained, began=course.began)),
        Watching(),
        *stopping,
    ]
