"""What a training takes, over all its processes and resumed parts: each process keeps a file of its own."""

from __future__ import annotations

from pathlib import Path

from surefoot.tune.artefact import Expense

FOLDER = "spent"


class Spending:
    """The file of one process; `rank` 0 keeps the wall time."""

    def __init__(self, out: Path, rank: int = 0) -> None:
        folder = out / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        parts = len(list(folder.glob(f"*-{rank}.json")))
        self._file = folder / f"{parts:03}-{rank}.json"

    def keep(self, expense: Expense) -> None:
        """Writes down what this process has taken so far; what it wrote before is replaced."""
        aside = self._file.with_suffix(".part")
        aside.write_text(expense.model_dump_json(), encoding="utf-8")
        aside.replace(self._file)


def spent(out: Path) -> Expense:
    """Everything together: times, tokens and steps are summed (wall and steps of rank 0), memory is the highest."""
    parts = {
        path: Expense.model_validate_json(path.read_text(encoding="utf-8"))
        for path in sorted((out / FOLDER).glob("*.json"))
    }
    first = [part for path, part in parts.items() if path.stem.endswith("-0")]
    every = list(parts.values())
    return Expense(
        wall_s=sum(part.wall_s for part in first),
        cpu_s=sum(part.cpu_s for part in every),
        peak_mib=max((part.peak_mib for part in every), default=0.0),
        device_peak_mib=max((part.device_peak_mib for part in every), default=0.0),
        train_tokens=sum(part.train_tokens for part in every),
        steps=sum(part.steps for part in first),
        trainable=max((part.trainable for part in every), default=0),
    )
