"""surefoot finds, proves and serves the best way to make a language model answer over your own documents."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__", "open"]


def __getattr__(name: str) -> Any:
    if name == "open":
        from surefoot.run.workspace import open_workspace

        return open_workspace
    raise AttributeError(f"module 'surefoot' has no attribute {name!r}")
