"""The trained models of a workspace: where they lie, and which file of them answers for a solution."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from surefoot.config.solution import read_settings
from surefoot.core.errors import ConfigError, DataError, MissingError, SurefootError
from surefoot.models.base import ModelEnv
from surefoot.models.chat import EngineChoice, explain_engine
from surefoot.models.weights import file_digest, same_model
from surefoot.run.places import INNER, SOLUTION_FILE
from surefoot.tune.artefact import CARD, FOLDERS, Form, Trained, read_card

ServedForm = Literal["gguf-adapter", "gguf"]
BESIDE_BYTES = 2**29
"""What adapters that nobody has asked for yet may take in an engine's memory, so that asking opens nothing anew."""
_NAME = re.compile(r"(?!\.+$)[\w.-]+")


@dataclass(frozen=True, slots=True)
class Served:
    """The file of a trained model that answers: an adapter beside its base, or the whole weights."""

    name: str
    card: Trained
    form: ServedForm
    file: Path

    @property
    def digest(self) -> str:
        """The sha256 of the file as the card has it; `served_with` has compared the two."""
        return self.card.files.get(self.file.name, "")


def adapters_root(root: Path) -> Path:
    """The folder of a workspace's trained models."""
    return root / INNER / "adapters"


def find_adapter(root: Path, name: str) -> Path:
    """The folder of a trained model.

    Raises:
        MissingError: naming what there is.
    """
    folder = adapters_root(root) / name
    if not _NAME.fullmatch(name) or not (folder / CARD).is_file():
        known = ", ".join(card.name for card in list_adapters(root)) or "none"
        raise MissingError(
            f"there is no trained model {name!r}",
            where=str(adapters_root(root)),
            hint=f"known: {known}",
        )
    return folder


def storage(folder: Path) -> dict[Form, int]:
    """Bytes of each form that a trained model has."""
    return {
        form: size
        for form, place in FOLDERS.items()
        if (size := sum(file.stat().st_size for file in _files(folder / place)))
    }


def made_at(folder: Path) -> int:
    """When a trained model was made, in unix seconds: the age of its oldest file."""
    files = [
        folder / CARD,
        *(file for place in FOLDERS.values() for file in _files(folder / place)),
    ]
    return int(min(file.stat().st_mtime for file in files))


def users_of(root: Path, name: str) -> list[str]:
    """The solution files of a workspace that name a trained model, or a file of it, by their path in the workspace."""
    folder = find_adapter(root, name)
    solutions = [root / SOLUTION_FILE, *sorted((root / "solutions").glob("*.toml"))]
    return [
        file.relative_to(root).as_posix()
        for file in solutions
        if file.is_file()
        and any(_names(root, folder, *pair) for pair in _texts(read_settings(file)))
    ]


def remove_adapter(root: Path, name: str, *, forced: bool = False) -> int:
    """Removes a trained model with all its forms; returns the bytes that it took.

    Raises:
        MissingError: there is no such model.
        ConfigError: a solution names it and the removal is not forced.
    """
    folder = find_adapter(root, name)
    users = [] if forced else users_of(root, name)
    if users:
        raise ConfigError(
            f"{name} answers in {', '.join(users)}",
            where=str(folder),
            hint="change the solution first, or remove it with --force",
        )
    freed = sum(storage(folder).values())
    aside = folder.with_name(f".{folder.name}.removed")
    folder.rename(aside)
    shutil.rmtree(aside)
    return freed


def rows_of(root: Path, name: str) -> list[Path]:
    """The files of rows that a trained model learnt from, those of what it was merged from included."""
    find_adapter(root, name)
    names = [name]
    for one in names:  # grows by what each was merged from
        if (adapters_root(root) / one / CARD).is_file():
            card = read_card(adapters_root(root) / one)
            names += [part for part in card.merged_from if part not in names]
    cards = [card for card in list_adapters(root) if card.name in names and card.rows]
    return list(dict.fromkeys(Path(card.rows) for card in cards if Path(card.rows).is_file()))


def new_adapter(root: Path, name: str) -> Path:
    """The folder that a trained model of this name will have.

    Raises:
        ConfigError: it cannot be a name, or there is one already.
    """
    folder = adapters_root(root) / name
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no name", hint="letters, digits, -, _ and dots")
    if folder.exists():
        raise ConfigError(f"there is a {name} already", where=str(folder), hint="take another name")
    return folder


def list_adapters(root: Path) -> list[Trained]:
    """The cards of all trained models of a workspace, by name.

    Raises:
        DataError: a card cannot be read.
    """
    cards = sorted(adapters_root(root).glob(f"*/{CARD}"))
    return [read_card(card.parent) for card in cards]


def served(root: Path, name: str) -> Served:
    """The file of a trained model that answers under its name: the adapter where there is one.

    Raises:
        MissingError: there is no such model, or it was not exported.
        ConfigError: it is not a chat model.
        DataError: its export was not found to answer as the trained model does.
    """
    folder = find_adapter(root, name)
    card = read_card(folder)
    if card.kind not in ("adapter", "weights"):
        raise ConfigError(f"{name} is of kind {card.kind}: it does not chat", where=str(folder))
    for form in _forms(card):
        if (file := folder / FOLDERS[form]).is_file():
            _check_parity(card, form, folder)
            return Served(name, card, form, file)
    raise MissingError(
        f"{name} has no form that an engine reads",
        where=str(folder),
        hint=f"surefoot adapters export {name}",
    )


def served_with(root: Path, name: str, model: str, env: ModelEnv) -> Served:
    """As `served`, if the trained model was made of this one.

    Raises:
        ConfigError: it was trained on other weights.
        DataError: its file is not the one that was compared with it.
    """
    found = served(root, name)
    folder = found.file.parent
    if found.digest != file_digest(found.file, env):
        raise DataError(
            f"{found.file.name} is not the file that was compared with the trained model",
            where=str(folder),
            hint=f"surefoot adapters export {name} --form {found.form}",
        )
    if not same_model(model, found.card.base_digest, env):
        raise ConfigError(
            f"{name} was trained on {found.card.base}, the solution names {model}: other weights",
            where=str(folder),
            hint=f'set model = "{found.card.base}"',
        )
    return found


def explain_served(root: Path, name: str, env: ModelEnv) -> EngineChoice:
    """Which engine answers under a trained model's name, and why; nothing is fetched.

    Raises:
        SurefootError: none does; as `served` and `explain_engine` say.
    """
    found = served(root, name)
    if found.form == "gguf":
        return explain_engine(str(found.file), env)
    return explain_engine(found.card.base, env, adapted=True)


def adapters_beside(
    root: Path, first: Collection[str], model: str, env: ModelEnv
) -> dict[str, Path]:
    """The adapters that an engine with this base is opened with, by the sha256 of their file.

    Those of `first`, and of the others as many as take no more than `BESIDE_BYTES` together; one that cannot be served
    is left out.
    """
    names = [card.name for card in list_adapters(root) if card.kind == "adapter"]
    found: dict[str, Path] = {}
    room = BESIDE_BYTES
    for name in sorted(names, key=lambda name: name not in first):
        try:
            one = served_with(root, name, model, env)
        except SurefootError:
            continue
        size = one.file.stat().st_size
        if one.form == "gguf-adapter" and (name in first or size <= room):
            found[one.digest] = one.file
            room -= size
    return found


def served_digest(root: Path, name: str, env: ModelEnv) -> str:
    """What names the content that answers under a trained model's name: the form and its file's sha256."""
    found = served(root, name)
    return f"{found.form} {file_digest(found.file, env)}"


def _files(path: Path) -> list[Path]:
    found = path.rglob("*") if path.is_dir() else [path]
    return [file for file in found if file.is_file()]


def _texts(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text in plain settings with the key that it stands under."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for inner, item in value.items():
            yield from _texts(item, inner)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)


def _names(root: Path, folder: Path, key: str, text: str) -> bool:
    """Whether a setting names the trained model, by its name or by a path to it or into it."""
    if key == "adapter":
        return text == folder.name
    if "/" not in text:
        return False
    path = (root / Path(text).expanduser()).resolve()
    return path.is_relative_to(folder.resolve())


def _forms(card: Trained) -> tuple[ServedForm, ...]:
    return ("gguf-adapter", "gguf") if card.kind == "adapter" else ("gguf",)


def _check_parity(card: Trained, form: ServedForm, folder: Path) -> None:
    checks = [one for one in card.parity if one.form == form]
    if not checks or not all(one.good for one in checks):
        said = "was not compared with" if not checks else "does not answer as"
        raise DataError(
            f"{FOLDERS[form]} {said} the trained model",
            where=str(folder),
            hint=f"surefoot adapters export {card.name} --form {form}",
        )
