"""Writes a trained model in another form, beside the one it was trained in. Whether it holds, the gate says."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from surefoot.config.catalog import load_catalog
from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.models.base import ModelEnv
from surefoot.models.fetch import fetch
from surefoot.models.gguf import read_gguf
from surefoot.tune.artefact import CARD, FOLDERS, Form, Trained, read_card, write_card
from surefoot.tune.export.adapter_gguf import write_adapter
from surefoot.tune.export.layout import Layout, layout_of_folder, layout_of_gguf
from surefoot.tune.export.model_gguf import NumberType, write_model

GGUF = ".gguf"
EXPORTED: tuple[Form, ...] = ("gguf-adapter", "gguf", "safetensors")


def export(folder: Path, form: Form, env: ModelEnv, *, number_type: NumberType = "f16") -> Path:
    """Writes the form into the artefact's folder, whole or not at all, and names it on the card.

    What the card said of an earlier export of this form is forgotten. `number_type` is that of form `gguf`.

    Raises:
        MissingExtra: merging needs torch, which is not installed.
        ConfigError: what was trained has no such form.
        DataError: its weights have no place in it.
    """
    card = read_card(folder)
    target = folder / FOLDERS[form]
    part = folder / f".{FOLDERS[form]}.part"
    _clear(part)
    try:
        _writer(card, form)(folder, card, env, part, number_type)
        _clear(target)
        part.replace(target)
    finally:
        _clear(part)
    parity = tuple(one for one in card.parity if one.form != form)
    write_card(folder, card.model_copy(update={"parity": parity}))
    return target


def known_form(name: str) -> Form:
    """The form of this name that can be exported.

    Raises:
        ConfigError: there is none.
    """
    for form in EXPORTED:
        if form == name:
            return form
    raise ConfigError(f"there is no form {name!r}", hint=f"known: {', '.join(EXPORTED)}")


def base_gguf(base: str, env: ModelEnv) -> Path | None:
    """The GGUF file that a base is or was made from; None where it is a folder of its own."""
    path = env.place(base)
    if path.is_dir():
        return base_gguf(read_card(path).base, env) if (path / CARD).is_file() else None
    if base.endswith(GGUF):
        if not path.is_file():
            raise MissingError("there is no such file", where=base)
        return path
    card = load_catalog().get(base, "chat")
    return fetch(card, env) / card.files[0].name


def _writer(
    card: Trained, form: Form
) -> Callable[[Path, Trained, ModelEnv, Path, NumberType], None]:
    """What writes this form of this kind of artefact."""
    if card.kind not in ("adapter", "weights"):
        raise ConfigError(
            f"{card.name} is of kind {card.kind}: it loads as it is", hint="nothing to do"
        )
    known = (
        {"gguf": _model}
        if card.kind == "weights"
        else {"gguf": _model, "gguf-adapter": _adapter, "safetensors": _merged}
    )
    if form not in known:
        raise ConfigError(
            f"{card.name} holds {card.kind}: there is no form {form} to export",
            hint=f"known: {', '.join(known)}",
        )
    return known[form]


def _adapter(folder: Path, card: Trained, env: ModelEnv, target: Path, _: NumberType) -> None:
    write_adapter(folder / FOLDERS["peft"], _base_layout(card.base, env), target)


def _merged(folder: Path, card: Trained, env: ModelEnv, target: Path, _: NumberType) -> None:
    from surefoot.tune.export.merged import write_merged

    write_merged(folder / FOLDERS["peft"], card.base, env, target)


def _model(folder: Path, card: Trained, env: ModelEnv, target: Path, kind: NumberType) -> None:
    weights = folder / FOLDERS["safetensors"]
    base = base_gguf(card.base, env)
    if card.kind == "weights":
        write_model(weights, base, target, kind)
        return
    with TemporaryDirectory(dir=folder, prefix=".merged-") as merged:
        _merged(folder, card, env, Path(merged), kind)
        write_model(Path(merged), base, target, kind)


def _base_layout(base: str, env: ModelEnv) -> Layout:
    file = base_gguf(base, env)
    if file is not None:
        return layout_of_gguf(read_gguf(file))
    path = env.place(base)
    if not path.is_dir():
        raise DataError("the base is gone", where=base)
    return layout_of_folder(path)


def _clear(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
