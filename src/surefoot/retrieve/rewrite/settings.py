"""What the stages that have a chat model rewrite the question have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt

from surefoot.config.base import Incidental, ModelName, PartSettings
from surefoot.config.catalog import load_catalog


class RewriteSettings(PartSettings):
    """Which chat model rewrites, and how long it may take; subclasses name the prompt."""

    model: ModelName = Field(
        default_factory=lambda: load_catalog().default("chat"),
        description='a catalog alias, the path of a .gguf file, or "http:NAME" of an endpoint',
    )
    max_tokens: PositiveInt = Field(default=80, description="tokens of a reply at most")
    timeout_s: Annotated[PositiveFloat, Incidental()] = Field(
        default=30.0,
        description="seconds that the model may take; what it says after them is not waited for",
    )
