"""The endpoints of the ChatGPT retrieval plugin: `/upsert`, `/upsert-file`, `/query`, `/delete`.

What they take in are uploads of the workspace; `/query` searches all that the key may read. A document's `source` in
the plugin's sense is kept as `plugin_source`, because `source` is where the house found a document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal
from uuid import uuid4

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, ValidationError

from surefoot.core.filters import Comparison, Compound, Filter, keys_of, passes
from surefoot.core.roles import Scope
from surefoot.core.types import Hit, Meta
from surefoot.ingest.sources.uploads import NAME, document_id
from surefoot.run.uploads import keep_upload
from surefoot.serve.answering import MAX_QUESTION, Question, search
from surefoot.serve.desk import Gone
from surefoot.serve.holdings import Holdings, holdings
from surefoot.serve.openai.files import safe_name
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served, Serving
from surefoot.serve.who import Principal, Who
from surefoot.store.uploads import Upload

router = APIRouter(tags=["plugin"])
PURPOSE: Final = "plugin"
_SOURCE: Final = "plugin_source"
_INNER: Final = f"{NAME}/"
Id = Annotated[str, Field(min_length=1, max_length=400)]
Short = Annotated[str, Field(max_length=2000)]


class PluginMetadata(BaseModel):
    """What is known of a document; `created_at` is ISO 8601."""

    source: Literal["email", "file", "chat"] | None = None
    source_id: Short | None = None
    url: Short | None = None
    created_at: Short | None = None
    author: Short | None = None


class ChunkMetadata(PluginMetadata):
    """The same of a passage, with its document."""

    document_id: str | None = None


class MetadataFilter(BaseModel):
    """All that is given must hold; dates are ISO 8601 and belong to the range."""

    document_id: Short | None = None
    source: Literal["email", "file", "chat"] | None = None
    source_id: Short | None = None
    author: Short | None = None
    start_date: Short | None = None
    end_date: Short | None = None


class PluginDocument(BaseModel):
    """A text to keep; one with the id of another replaces it."""

    id: Id | None = None
    text: Annotated[str, Field(min_length=1, max_length=5_000_000)]
    metadata: PluginMetadata | None = None


class UpsertRequest(BaseModel):
    """Documents to keep."""

    documents: Annotated[list[PluginDocument], Field(min_length=1, max_length=1000)]


class UpsertReply(BaseModel):
    """Their ids, in their order."""

    ids: list[str]


class PluginQuery(BaseModel):
    """A question with what its passages must be."""

    query: Annotated[str, Field(min_length=1, max_length=MAX_QUESTION)]
    filter: MetadataFilter | None = None
    top_k: Annotated[int, Field(ge=1, le=50)] = 3


class QueryRequest(BaseModel):
    """Several at once."""

    queries: Annotated[list[PluginQuery], Field(min_length=1, max_length=20)]


class FoundPassage(BaseModel):
    """A passage with its score."""

    id: str
    text: str
    metadata: ChunkMetadata
    embedding: list[float] | None = None
    score: float


class QueryResult(BaseModel):
    """What one question found, best first."""

    query: str
    results: list[FoundPassage]


class QueryReply(BaseModel):
    """In the order of the questions."""

    results: list[QueryResult]


class DeleteRequest(BaseModel):
    """Which documents go: by id, by what they are, or all that this key has given."""

    ids: Annotated[list[Id], Field(max_length=1000)] | None = None
    filter: MetadataFilter | None = None
    delete_all: bool = False


class DeleteReply(BaseModel):
    """They are gone."""

    success: bool


@router.post("/upsert")
async def upsert(body: UpsertRequest, request: Request, serving: Served, who: Who) -> UpsertReply:
    """Keeps texts; when it returns they are found."""
    who.require("write")
    given = [
        (one.id or uuid4().hex, one.text.encode(), "", one.metadata or PluginMetadata())
        for one in body.documents
    ]
    return await serving.desk.run(request, lambda _: _kept(serving, who, given))


@router.post("/upsert-file")
async def upsert_file(
    request: Request,
    serving: Served,
    who: Who,
    file: Annotated[UploadFile, File()],
    metadata: Annotated[str | None, Form(max_length=20_000)] = None,
) -> UpsertReply:
    """Keeps a file of any format that is read; metadata that is no JSON object counts as `source = file`."""
    who.require("write")
    data, name = await file.read(), safe_name(file.filename)
    try:
        told = PluginMetadata.model_validate_json(metadata or "")
    except ValidationError:
        told = PluginMetadata(source="file")
    given = [(uuid4().hex, data, name, told)]
    return await serving.desk.run(request, lambda _: _kept(serving, who, given))


@router.post("/query")
async def query(body: QueryRequest, request: Request, serving: Served, who: Who) -> QueryReply:
    """The best passages for each question."""
    who.require("search")

    def work(gone: Gone) -> QueryReply:
        return QueryReply(
            results=[
                QueryResult(query=one.query, results=_found(serving, who, one, gone))
                for one in body.queries
            ]
        )

    return await serving.desk.run(request, work)


@router.delete("/delete")
async def delete(body: DeleteRequest, request: Request, serving: Served, who: Who) -> DeleteReply:
    """Removes documents that this key has given; when it returns they are found no more."""
    who.require("write")
    if not (body.ids or body.filter or body.delete_all):
        raise Refused(400, "give ids, filter or delete_all", code="invalid")

    def work(_: Gone) -> DeleteReply:
        with holdings(who) as held:
            held.erase([one.id for one in _given(held) if _is_meant(one, body)])
        return DeleteReply(success=True)

    return await serving.desk.run(request, work)


@router.get("/sub/openapi.json", include_in_schema=False)
def described() -> dict[str, Any]:
    """The description that chat products read: the query alone."""
    routes = [one for one in router.routes if isinstance(one, APIRoute) and one.path == "/query"]
    return get_openapi(title="surefoot", version="1", routes=routes)


def _kept(
    serving: Serving, who: Principal, given: Sequence[tuple[str, bytes, str, PluginMetadata]]
) -> UpsertReply:
    with holdings(who) as held:
        uploads = []
        for id, data, name, metadata in given:
            former = held.uploads.find(id)
            if former is not None:
                held.own(former, "document", id)
            meta = _meta(metadata)
            wanted = Upload(
                id, name or f"{id[:80]}.txt", "", 0, serving.clock_ns(), PURPOSE,
                stores=former.stores if former else (), meta=meta, acl=held.acl, owner=held.owner,
            )  # fmt: skip
            uploads.append(keep_upload(who.tenant.default, data, wanted))
        report = held.publish(uploads)
    if report.problems:
        raise Refused(422, f"{report.problems[0].id}: {report.problems[0].reason}", code="data")
    return UpsertReply(ids=[one.id for one in uploads])


def _found(serving: Serving, who: Principal, one: PluginQuery, gone: Gone) -> list[FoundPassage]:
    wanted = _filter(one.filter) if one.filter else None
    if wanted is not None and not _known(who, wanted):
        return []
    question = Question(one.query, filter=wanted)
    _, hits = search(serving, who, question, gone, limit=one.top_k)
    return [_passage(hit) for hit in hits]


def _passage(hit: Hit) -> FoundPassage:
    chunk = hit.chunk
    said = {name: str(chunk.meta[name]) for name in _KEPT if name in chunk.meta}
    source = chunk.meta.get(_SOURCE)
    metadata = ChunkMetadata.model_validate(
        {**said, "source": source, "document_id": chunk.document_id.removeprefix(_INNER)}
    )
    return FoundPassage(id=chunk.id, text=chunk.text, metadata=metadata, score=hit.score)


_KEPT: Final = ("source_id", "url", "created_at", "author")


def _meta(metadata: PluginMetadata) -> Meta:
    said: Mapping[str, str] = json.loads(metadata.model_dump_json(exclude_none=True))
    return {(_SOURCE if name == "source" else name): value for name, value in said.items()}


def _comparisons(wanted: MetadataFilter) -> list[Comparison]:
    found = []
    if wanted.document_id:
        ids = (wanted.document_id, document_id(wanted.document_id))
        found.append(Comparison("in", "document_id", ids))
    for key, value in (
        (_SOURCE, wanted.source),
        ("source_id", wanted.source_id),
        ("author", wanted.author),
    ):
        if value:
            found.append(Comparison("eq", key, value))
    if wanted.start_date:
        found.append(Comparison("gte", "created_at", wanted.start_date))
    if wanted.end_date:
        found.append(Comparison("lte", "created_at", wanted.end_date))
    return found


def _filter(wanted: MetadataFilter) -> Filter | None:
    found = _comparisons(wanted)
    if not found:
        return None
    return found[0] if len(found) == 1 else Compound("and", tuple(found))


def _known(who: Principal, wanted: Filter) -> bool:
    """Whether any document has what is filtered by; where none has, nothing is found."""
    with who.using() as space:
        keys = {*space.resources.index().keys(scope=Scope(asker=who.asker)), "document_id"}
    return keys_of(wanted) <= keys


def _given(held: Holdings) -> list[Upload]:
    """What this principal has given; the owner at the machine may remove what anybody has."""
    uploads = [one for one in held.uploads.all() if one.purpose == PURPOSE]
    return [one for one in uploads if held.who.asker.is_owner or one.owner == held.owner]


def _is_meant(one: Upload, body: DeleteRequest) -> bool:
    if body.delete_all or one.id in (body.ids or ()):
        return True
    if body.filter is None:
        return False
    wanted = _filter(body.filter)
    if wanted is None:
        return False
    return passes(wanted, {**one.meta, "document_id": one.id})
