"""`/v1/embeddings`: the vectors of the encoder that a solution's corpus is read with."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Final, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from surefoot.core.errors import ConfigError
from surefoot.core.types import Usage
from surefoot.serve.desk import Gone
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served, Serving
from surefoot.serve.who import Principal, Who

if TYPE_CHECKING:
    from surefoot.core.roles.models import Vectors

router = APIRouter(prefix="/v1/embeddings", tags=["embeddings"])
MAX_TEXTS: Final = 2048
MAX_CHARS: Final = 1_000_000
_BATCH: Final = 64
Text = Annotated[str, Field(min_length=1)]


class EmbeddingRequest(BaseModel):
    """Texts to embed; `input_type` says whether they are read as passages or as questions."""

    model: str = ""
    input: Text | Annotated[list[Text], Field(min_length=1, max_length=MAX_TEXTS)] | list[int]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Annotated[int, Field(ge=1)] | None = None
    input_type: Literal["passage", "query"] = "passage"


class Embedding(BaseModel):
    """A unit vector; as base64 it is little-endian float32."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingUsage(BaseModel):
    """Tokens that the encoder read."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingReply(BaseModel):
    """The vectors in the order of the texts."""

    object: Literal["list"] = "list"
    model: str
    data: list[Embedding]
    usage: EmbeddingUsage


@router.post("")
async def embed(
    body: EmbeddingRequest, request: Request, serving: Served, who: Who
) -> EmbeddingReply:
    """Embeds texts as the corpus of the model was embedded."""
    who.require("search")
    texts = [body.input] if isinstance(body.input, str) else body.input
    told = [text for text in texts if isinstance(text, str)]
    if len(told) < len(texts):
        raise Refused(400, "tokens are not read: give texts", code="unsupported", param="input")
    if sum(map(len, told)) > MAX_CHARS:
        raise Refused(413, f"at most {MAX_CHARS} characters at once", code="size", param="input")
    return await serving.desk.run(request, lambda gone: _embedded(serving, who, body, told, gone))


def _embedded(
    serving: Serving, who: Principal, body: EmbeddingRequest, texts: list[str], gone: Gone
) -> EmbeddingReply:
    with who.using(body.model) as space:
        encoder = space.resources.encoder()
        if body.dimensions not in (None, encoder.dimensions):
            raise ConfigError(
                f"the vectors of this model have {encoder.dimensions} dimensions",
                where="dimensions",
            )
        read = encoder.embed_queries if body.input_type == "query" else encoder.embed_passages
        data: list[Embedding] = []
        for first in range(0, len(texts), _BATCH):
            if gone():
                break
            vectors = read(texts[first : first + _BATCH])
            data += _told(vectors, first, body.encoding_format)
        tokens = sum(encoder.count_tokens(texts))
        name = space.solution.name
    used = Usage(encoder_tokens=tokens)
    serving.door.count(who, used)
    serving.metrics.used(used)
    usage = EmbeddingUsage(prompt_tokens=tokens, total_tokens=tokens)
    return EmbeddingReply(model=name, data=data, usage=usage)


def _told(vectors: Vectors, first: int, form: Literal["float", "base64"]) -> list[Embedding]:
    if form == "float":
        return [
            Embedding(index=first + i, embedding=vector.tolist())
            for i, vector in enumerate(vectors)
        ]
    packed = vectors.astype("<f4")
    return [
        Embedding(index=first + i, embedding=base64.b64encode(vector.tobytes()).decode())
        for i, vector in enumerate(packed)
    ]
