"""The gate of exports: a form is good when it answers as the trained model does, and says so on the card."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from surefoot.core.errors import ConfigError
from surefoot.core.roles import ChatModel, Message, Sampling
from surefoot.models.base import ModelEnv
from surefoot.models.chat import explain_engine, open_chat
from surefoot.tune.artefact import FOLDERS, Form, Parity, Trained, read_card, write_card
from surefoot.tune.chat.base_model import load_tokenizer
from surefoot.tune.chat.replies import TorchChat
from surefoot.tune.export.forms import base_gguf, export
from surefoot.tune.export.model_gguf import NumberType
from surefoot.tune.parity import MAX_TOKENS, PROMPTS, TOLERANCES, Reply, Spoken, parity
from surefoot.tune.quiet import quiet
from surefoot.tune.rows import ChatRow, read_rows
from surefoot.tune.torch_family import require_torch

Tokens = Callable[[str], Sequence[int]]
_AT_ONCE = 10  # prompts that the trained model answers together


@dataclass(frozen=True, slots=True)
class Gate:
    """What an export has to hold against: prompts, and the agreement from which it is good.

    `tolerance` None takes that of the form; `keep` leaves the file of an export that is not good.
    """

    prompts: Sequence[Sequence[Message]]
    tolerance: float | None = None
    max_tokens: int = MAX_TOKENS
    keep: bool = False


def gate_prompts(files: Sequence[Path], count: int = PROMPTS) -> list[list[Message]]:
    """Prompts of the rows to stop by, and then of those that were learnt from, spread over the files.

    Raises:
        MissingError: there is no such file.
    """
    rows = [row for file in files for row in read_rows(file).rows if isinstance(row, ChatRow)]
    held = _spread([row for row in rows if row.split == "dev"], count)
    learnt = _spread([row for row in rows if row.split == "train"], count - len(held))
    return [row.messages() for row in (*held, *learnt)]


def _spread(rows: Sequence[ChatRow], count: int) -> Sequence[ChatRow]:
    """So many of the rows, evenly from the first to the last."""
    if len(rows) <= count:
        return rows
    return [rows[place * len(rows) // count] for place in range(count)]


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


def _check_engine(card: Trained, form: Form, env: ModelEnv) -> None:
    if form == "gguf-adapter" and base_gguf(card.base, env) is None:
        raise ConfigError(
            f"{card.base} is a folder: no engine reads its weights with a GGUF adapter beside them",
            where=card.name,
            hint="--form gguf merges the adapter into whole weights",
        )


def _compared(
    folder: Path, card: Trained, forms: Sequence[Form], env: ModelEnv, gate: Gate
) -> list[Parity]:
    tokens = _tokens(card.base, env)
    with _torch(folder, card, env) as model:
        trained = _all_at_once(model, tokens, gate)
    found = []
    for form in forms:
        with _opened(folder, card, form, env) as (engine, chat):
            exported: Reply = (
                _all_at_once(chat, tokens, gate)
                if isinstance(chat, TorchChat)
                else Spoken(chat, tokens, gate.max_tokens)
            )
            tolerance = TOLERANCES[form] if gate.tolerance is None else gate.tolerance
            found.append(parity(form, engine, trained, exported, gate.prompts, tolerance))
    return found


def _all_at_once(model: TorchChat, tokens: Tokens, gate: Gate) -> Reply:
    """The replies to the prompts of the gate, asked now and many at a time, so that the model can be closed."""
    said = {}
    for start in range(0, len(gate.prompts), _AT_ONCE):
        prompts = gate.prompts[start : start + _AT_ONCE]
        replies = model.chat_many(prompts, Sampling(max_tokens=gate.max_tokens))
        for prompt, reply in zip(prompts, replies, strict=True):
            said[tuple(prompt)] = tokens(reply.text)
    return lambda messages: said[tuple(messages)]


@contextmanager
def _torch(folder: Path, card: Trained, env: ModelEnv) -> Iterator[TorchChat]:
    """The model as it was trained."""
    if card.kind == "weights":
        model = TorchChat(str(folder / FOLDERS["safetensors"]), env)
    else:
        model = TorchChat(card.base, env, {card.name: folder / FOLDERS["peft"]})
        model.use(card.name)
    with closing(model):
        yield model


@contextmanager
def _opened(
    folder: Path, card: Trained, form: Form, env: ModelEnv
) -> Iterator[tuple[str, ChatModel]]:
    """The exported form on the engine that serves it."""
    file = folder / FOLDERS[form]
    if form == "safetensors":
        with closing(TorchChat(str(file), env)) as torch:
            yield "torch", torch
    elif form == "gguf-adapter":
        base = str(base_gguf(card.base, env))
        with closing(open_chat(base, env, None, {card.name: file})) as adaptable:
            yield "llama.cpp", adaptable.adapted(card.name)
    else:
        with closing(open_chat(str(file), env)) as model:
            yield explain_engine(str(file), env).engine, model


def _tokens(base: str, env: ModelEnv) -> Tokens:
    tokenizer = load_tokenizer(base, env)

    def tokens(text: str) -> Sequence[int]:
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False)
        return ids

    return tokens


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
