"""Brings the weights of the catalog into the shared cache: by exact hash, whole or not at all.

A model is a folder of the cache named after its alias and content. It is filled under another name below a lock and
then renamed, so a folder that exists is complete and any number of processes may read it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import BaseFileLock, FileLock

from surefoot.config.catalog import FileSource, ModelCard, ModelFile
from surefoot.core.digest import digest_json, sha256_file
from surefoot.core.errors import DataError, MissingError, SurefootError, TransientError
from surefoot.models.base import ModelEnv
from surefoot.models.sources import Downloads

MANIFEST = "surefoot.json"
PART = ".part"
FORM = 2  # counts up when what is derived from the fetched files changes

Progress = Callable[[str, int, int], None]
State = Literal["ready", "absent", "unavailable"]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A file of the cache that is not what it should be; `found` is empty where it is gone."""

    file: Path
    expected: str
    found: str


def model_folder(card: ModelCard, env: ModelEnv) -> Path:
    """Where the model lies in the cache, fetched or not."""
    return env.cache / f"{card.alias}-{card_digest(card)}"


def card_digest(card: ModelCard) -> str:
    """Names the bytes of a model: all its files' hashes, and how they are made ready."""
    files = sorted((file.name, file.sha256) for file in card.files)
    return digest_json([card.format, FORM, files])


def status(card: ModelCard, env: ModelEnv) -> State:
    """Whether the model is in the cache, can be fetched, or cannot be had."""
    if (model_folder(card, env) / MANIFEST).is_file():
        return "ready"
    return "unavailable" if card.unavailable else "absent"


def fetch(card: ModelCard, env: ModelEnv, on_progress: Progress | None = None) -> Path:
    """The model's folder in the cache, fetched first where it is absent.

    `on_progress(file name, bytes so far, bytes in all)` is called while files come. An interrupted fetch goes on or
    begins again at the next call. For a machine without network, fetch with `env.cache` set to a folder that is then
    carried there, one alias after the other.

    Raises:
        MissingError: absent and offline, or not to be had; the hint says what to do.
        DataError: the bytes that came have another hash; they are not kept.
        TransientError: the sources did not answer.
    """
    folder = model_folder(card, env)
    if status(card, env) == "ready":
        return folder
    if card.unavailable:
        reason, _, remedy = card.unavailable.partition(" | ")
        raise MissingError(reason, where=card.alias, hint=remedy)
    if env.offline:
        raise MissingError(
            f"is not in the cache {env.cache} and the network is off",
            where=card.alias,
            hint=f"run 'surefoot models fetch {card.alias}' with network, or carry the cache here",
        )
    env.cache.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        if status(card, env) != "ready":
            _fill(card, folder, on_progress or _silent)
    return folder


def remove(card: ModelCard, env: ModelEnv) -> bool:
    """Takes the model and what an interrupted fetch left of it out of the cache; False where nothing was there."""
    folder = model_folder(card, env)
    if not env.cache.is_dir():
        return False
    with _locked(folder):
        (folder / MANIFEST).unlink(missing_ok=True)
        found = [place for place in (folder, _staging(folder)) if place.is_dir()]
        for place in found:
            shutil.rmtree(place)
    return bool(found)


def verify(card: ModelCard, env: ModelEnv) -> list[Mismatch]:
    """Hashes every file of the model again; an empty list means that all are right.

    Raises:
        MissingError: the model is not in the cache.
    """
    folder = model_folder(card, env)
    if status(card, env) != "ready":
        raise MissingError(
            "is not in the cache", where=card.alias, hint=f"surefoot models fetch {card.alias}"
        )
    expected = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    expected |= {file.name: file.sha256 for file in card.files}
    wrong = []
    for name, digest in sorted(expected.items()):
        found = sha256_file(folder / name) if (folder / name).is_file() else ""
        if found != digest:
            wrong.append(Mismatch(folder / name, digest, found))
    return wrong


def _fill(card: ModelCard, folder: Path, on_progress: Progress) -> None:
    staging = _staging(folder)
    staging.mkdir(exist_ok=True)
    with Downloads(staging / ".wheels") as downloads:
        for file in card.files:
            _bring(file, staging, downloads, on_progress)
    _prepare(card, staging)
    files = {
        path.relative_to(staging).as_posix(): sha256_file(path)
        for path in sorted(staging.rglob("*"))
        if path.is_file() and path.suffix != PART
    }
    text = json.dumps({"alias": card.alias, "form": FORM, "files": files}, indent=2)
    (staging / MANIFEST).write_text(text, encoding="utf-8")
    if folder.exists():
        shutil.rmtree(folder)
    staging.rename(folder)


def _staging(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}{PART}")


def _locked(folder: Path) -> BaseFileLock:
    return FileLock(folder.with_name(f".{folder.name}.lock"))


def _prepare(card: ModelCard, staging: Path) -> None:
    if card.format == "e5-q4":
        from surefoot.models.weights_e5 import convert_e5

        convert_e5(staging / card.files[0].name, staging)


def _bring(file: ModelFile, staging: Path, downloads: Downloads, on_progress: Progress) -> None:
    target = staging / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() and sha256_file(target) == file.sha256:
        return
    problems: list[SurefootError] = []
    for source in file.sources:
        try:
            _copy_checked(file, source, target, downloads, on_progress)
        except (TransientError, MissingError, DataError) as problem:
            problems.append(problem)
            continue
        return
    said = "; ".join(f"{problem.where} {problem.message}".strip() for problem in problems)
    if not problems:
        raise MissingError("the catalog knows no source", where=file.name)
    worst = next((p for p in problems if isinstance(p, DataError)), problems[0])
    raise type(worst)(said, where=file.name, hint=worst.hint)


def _copy_checked(
    file: ModelFile,
    source: FileSource,
    target: Path,
    downloads: Downloads,
    on_progress: Progress,
) -> None:
    part = target.with_name(target.name + PART)
    continued = part.is_file()
    while True:
        downloads.copy(source, part, lambda done: on_progress(file.name, done, file.bytes))
        found = sha256_file(part)
        if found == file.sha256:
            part.replace(target)
            return
        part.unlink()
        if not continued:
            break
        continued = False  # what was there before may have been bad: once more from the beginning
    raise DataError(
        f"({source.kind}) has sha256 {found}, the catalog says {file.sha256}; nothing was kept",
        hint="do not use these bytes; take another source or tell who publishes them",
    )


def _silent(name: str, done: int, total: int) -> None:
    del name, done, total
