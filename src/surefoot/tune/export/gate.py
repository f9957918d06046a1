"""The gate of exports: a form is good when it answers as the trained model does, and says so on the card."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from surefoot.core.errors import ConfigError
from surefoot.core.roles import ChatModel, Message
from surefoot.models.base import ModelEnv
from surefoot.models.chat import explain_engine, open_chat
from surefoot.tune.artefact import FOLDERS, Form, Parity, Trained, read_card, write_card
from surefoot.tune.chat.base_model import load_tokenizer
from surefoot.tune.export.forms import base_gguf, export
from surefoot.tune.export.model_gguf import NumberType
from surefoot.tune.export.quiet import quiet
from surefoot.tune.parity import MAX_TOKENS, TOLERANCES, Reply, Spoken, parity
from surefoot.tune.torch_family import require_torch

if TYPE_CHECKING:
    from surefoot.tune.chat.replies import TorchChat


@dataclass(frozen=True, slots=True)
class Gate:
    """What an export has to hold against: prompts, and the agreement from which it is good.

    `tolerance` None takes that of the form; `keep` leaves the file of an export that is not good.
    """

    prompts: Sequence[Sequence[Message]]
    tolerance: float | None = None
    max_tokens: int = MAX_TOKENS
    keep: bool = False


def export_checked(
    folder: Path,
    forms: Sequence[Form],
    env: ModelEnv,
    gate: Gate,
    *,
    number_type: NumberType = "f16",
) -> list[Parity]:
    """Exports the forms, replays the prompts on each and on the trained model, and writes both on the card.

    The file of a form that is not good is taken away again unless the gate keeps it; its parity stays on the card.

    Raises:
        MissingExtra: the trained model needs torch to answer.
        ConfigError: there is no such form of it, or no engine to try it on.
        DataError: weights that have no place in a form, or no prompts.
    """
    require_torch("comparing an export with what was trained")
    card = read_card(folder)
    for form in forms:
        _check_engine(card, form, env)
        export(folder, form, env, number_type=number_type)
    with quiet():
        found = _compared(folder, card, forms, env, gate)
    for one in found:
        if not one.good and not gate.keep:
            _remove(folder / FOLDERS[one.form])
    _note(folder, found)
    return found


def _compared(
    folder: Path, card: Trained, forms: Sequence[Form], env: ModelEnv, gate: Gate
) -> list[Parity]:
    trained = _remembered(folder, card, env, gate)
    found = []
    for form in forms:
        with _opened(folder, card, form, env) as (engine, model):
            exported = _spoken(model, card, env, gate)
            tolerance = TOLERANCES[form] if gate.tolerance is None else gate.tolerance
            found.append(parity(form, engine, trained, exported, gate.prompts, tolerance))
    return found


def _check_engine(card: Trained, form: Form, env: ModelEnv) -> None:
    if form == "gguf-adapter" and base_gguf(card.base, env) is None:
        raise ConfigError(
            f"{card.base} is a folder: no engine reads its weights with a GGUF adapter beside them",
            where=card.name,
            hint="--form gguf merges the adapter into whole weights",
        )


def _remembered(folder: Path, card: Trained, env: ModelEnv, gate: Gate) -> Reply:
    """The trained model's replies to the prompts of the gate, asked once; it is closed before another is opened."""
    with _torch(folder, card, env) as model:
        speak = _spoken(model, card, env, gate)
        said = {tuple(prompt): speak(prompt) for prompt in gate.prompts}
    return lambda messages: said[tuple(messages)]


@contextmanager
def _torch(folder: Path, card: Trained, env: ModelEnv) -> Iterator[TorchChat]:
    from surefoot.tune.chat.replies import TorchChat

    if card.kind == "weights":
        model = TorchChat(str(folder / FOLDERS["safetensors"]), env)
    else:
        model = TorchChat(card.base, env, {card.name: folder / FOLDERS["peft"]})
        model.use(card.name)
    try:
        yield model
    finally:
        model.close()


@contextmanager
def _opened(
    folder: Path, card: Trained, form: Form, env: ModelEnv
) -> Iterator[tuple[str, ChatModel]]:
    """The exported form on the engine that serves it."""
    from surefoot.tune.chat.replies import TorchChat

    file, opened = folder / FOLDERS[form], ExitStack()
    model: ChatModel
    with opened:
        if form == "gguf-adapter":
            base = open_chat(str(base_gguf(card.base, env)), env, None, {card.name: file})
            opened.callback(base.close)
            yield "llama.cpp", base.adapted(card.name)
            return
        model = TorchChat(str(file), env) if form == "safetensors" else open_chat(str(file), env)
        opened.callback(model.close)
        yield "torch" if form == "safetensors" else explain_engine(str(file), env).engine, model


def _spoken(model: ChatModel, card: Trained, env: ModelEnv, gate: Gate) -> Spoken:
    tokenizer = load_tokenizer(card.base, env)

    def tokens(text: str) -> Sequence[int]:
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False)
        return ids

    return Spoken(model, tokens, gate.max_tokens)


def _note(folder: Path, found: Sequence[Parity]) -> None:
    card = read_card(folder)
    forms = {one.form for one in found}
    others = [one for one in card.parity if one.form not in forms]
    write_card(folder, card.model_copy(update={"parity": (*others, *found)}))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
