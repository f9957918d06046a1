"""`/v1/vector_stores`: named collections of files, searched within the rights of the key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Request

from surefoot.core.roles import Scope
from surefoot.core.types import Hit
from surefoot.ingest.sources.uploads import NAME, document_id
from surefoot.serve.answering import Question, search
from surefoot.serve.desk import Gone
from surefoot.serve.holdings import holdings
from surefoot.serve.openai.store_shapes import (
    Batch,
    BatchCreate,
    ContentPage,
    FileAdd,
    FileChange,
    FoundFile,
    SearchPage,
    StoreCreate,
    StoreFile,
    StoreSearch,
    StoreUpdate,
    Text,
    VectorStore,
)
from surefoot.serve.openai.stores import Stores, any_stored, check_chunking, within
from surefoot.serve.paging import Deleted, Listed, Paged, listed
from surefoot.serve.problems import Refused
from surefoot.serve.search import filter_of
from surefoot.serve.serving import Served, Serving
from surefoot.serve.who import Principal, Who
from surefoot.store.records import Record
from surefoot.store.uploads import UploadBook

router = APIRouter(prefix="/v1/vector_stores", tags=["vector stores"])
Id = Annotated[str, Path(max_length=512)]
T = TypeVar("T")


async def _do(request: Request, serving: Serving, who: Principal, work: Callable[[Stores], T]) -> T:
    def done(_: Gone) -> T:
        with holdings(who) as held:
            return work(Stores(held, serving.clock_ns()))

    return await serving.desk.run(request, done)


@router.post("")
async def create(body: StoreCreate, request: Request, serving: Served, who: Who) -> VectorStore:
    """Makes a store; the files it is given are found in it when this returns."""
    who.require("write")
    return await _do(request, serving, who, lambda stores: stores.shown(stores.create(body)))


@router.get("")
async def all_stores(
    request: Request, serving: Served, who: Who, page: Paged
) -> Listed[VectorStore]:
    """The stores that the key may see."""
    who.require("search")

    def work(stores: Stores) -> Listed[VectorStore]:
        some, more = page.of(stores.all())
        return Listed[VectorStore](**listed([stores.shown(one) for one in some], more))

    return await _do(request, serving, who, work)


@router.get("/{store_id}")
async def one_store(store_id: Id, request: Request, serving: Served, who: Who) -> VectorStore:
    """A store."""
    who.require("search")
    return await _do(request, serving, who, lambda stores: stores.shown(stores.get(store_id)))


@router.post("/{store_id}")
async def update(
    store_id: Id, body: StoreUpdate, request: Request, serving: Served, who: Who
) -> VectorStore:
    """Changes its name, metadata or days."""
    who.require("write")
    return await _do(
        request, serving, who, lambda stores: stores.shown(stores.update(store_id, body))
    )


@router.delete("/{store_id}")
async def delete(store_id: Id, request: Request, serving: Served, who: Who) -> Deleted:
    """Deletes a store; its files stay, and are found only where another store has them."""
    who.require("write")
    await _do(request, serving, who, lambda stores: stores.delete(store_id))
    return Deleted(id=store_id, object="vector_store.deleted")


@router.post("/{store_id}/search")
async def find(
    store_id: Id, body: StoreSearch, request: Request, serving: Served, who: Who
) -> SearchPage:
    """The best passages of a store that the key may read."""
    who.require("search")
    _check_search(body)
    asked = [body.query] if isinstance(body.query, str) else body.query
    wanted = filter_of(body.filters)

    def work(gone: Gone) -> SearchPage:
        with holdings(who) as held:
            store = Stores(held, serving.clock_ns()).usable(store_id)
            best: dict[str, Hit] = {}
            for text in asked if any_stored(who) else ():
                question = Question(text, filter=within([store], wanted))
                _, hits = search(serving, who, question, gone, limit=body.max_num_results)
                for hit in hits:
                    if hit.chunk.id not in best or best[hit.chunk.id].score < hit.score:
                        best[hit.chunk.id] = hit
            data = found_files(held.uploads, list(best.values()), body.threshold)
        return SearchPage(search_query=asked, data=data[: body.max_num_results])

    return await serving.desk.run(request, work)


@router.post("/{store_id}/files")
async def add_file(
    store_id: Id, body: FileAdd, request: Request, serving: Served, who: Who
) -> StoreFile:
    """Puts a file into a store; it is found there when this returns, or `last_error` says why not."""
    who.require("write")

    def work(stores: Stores) -> StoreFile:
        store = stores.usable(store_id, change=True)
        return stores.shown_file(stores.add(store, [body])[0])

    return await _do(request, serving, who, work)


@router.get("/{store_id}/files")
async def all_files(
    store_id: Id,
    request: Request,
    serving: Served,
    who: Who,
    page: Paged,
    filter: str = "",
) -> Listed[StoreFile]:
    """The files of a store; `filter` is a status."""
    who.require("search")

    def work(stores: Stores) -> Listed[StoreFile]:
        return _files(stores, stores.members(stores.get(store_id)), page, filter)

    return await _do(request, serving, who, work)


@router.get("/{store_id}/files/{file_id}")
async def one_file(
    store_id: Id, file_id: Id, request: Request, serving: Served, who: Who
) -> StoreFile:
    """A file of a store."""
    who.require("search")

    def work(stores: Stores) -> StoreFile:
        return stores.shown_file(stores.member(stores.get(store_id), file_id))

    return await _do(request, serving, who, work)


@router.post("/{store_id}/files/{file_id}")
async def change_file(
    store_id: Id, file_id: Id, body: FileChange, request: Request, serving: Served, who: Who
) -> StoreFile:
    """Gives a file other attributes, in every store that has it."""
    who.require("write")

    def work(stores: Stores) -> StoreFile:
        store = stores.usable(store_id, change=True)
        return stores.shown_file(stores.change(store, file_id, body.attributes))

    return await _do(request, serving, who, work)


@router.delete("/{store_id}/files/{file_id}")
async def take_out(
    store_id: Id, file_id: Id, request: Request, serving: Served, who: Who
) -> Deleted:
    """Takes a file out of a store; the file stays."""
    who.require("write")
    await _do(
        request,
        serving,
        who,
        lambda stores: stores.take_out(stores.get(store_id, change=True), file_id),
    )
    return Deleted(id=file_id, object="vector_store.file.deleted")


@router.get("/{store_id}/files/{file_id}/content")
async def content(
    store_id: Id, file_id: Id, request: Request, serving: Served, who: Who
) -> ContentPage:
    """The text of a file as it was read."""
    who.require("search")

    def work(stores: Stores) -> ContentPage:
        stores.member(stores.get(store_id), file_id)
        with who.using() as space:
            scope = Scope(asker=who.asker)
            found = space.resources.index().document(document_id(file_id), scope=scope)
        return ContentPage(data=[Text(text=found.text)] if found else [])

    return await _do(request, serving, who, work)


@router.post("/{store_id}/file_batches")
async def add_batch(
    store_id: Id, body: BatchCreate, request: Request, serving: Served, who: Who
) -> Batch:
    """Puts several files into a store; all is done when this returns."""
    who.require("write")
    check_chunking(body.chunking_strategy)
    files = _batch_files(body)

    def work(stores: Stores) -> Batch:
        store = stores.usable(store_id, change=True)
        return stores.shown_batch(store, stores.batch(store, files))

    return await _do(request, serving, who, work)


@router.get("/{store_id}/file_batches/{batch_id}")
async def one_batch(
    store_id: Id, batch_id: Id, request: Request, serving: Served, who: Who
) -> Batch:
    """A batch."""
    who.require("search")

    def work(stores: Stores) -> Batch:
        store = stores.get(store_id)
        return stores.shown_batch(store, stores.batch_of(store, batch_id))

    return await _do(request, serving, who, work)


@router.post("/{store_id}/file_batches/{batch_id}/cancel")
async def cancel_batch(
    store_id: Id, batch_id: Id, request: Request, serving: Served, who: Who
) -> Batch:
    """Cancels nothing, since a batch is done when it is first told of; gives it as it is."""
    who.require("write")

    def work(stores: Stores) -> Batch:
        store = stores.get(store_id, change=True)
        return stores.shown_batch(store, stores.batch_of(store, batch_id))

    return await _do(request, serving, who, work)


@router.get("/{store_id}/file_batches/{batch_id}/files")
async def batch_files(
    store_id: Id, batch_id: Id, request: Request, serving: Served, who: Who, page: Paged
) -> Listed[StoreFile]:
    """The files of a batch."""
    who.require("search")

    def work(stores: Stores) -> Listed[StoreFile]:
        store = stores.get(store_id)
        members = stores.batch_members(store, stores.batch_of(store, batch_id))
        return _files(stores, members, page, "")

    return await _do(request, serving, who, work)


def found_files(
    uploads: UploadBook, hits: Sequence[Hit], threshold: float | None
) -> list[FoundFile]:
    """Hits as passages of files, best first."""
    made = []
    for hit in sorted(hits, key=lambda hit: (-hit.score, hit.chunk.id)):
        if threshold is not None and hit.score < threshold:
            continue
        id = hit.chunk.document_id.removeprefix(f"{NAME}/")
        upload = uploads.find(id)
        made.append(
            FoundFile(
                file_id=id,
                filename=upload.name if upload else hit.chunk.title or id,
                score=hit.score,
                attributes=dict(upload.meta if upload else hit.chunk.meta),
                content=[Text(text=hit.chunk.text)],
            )
        )
    return made


def _files(stores: Stores, members: list[Record], page: Paged, status: str) -> Listed[StoreFile]:
    shown = [stores.shown_file(one) for one in members if status in ("", one.body["status"])]
    some, more = page.of(shown)
    return Listed[StoreFile](**listed(some, more))


def _batch_files(body: BatchCreate) -> list[FileAdd]:
    if (body.file_ids is None) == (body.files is None):
        raise Refused(400, "give file_ids or files", code="invalid", param="file_ids")
    if body.files is not None:
        return body.files
    return [FileAdd(file_id=id, attributes=body.attributes) for id in body.file_ids or ()]


def _check_search(body: StoreSearch) -> None:
    if body.rewrite_query:
        text = "the stages of the solution rewrite questions: rewrite_query is not served"
        raise Refused(400, text, code="unsupported", param="rewrite_query")
    if body.ranking_options is not None and body.ranking_options.hybrid_search is not None:
        text = "the solution weighs its searches: hybrid_search is not served"
        raise Refused(400, text, code="unsupported", param="ranking_options")
