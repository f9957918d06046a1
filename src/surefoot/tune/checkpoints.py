"""Checkpoints that are whole or not there: written aside, hashed, renamed. Knows no model."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from surefoot.core.digest import sha256_file

FOLDER = "checkpoints"
MANIFEST = "surefoot.json"
ASIDE = ".part"
_NAME = re.compile(r"checkpoint-(\d+)")


def seal(written: Path, root: Path) -> Path:
    """Gives a checkpoint that was written aside its manifest and its place in `root`; readers see it whole."""
    files = sorted(path for path in written.rglob("*") if path.is_file())
    digests = {path.relative_to(written).as_posix(): sha256_file(path) for path in files}
    manifest = written / MANIFEST
    manifest.write_text(json.dumps({"files": digests}, indent=1), encoding="utf-8")
    for path in (*files, manifest):
        _to_disk(path)
    place = root / written.name
    if place.exists():
        shutil.rmtree(place)
    written.rename(place)
    _to_disk(root)
    return place


def is_complete(folder: Path) -> bool:
    """Whether each file is there and is what it was when the checkpoint was sealed."""
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return False
    return all(
        (folder / name).is_file() and sha256_file(folder / name) == digest
        for name, digest in files.items()
    )


def newest_complete(root: Path) -> Path | None:
    """The checkpoint of the highest step that is whole."""
    return next((folder for folder in reversed(_all(root)) if is_complete(folder)), None)


def checkpoint_of(root: Path, step: int) -> Path:
    """Where the checkpoint of a step lies."""
    return root / f"checkpoint-{step}"


def clear(root: Path, keep: set[Path]) -> None:
    """Removes all checkpoints but these, and what was left half written."""
    for folder in _all(root):
        if folder not in keep:
            shutil.rmtree(folder)
    shutil.rmtree(root / ASIDE, ignore_errors=True)


def _all(root: Path) -> list[Path]:
    found = [path for path in root.glob("checkpoint-*") if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: int(path.name.rpartition("-")[2]))


def _to_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


class SealedCheckpoints:
    """Mixed into a Trainer of transformers: its checkpoints are sealed; the newest and the best are kept.

    `args.output_dir` is the folder of the checkpoints. Put it before the Trainer in the list of bases.
    """

    args: Any
    state: Any
    accelerator: Any

    def _get_output_dir(self, trial: Any) -> str:
        del trial
        return str(self._root / ASIDE)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)  # type: ignore[misc]
        self.accelerator.wait_for_everyone()
        place = checkpoint_of(self._root, self.state.global_step)
        best = self.state.best_global_step
        if self.args.should_save:
            seal(self._root / ASIDE / place.name, self._root)
            clear(self._root, {place, *([checkpoint_of(self._root, best)] if best else [])})
        self.accelerator.wait_for_everyone()
        self.find_best()

    def find_best(self) -> None:
        """Says where the best checkpoint lies now; what is written in a checkpoint may name another place."""
        if self.state.best_global_step:
            place = checkpoint_of(self._root, self.state.best_global_step)
            self.state.best_model_checkpoint = str(place) if place.is_dir() else None

    def create_model_card(self, *_: object, **__: object) -> None:
        """Nothing: the artefact has a card of its own."""

    @property
    def _root(self) -> Path:
        return Path(self.args.output_dir)
