"""What both rerankers by a chat model are told: which model, how many hits, how much of each, for how long."""

from __future__ import annotations

from pydantic import Field, PositiveFloat, PositiveInt

from surefoot.config.base import ModelName, PartSettings


class ChatRerankSettings(PartSettings):
    """Which model judges, how many hits, how much of each, for how long."""

    model: ModelName = Field(
        description='a catalog alias, the path of a .gguf file, or "http:NAME" of an endpoint'
    )
    most: PositiveInt = Field(
        default=10, description="hits that are judged at most; the others follow in their order"
    )
    passage_tokens: PositiveInt = Field(
        default=300, description="tokens of a passage that the model is shown at most"
    )
    seconds: PositiveFloat | None = Field(
        default=None,
        description="time for all hits; those not judged by then follow in their order; null = no limit",
    )
