"""Secrets come from the environment: settings name the variable, nothing keeps what it holds."""

from __future__ import annotations

import os

from surefoot.config.base import KeyName
from surefoot.core.errors import ConfigError


def read_secret(key: KeyName, where: str, what: str = "a key") -> str:
    """What the variable of `env:VARIABLE` holds, without the blanks around it; empty where none is named.

    Raises:
        ConfigError: the variable is not set.
    """
    if not key:
        return ""
    name = key.removeprefix("env:")
    secret = os.environ.get(name, "").strip()
    if not secret:
        raise ConfigError(
            f"needs {what} in the variable {name}", where=where, hint=f"export {name}=..."
        )
    return secret
