"""Writes a trained model in the form that answers and tries it on the rows that it learnt from."""

from __future__ import annotations

from pathlib import Path

from surefoot.core.errors import ConfigError
from surefoot.models.base import ModelEnv
from surefoot.run.adapters import find_adapter, rows_of
from surefoot.tune.artefact import Form, Parity, Trained, read_card
from surefoot.tune.export.gate import Gate, export_checked, gate_prompts


def usual_forms(card: Trained) -> list[Form]:
    """The forms in which it answers: an adapter beside its base where it has such a file, else whole weights."""
    beside = card.kind == "adapter" and card.method not in ("dora", "ia3")
    return ["gguf-adapter"] if beside else ["gguf"]


def export_usual(root: Path, name: str, env: ModelEnv) -> list[Parity]:
    """Exports a trained model so that it can be asked; what is not good is taken away again.

    Raises:
        MissingExtra: the trained model needs torch to answer.
        ConfigError: no engine reads what was trained, or there are no prompts to try it on.
        DataError: weights that have no place in the form.
    """
    folder = find_adapter(root, name)
    prompts = gate_prompts(rows_of(root, name))
    if not prompts:
        raise ConfigError(
            "there are no prompts to replay", where=name, hint="--rows FILE names rows with some"
        )
    return export_checked(folder, usual_forms(read_card(folder)), env, Gate(prompts))
