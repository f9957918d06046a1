"""`/rerank`, `/v1/rerank`, `/v2/rerank` and `/score`: texts scored against a question, in the dialects of Cohere, Jina,
vLLM and TEI. A body with `texts` gets TEI's reply.

They are scored by the reranker of the model's solution where that reads texts, else by the cosines of its encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, model_validator

from surefoot.core.types import Usage
from surefoot.run.reranking import score_texts
from surefoot.serve.serving import Served, Serving
from surefoot.serve.who import Principal, Who

router = APIRouter(tags=["rerank"])
MAX_TEXTS: Final = 1000
Text = Annotated[str, Field(max_length=100_000)]
Question = Annotated[str, Field(min_length=1, max_length=20_000)]


class TextDocument(BaseModel):
    """A document given as an object; other fields are ignored."""

    text: Text


class RerankRequest(BaseModel):
    """`documents` in the dialects of Cohere, Jina and vLLM, `texts` in TEI's; one of them."""

    model: str = ""
    query: Question
    documents: (
        Annotated[list[Text | TextDocument], Field(min_length=1, max_length=MAX_TEXTS)] | None
    ) = None
    texts: Annotated[list[Text], Field(min_length=1, max_length=MAX_TEXTS)] | None = None
    top_n: Annotated[int, Field(ge=1)] | None = None
    return_documents: bool = False
    return_text: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> RerankRequest:
        if (self.documents is None) == (self.texts is None):
            raise ValueError("give documents or texts")
        return self

    @property
    def given(self) -> list[str]:
        """The texts, whichever way they came."""
        if self.texts is not None:
            return self.texts
        return [one if isinstance(one, str) else one.text for one in self.documents or ()]


class RankedDocument(BaseModel):
    """A document by its place in the request."""

    index: int
    relevance_score: float
    document: TextDocument | None = None


class TeiRank(BaseModel):
    """The same, as TEI says it."""

    index: int
    score: float
    text: str | None = None


class RerankReply(BaseModel):
    """Best first."""

    id: str
    model: str
    results: list[RankedDocument]
    usage: dict[str, int]
    meta: dict[str, Any]


class ScoreRequest(BaseModel):
    """vLLM's score: a question and texts, or texts in pairs."""

    model: str = ""
    queries: (
        Question | Annotated[list[Question], Field(min_length=1, max_length=MAX_TEXTS)] | None
    ) = None
    documents: Text | Annotated[list[Text], Field(min_length=1, max_length=MAX_TEXTS)] | None = None
    text_1: Question | list[Question] | None = None
    text_2: Text | Annotated[list[Text], Field(min_length=1, max_length=MAX_TEXTS)] | None = None

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Questions with their texts; one question goes with every text."""
        asked, told = self.queries or self.text_1 or "", self.documents or self.text_2 or []
        texts = [told] if isinstance(told, str) else told
        questions = [asked] * len(texts) if isinstance(asked, str) else asked
        return list(zip(questions, texts, strict=False))

    @model_validator(mode="after")
    def _fits(self) -> ScoreRequest:
        asked, told = self.queries or self.text_1, self.documents or self.text_2
        if not asked or not told:
            raise ValueError("give queries and documents")
        many = 1 if isinstance(told, str) else len(told)
        if not isinstance(asked, str) and len(asked) != many:
            raise ValueError("as many queries as documents, or one")
        return self


class PairScore(BaseModel):
    """The score of a pair by its place."""

    index: int
    object: str = "score"
    score: float


class ScoreReply(BaseModel):
    """The scores in the order of the pairs."""

    id: str
    object: str = "list"
    model: str
    data: list[PairScore]
    usage: dict[str, int]


@router.post("/rerank")
@router.post("/v1/rerank")
@router.post("/v2/rerank")
async def rerank(
    body: RerankRequest, request: Request, serving: Served, who: Who
) -> RerankReply | list[TeiRank]:
    """Orders texts by how well they answer the question."""
    who.require("search")
    name, scores, tokens = await serving.desk.run(
        request, lambda _: _scored(serving, who, body.model, body.query, body.given)
    )
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))[: body.top_n]
    if body.texts is not None:
        texts = body.texts if body.return_text else None
        return [TeiRank(index=i, score=scores[i], text=texts[i] if texts else None) for i in order]
    results = [
        RankedDocument(
            index=i,
            relevance_score=scores[i],
            document=TextDocument(text=body.given[i]) if body.return_documents else None,
        )
        for i in order
    ]
    meta = {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}
    usage = {"total_tokens": tokens}
    return RerankReply(id=uuid4().hex, model=name, results=results, usage=usage, meta=meta)


@router.post("/score")
async def score(body: ScoreRequest, request: Request, serving: Served, who: Who) -> ScoreReply:
    """Scores pairs of question and text."""
    who.require("search")
    pairs = body.pairs
    asked = list(dict.fromkeys(question for question, _ in pairs))

    def work(_: Any) -> tuple[str, list[float], int]:
        scores, tokens, name = [0.0] * len(pairs), 0, ""
        for question in asked:
            places = [i for i, pair in enumerate(pairs) if pair[0] == question]
            name, found, read = _scored(
                serving, who, body.model, question, [pairs[i][1] for i in places]
            )
            tokens += read
            for place, value in zip(places, found, strict=True):
                scores[place] = value
        return name, scores, tokens

    name, scores, tokens = await serving.desk.run(request, work)
    data = [PairScore(index=i, score=value) for i, value in enumerate(scores)]
    return ScoreReply(id=uuid4().hex, model=name, data=data, usage={"total_tokens": tokens})


def _scored(
    serving: Serving, who: Principal, model: str, question: str, texts: Sequence[str]
) -> tuple[str, list[float], int]:
    """The model's name, a score for each text, and the tokens that were read."""
    with who.using(model) as space:
        found = score_texts(space, question, texts)
        name = space.solution.name
    used = Usage(encoder_tokens=found.tokens)
    serving.door.count(who, used)
    serving.metrics.used(used)
    return name, found.scores, found.tokens
