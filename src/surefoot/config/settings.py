"""Application settings: where things live and how this machine works. None of them changes an answer.

Precedence: flag > environment `SUREFOOT_*` > `.surefoot/settings.toml` > the user's file > default.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, NonNegativeInt, PositiveInt, ValidationError

from surefoot.config.base import Settings, explain
from surefoot.core.errors import ConfigError

USER_FILE = "settings.toml"


class AppSettings(Settings):
    """Settings of the program on this machine."""

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("surefoot")),
        description="where workspaces made by `ask --docs` live",
    )
    models: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("surefoot")) / "models",
        description="the shared cache of model weights",
    )
    offline: bool = Field(default=False, description="never touch the network")
    threads: PositiveInt = Field(
        default_factory=lambda: max(1, (os.cpu_count() or 2) - 1),
        description="threads of encoders and chat models",
    )
    workers: PositiveInt = Field(
        default_factory=lambda: os.cpu_count() or 2, description="child processes that read files"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    trace_keep_days: NonNegativeInt = Field(
        default=30, description="days that local traces are kept; 0 keeps none"
    )
    trace_content: bool = Field(
        default=True, description="keep questions, passages and answers in local traces"
    )
    trace_mask: bool = Field(
        default=False,
        description="put [email], [phone] and so on for personal data in local traces",
    )
    audit_keep_days: NonNegativeInt = Field(
        default=90, description="days that requests to the server are listed; 0 = not at all"
    )
    response_keep_days: NonNegativeInt = Field(
        default=30, description="days that /v1/responses are kept; 0 keeps none"
    )
    host: str = Field(default="127.0.0.1", description="address that surefoot serve listens on")
    port: int = Field(default=8321, ge=0, le=65535, description="its port; 0 = any that is free")
    serve_hosts: tuple[str, ...] = Field(
        default=(), description="names by which the server may be called beside those of loopback"
    )
    serve_origins: tuple[str, ...] = Field(
        default=(), description="origins of other pages that may call it: https://intranet.example"
    )
    serve_workers: PositiveInt = Field(
        default_factory=lambda: os.cpu_count() or 2, description="requests answered at once"
    )
    serve_queue: NonNegativeInt = Field(
        default=64, description="requests that wait; the next one gets 429"
    )
    serve_body_mb: PositiveInt = Field(default=200, description="megabytes of a request at most")
    serve_timeout_s: PositiveInt = Field(default=120, description="seconds for an answer")
    serve_watch: bool = Field(
        default=False, description="sync when files of the corpus change while it is served"
    )
    serve_sync_every: str = Field(
        default="", description="sync so often while serving: 30s, 10m, 2h, 1d; empty = never"
    )
    answer_cache: NonNegativeInt = Field(
        default=1000, description="answers that a server keeps to give them again; 0 = none"
    )
    answer_cache_mb: PositiveInt = Field(default=32, description="megabytes of them, about")
    answer_cache_minutes: PositiveInt = Field(
        default=60, description="minutes until a kept answer is made anew"
    )
    otlp_endpoint: str = Field(
        default="",
        description="collector that a server sends traces to: http://127.0.0.1:4318; empty is that of "
        "OTEL_EXPORTER_OTLP_ENDPOINT, else none",
    )
    otlp_content: bool = Field(
        default=False, description="send questions, passages and answers along"
    )
    ledger: str = Field(
        default="", description="database URL of the ledger; empty is SQLite in the workspace"
    )
    store: str = Field(
        default="", description="folder or s3:// URL of the tables; empty is .surefoot/lance"
    )


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings and, for each name, the layer and file that gave it."""

    settings: AppSettings
    origins: Mapping[str, str]


def load_settings(
    *,
    workspace: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
) -> Resolved:
    """Puts the layers on top of one another.

    Raises:
        ConfigError: naming the file or variable that is wrong.
    """
    values: dict[str, Any] = {}
    origins = dict.fromkeys(AppSettings.model_fields, "default")
    user = Path(platformdirs.user_config_dir("surefoot")) / USER_FILE
    files = [user, workspace / ".surefoot" / USER_FILE] if workspace else [user]
    layers = [(str(file), _read(file)) for file in files if file.is_file()]
    environment = os.environ if env is None else env
    layers.append(
        (
            "environment",
            {key: environment[_variable(key)] for key in origins if _variable(key) in environment},
        )
    )
    layers.append(
        ("flag", {key: value for key, value in (flags or {}).items() if value is not None})
    )
    for origin, layer in layers:
        _check(layer, origin)
        values |= layer
        origins |= dict.fromkeys(layer, origin)
    return Resolved(AppSettings.model_validate(values), origins)


def _variable(key: str) -> str:
    return f"SUREFOOT_{key.upper()}"


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as problem:
        raise ConfigError(f"cannot be read: {problem}", where=str(file)) from None


def _check(layer: Mapping[str, Any], origin: str) -> None:
    try:
        AppSettings.model_validate(layer)
    except ValidationError as problem:
        raise explain(problem, AppSettings, where=origin) from None
