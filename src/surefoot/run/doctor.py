"""Examines a set-up and says how to mend what is wrong. Changes nothing."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from surefoot.config.base import Settings
from surefoot.config.catalog import load_catalog
from surefoot.config.images import Images
from surefoot.config.media import Media
from surefoot.config.settings import AppSettings, load_settings
from surefoot.config.solution import named_content, writing_settings
from surefoot.core.errors import SurefootError
from surefoot.models.base import ModelEnv
from surefoot.models.embed_image import ImageTextEncoder
from surefoot.models.fetch import status

if TYPE_CHECKING:
    from surefoot.config.solution import Solution
    from surefoot.run.workspace import Workspace

_LOW_DISK_BYTES = 2 * 1024**3
_EXTRAS = {"llama": "xllamacpp", "tune": "torch", "scale": "ray", "media": "rapidocr"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `hint` is the command or edit that mends it."""

    level: Literal["ok", "warning", "error"]
    subject: str
    message: str
    hint: str = ""


def examine(space: Workspace | None, flags: Mapping[str, Any] | None = None) -> list[Finding]:
    """Looks at the machine and, where one is given, at the workspace."""
    settings = space.settings.settings if space else load_settings(flags=flags).settings
    findings = [*_machine(settings), *_models(space, settings), *_media(space, settings)]
    if space is None:
        findings.append(Finding("warning", "workspace", "none here or above", "surefoot init"))
        return findings
    return [*findings, *_workspace(space)]


def _machine(settings: AppSettings) -> Iterator[Finding]:
    yield Finding("ok", "python", f"{platform.python_version()} on {platform.machine()}")
    yield Finding(
        "ok", "processor", f"{os.cpu_count()} cores, {settings.threads} threads for models"
    )
    present = [extra for extra, package in _EXTRAS.items() if find_spec(package)]
    yield Finding("ok", "extras", ", ".join(present) or "none installed (none needed)")
    folder = next(p for p in (settings.models, *settings.models.parents) if p.exists())
    free = shutil.disk_usage(folder).free
    if free < _LOW_DISK_BYTES:
        yield Finding(
            "warning",
            "disk",
            f"{free / 1e9:.1f} GB free at {folder}",
            "make room for models and tables",
        )
    if not os.access(folder, os.W_OK):
        yield Finding(
            "error",
            "model cache",
            f"{folder} cannot be written",
            "set SUREFOOT_MODELS to another folder",
        )
    if sys.platform != "linux":
        yield Finding("warning", "limits", "memory limits of file readers work on Linux only")


def _models(space: Workspace | None, settings: AppSettings) -> Iterator[Finding]:
    env = ModelEnv(settings.models, settings.offline, settings.threads)
    catalog = load_catalog()
    wanted = {catalog.default("embedding")}
    if space is not None:
        try:
            solution = space.solution
        except SurefootError:
            return
        parts: list[Settings] = [*solution.stages]
        if solution.corpus is not None:
            parts += [solution.corpus.embed, *writing_settings(solution.corpus)]
        wanted = {name for part in parts for what, name in named_content(part) if what == "model"}
    for name in sorted(wanted):
        if name not in catalog:
            continue
        state = status(catalog.get(name), env)
        level: Literal["ok", "warning"] = "ok" if state == "ready" else "warning"
        hint = "" if state == "ready" else f"surefoot models fetch {name}"
        yield Finding(level, "model", f"{name} is {state}", hint)


def _media(space: Workspace | None, settings: AppSettings) -> Iterator[Finding]:
    """Whether scans and recordings can be read; nothing where the extra is not installed at all."""
    from surefoot.ingest.extract.media.process import installed

    corpus = None
    if space is not None:
        try:
            corpus = space.solution.corpus
        except SurefootError:
            return
    media = corpus.media if corpus is not None else Media()
    if corpus is not None and corpus.images is not None:
        yield _images(corpus.images, settings)
    if installed("ocr") and media.ocr != "never":
        yield Finding("ok", "scans and pictures", "are read")
    if not (installed("speech") and media.speech):
        return
    catalog = load_catalog()
    name = media.speech_model or catalog.default("speech")
    if name not in catalog:
        yield Finding("ok", "recordings", f"are transcribed by {name}")
        return
    env = ModelEnv(settings.models, settings.offline, settings.threads)
    if status(catalog.get(name), env) == "ready":
        yield Finding("ok", "recordings", f"are transcribed by {name}")
        return
    level: Literal["ok", "warning"] = "warning" if settings.offline else "ok"
    said = f"{name} is fetched when the first recording is read"
    yield Finding(level, "recordings", said, f"surefoot models fetch {name}")


def _images(images: Images, settings: AppSettings) -> Finding:
    """Whether pictures can be found by what they show; the endpoint is not asked."""
    from surefoot.run.originals import can_draw

    said = f"are shown to {images.model} at {images.base_url}"
    if not can_draw():
        hint = 'pip install "surefoot[media]"'
        return Finding("warning", "pictures", "cannot be shown: pillow is missing", hint)
    try:
        ImageTextEncoder(
            images, ModelEnv(settings.models, settings.offline, settings.threads)
        ).close()
    except SurefootError as problem:
        return Finding("warning", "pictures", f"{said}: {problem.message}", problem.hint)
    return Finding("ok", "pictures", said)


def _workspace(space: Workspace) -> Iterator[Finding]:
    try:
        solution = space.solution
    except SurefootError as problem:
        yield Finding("error", "solution", f"{problem.where}: {problem.message}", problem.hint)
        return
    yield Finding("ok", "solution", f"{solution.name}, {len(solution.stages)} stages")
    if solution.corpus is None:
        return
    for source in solution.corpus.sources:
        place = getattr(source, "path", None)
        if isinstance(place, str) and not (space.root / Path(place).expanduser()).exists():
            yield Finding(
                "error", "source", f"{place} does not exist", f"edit {space.solution_file.name}"
            )
    try:
        states = space.status()
    except SurefootError as problem:
        yield Finding("error", "index", str(problem), problem.hint or "surefoot repair")
        return
    counts = Counter(state.status for state in states)
    told = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())) or "empty"
    yield Finding(
        "ok" if counts["ok"] else "warning",
        "index",
        told,
        "" if counts["ok"] else "surefoot add DOCS",
    )
    if counts["failed"]:
        yield Finding(
            "warning",
            "documents",
            f"{counts['failed']} could not be read",
            "surefoot status says why",
        )
    yield from _refusal(space, solution)


def _refusal(space: Workspace, solution: Solution) -> Iterator[Finding]:
    """Whether refusal was fitted with the encoder in use; nothing where no stage refuses."""
    from surefoot.generate.guard import RefusalSettings, doubts

    settings = [getattr(stage, "refuse", None) for stage in solution.stages]
    refusing = [one for one in settings if isinstance(one, RefusalSettings) and one.threshold != 0]
    if not refusing:
        return
    try:
        encoder = space.resources.encoder().digest
    except SurefootError:
        return  # the model's own line says what is missing
    if any(doubts(one, encoder) for one in refusing):
        message = "refusal is fitted for another encoder than this solution's"
        yield Finding("warning", "refusal", message, "surefoot calibrate")
    else:
        yield Finding("ok", "refusal", "fitted for this encoder")
