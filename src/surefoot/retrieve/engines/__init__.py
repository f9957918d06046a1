"""Search engines elsewhere, one file a kind. Each speaks its engine's language and gives ordinary hits."""

from surefoot.retrieve.engines.base import EngineSettings, RemoteSettings

__all__ = ["EngineSettings", "RemoteSettings"]
