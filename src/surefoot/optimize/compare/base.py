"""The weights that all arms begin with: the base converted once in the way in which trained models are.

A quantised base beside trained models of another number type would compare number types, not methods.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from surefoot.core.digest import sha256_bytes
from surefoot.models.base import ModelEnv
from surefoot.models.chat import explain_engine
from surefoot.models.gguf import read_gguf
from surefoot.models.weights import model_digest
from surefoot.optimize.compare.child import in_child
from surefoot.tune.chat.base_model import base_folder
from surefoot.tune.export import NumberType
from surefoot.tune.export.forms import base_gguf
from surefoot.tune.export.model_gguf import write_model
from surefoot.tune.quiet import quiet

HTTP = "http:"
AS_GIVEN = "as given"


@dataclass(frozen=True, slots=True)
class Base:
    """What answers in arms without training, and what training begins with.

    `model` is what a solution names; `folder` its plain weights for training, None where nothing is trained.
    """

    model: str
    name: str
    digest: str
    template_digest: str
    engine: str
    number_type: str
    folder: Path | None = None


def base_as_given(model: str, env: ModelEnv) -> Base:
    """The model as it is, where nothing is trained."""
    if model.startswith(HTTP):
        return Base(model, model, model, "", "http", AS_GIVEN)
    file = base_gguf(model, env)
    template = _template(file) if file is not None else ""
    engine = explain_engine(str(file or model), env).engine
    return Base(model, model, model_digest(model, env), template, engine, AS_GIVEN)


def base_for_training(model: str, env: ModelEnv, number_type: NumberType) -> Base:
    """The model as GGUF of this number type, written from the plain weights that training begins with; made once.

    Raises:
        MissingExtra: a GGUF file has to be made plain, and torch is not installed.
        DataError: the model has no form that can be trained or converted.
    """
    digest = model_digest(model, env)
    target = env.cache / f"base-{digest[:16]}-{number_type}.gguf"
    env.cache.mkdir(parents=True, exist_ok=True)
    if not target.is_file():
        in_child("converting the base", _convert, model, env, target, number_type)
    engine = explain_engine(str(target), env).engine
    return Base(
        str(target),
        model,
        digest,
        _template(target),
        engine,
        number_type,
        folder=base_folder(model, env),
    )


def _convert(model: str, env: ModelEnv, target: Path, number_type: NumberType) -> None:
    part = target.with_name(f".{target.name}.part")
    # Held here, by who writes: this process may outlive the one that waits for it.
    with FileLock(target.with_name(f".{target.name}.lock")):
        if not target.is_file():
            with quiet():
                folder = base_folder(model, env)
            write_model(folder, base_gguf(model, env), part, number_type)
            part.replace(target)


def _template(file: Path) -> str:
    text = str(read_gguf(file).values.get("tokenizer.chat_template", ""))
    return sha256_bytes(text.encode())[:16]
