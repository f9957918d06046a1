"""What training leaves: a folder with weights and a card that says what they are, from what, and whether they hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from surefoot.config.base import Settings
from surefoot.core.digest import sha256_file
from surefoot.core.errors import DataError, MissingError

CARD = "artefact.json"
Kind = Literal["adapter", "weights", "encoder", "reranker"]
Form = Literal["peft", "safetensors", "gguf-adapter", "gguf"]
FOLDERS: Mapping[Form, str] = {
    "peft": "peft",
    "safetensors": "weights",
    "gguf-adapter": "adapter.gguf",
    "gguf": "model.gguf",
}
"""Where each form of the weights lies in the artefact's folder."""


class Expense(Settings):
    """What the training took: all processes, all resumed parts."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mib: float = Field(default=0.0, description="memory of the largest process")
    device_peak_mib: float = 0.0
    train_tokens: int = 0
    steps: int = 0
    trainable: int = Field(default=0, description="numbers that training may change")


class Parity(Settings):
    """How an exported form answered beside the trained model, on the same prompts, greedily.

    `agreement` is the mean share of equal tokens up to the first difference, 0 to 1; `same` the share of prompts
    with an equal reply. `good` says that `agreement` is at least `tolerance`.
    """

    form: Form
    engine: str
    prompts: int
    agreement: float
    same: float
    tolerance: float
    good: bool
    score_trained: float | None = Field(
        default=None, description="metric of the trained model on the questions"
    )
    score_exported: float | None = None


class Trained(Settings):
    """The card of an artefact. `files` are relative paths with their sha256."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    name: str
    kind: Kind
    method: str = Field(description="lora, dora, ia3, prompt, full, embedder, reranker, merged")
    base: str
    base_digest: str
    rows: str = ""
    rows_digest: str = ""
    rows_used: int = 0
    rows_left_out: tuple[str, ...] = Field(default=(), description="ids of rows that were too long")
    seed: int = 0
    settings: Mapping[str, Any] = {}
    template_digest: str = Field(default="", description="of the chat template it was trained with")
    langs: tuple[str, ...] = ()
    dev_loss: float | None = None
    dev_loss_untrained: float | None = Field(
        default=None, description="of the base on the same rows, before the first step"
    )
    measured: Mapping[str, float] = Field(
        default={}, description="what training measured, such as scores before and after"
    )
    expense: Expense = Expense()
    versions: Mapping[str, str] = {}
    files: Mapping[str, str] = {}
    parity: tuple[Parity, ...] = ()
    merged_from: Mapping[str, float] = {}

    @property
    def no_gain(self) -> str:
        """That training made the dev rows no likelier, and the remedy; empty where it did, or none were looked at."""
        before, after = self.dev_loss_untrained, self.dev_loss
        if before is None or after is None or after < before:
            return ""
        return (
            f"{self.name}: training made the dev rows no likelier, "
            f"their loss is {after:.3f} and was {before:.3f} before"
            " | try a lower learning_rate, or more rows"
        )


def write_card(folder: Path, card: Trained) -> Trained:
    """Writes the card with the hashes of all files that are there now; gives it back with them."""
    files = {
        path.relative_to(folder).as_posix(): sha256_file(path)
        for form in FOLDERS.values()
        for path in sorted(
            (folder / form).rglob("*") if (folder / form).is_dir() else [folder / form]
        )
        if path.is_file()
    }
    card = card.model_copy(update={"files": files})
    kept = folder / f".{CARD}"
    kept.write_text(card.model_dump_json(indent=1, by_alias=True), encoding="utf-8")
    kept.replace(folder / CARD)
    return card


def read_card(folder: Path) -> Trained:
    """Reads the card.

    Raises:
        MissingError: the folder holds no artefact.
        DataError: its card cannot be read.
    """
    try:
        return Trained.model_validate_json((folder / CARD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingError(
            "there is no trained model",
            where=str(folder),
            hint="surefoot adapters list shows what there is",
        ) from None
    except ValidationError as problem:
        raise DataError(f"{CARD} cannot be read: {problem}", where=str(folder)) from None


def check_files(folder: Path) -> Trained:
    """The card, if every file is what it was when the card was written.

    Raises:
        DataError: a file is gone or other than it was.
    """
    card = read_card(folder)
    for name, digest in card.files.items():
        path = folder / name
        if not path.is_file() or sha256_file(path) != digest:
            raise DataError(
                f"{name} is {'not the file that was trained' if path.is_file() else 'gone'}",
                where=str(folder),
                hint="train or export it anew",
            )
    return card
