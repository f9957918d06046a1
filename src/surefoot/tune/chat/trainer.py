"""trl's SFTTrainer with a bound on memory: micro-batches by tokens, and logits only where something is learnt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from surefoot.tune.chat.batches import micro_batches
from surefoot.tune.chat.encoding import IGNORED
from surefoot.tune.chat.settings import ChatTunerSettings
from surefoot.tune.checkpoints import SealedCheckpoints


class LengthOrder:
    """Rows in random order with those of a batch alike in length; the same for a seed and an epoch.

    transformers draws such an order from the state of the run, which a resumed run no longer has.
    """

    def __init__(self, lengths: list[int], batch: int, seed: int, state: Any) -> None:
        self._lengths, self._batch, self._seed, self._state = lengths, batch, seed, state

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        import torch
        from transformers.trainer_pt_utils import get_length_grouped_indices

        epoch = int(self._state().epoch or 0)
        generator = torch.Generator().manual_seed(self._seed + epoch)
        return iter(get_length_grouped_indices(self._lengths, self._batch, generator=generator))


class BoundedSteps:
    """Mixed into a Trainer: one update a batch, whose rows go through memory in parts. Needs `chat` set."""

    chat: ChatTunerSettings
    tokens_trained = 0
    args: Any
    state: Any
    accelerator: Any
    train_dataset: Any

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        rows = self.train_dataset if train_dataset is None else train_dataset
        lengths = [len(ids) for ids in rows["input_ids"]]
        batch = self.args.train_batch_size * self.args.world_size
        return LengthOrder(lengths, batch, self.args.seed, lambda: self.state)

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
        """One update from all rows of the batch; gradients of the parts add up, synchronised once."""
        self.tokens_trained += int(inputs["attention_mask"].sum())
        total: Any = 0
        parts = self._parts(inputs)
        for place, part in enumerate(parts, start=1):
            last = place == len(parts)
            with nullcontext() if last else self.accelerator.no_sync(model):
                total = total + super().training_step(model, part, num_items_in_batch)  # type: ignore[misc]
        return total

    def prediction_step(
        self, model: Any, inputs: Any, prediction_loss_only: bool, ignore_keys: Any = None
    ) -> Any:
        """The loss on rows that are not learnt from."""
        import torch

        del prediction_loss_only, ignore_keys
        trainer: Any = self
        with torch.no_grad(), trainer.compute_loss_context_manager():
            parts = self._parts(trainer._prepare_inputs(inputs))
            found = [_summed_loss(model, part) for part in parts]
        return sum(loss for loss, _ in found) / sum(count for _, count in found), None, None

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The loss of the learnt tokens, summed and divided by how many the batch has in all processes."""
        del return_outputs
        loss, count = _summed_loss(model, inputs)
        if num_items_in_batch is None:
            return loss / count
        return loss / num_items_in_batch * self.accelerator.num_processes  # DDP averages

    def _parts(self, inputs: Any) -> list[dict[str, Any]]:
        return micro_batches(inputs, self.chat.micro_tokens, packing=self.chat.packing)


def trainer_class() -> Any:
    """trl's trainer with bounded steps and sealed checkpoints; trl is imported now."""
    from trl import SFTTrainer

    return type("BoundedTrainer", (BoundedSteps, SealedCheckpoints, SFTTrainer), {})


def _summed_loss(model: Any, inputs: Any) -> tuple[Any, Any]:
    """The loss over the learnt tokens and how many they are; logits are made nowhere else."""
    import torch

    labels = inputs["labels"]
    rows, places = (labels[:, 1:] != IGNORED).nonzero(as_tuple=True)
    targets = labels[rows, places + 1]
    rest = {name: value for name, value in inputs.items() if name != "labels"}
    with _read_only_at(model, rows, places + _virtual_tokens(model)):
        logits = model(**rest, use_cache=False).logits
    loss = torch.nn.functional.cross_entropy(logits.float(), targets, reduction="sum")
    return loss, targets.numel()


@contextmanager
def _read_only_at(model: Any, rows: Any, places: Any) -> Iterator[None]:
    """Lets the last layer see these places of the text alone (n x width): one over all words is dear."""
    head = getattr(model, "module", model).get_output_embeddings()
    hook = head.register_forward_pre_hook(lambda _, given: (given[0][rows, places],))
    try:
        yield
    finally:
        hook.remove()


def _virtual_tokens(model: Any) -> int:
    """How many learnt positions a prompt-tuned model puts before the text."""
    model = getattr(model, "module", model)
    config = getattr(model, "active_peft_config", None)
    return int(config.num_virtual_tokens) if config is not None and config.is_prompt_learning else 0
