"""The endpoint that makes vectors of pictures and of questions in one space."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from surefoot.config.base import Incidental, KeyName, Settings

Shape = Literal["jina", "vllm", "cohere"]


class Images(Settings):
    """An image-text model. Address, model, shape, side and prompts name its vectors; the rest does not change them."""

    shape: Shape = Field(
        default="jina",
        description="what the endpoint speaks: jina = /embeddings with objects, vllm = /embeddings with messages, "
        "cohere = /v2/embed",
    )
    base_url: str = Field(
        pattern=r"^https?://[^\s@]+$",
        description="ends before /embeddings or /v2/embed; holds no key",
    )
    model: str = Field(min_length=1, description="the model id that the endpoint expects")
    dimensions: PositiveInt | None = Field(
        default=None, description="asks for vectors of this length; null takes the model's own"
    )
    side: int = Field(
        default=768, ge=64, le=2000, description="longest side that is sent, in pixels"
    )
    image_prompt: str = Field(
        default="Represent the given image.",
        description="said beside each picture; vllm only",
    )
    key: Annotated[KeyName, Incidental()] = ""
    batch: Annotated[PositiveInt, Incidental()] = Field(
        default=8, le=96, description="pictures a request; vllm and cohere take one"
    )
    timeout_s: Annotated[PositiveFloat, Incidental()] = 60.0
    question_s: Annotated[PositiveFloat, Incidental()] = Field(
        default=5.0, description="seconds that a question waits for its vector, in all"
    )
    price: Annotated[NonNegativeFloat | None, Incidental()] = Field(
        default=None, description="US dollars a thousand pictures or questions"
    )
