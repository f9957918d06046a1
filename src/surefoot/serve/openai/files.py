"""`/v1/files`: originals that are kept. A file is a document once a vector store has it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, File, Form, Path, Query, Request, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel

from surefoot.run.uploads import keep_upload
from surefoot.serve.holdings import Holdings, holdings
from surefoot.serve.paging import Deleted, Listed, Paged, listed
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served
from surefoot.serve.who import Principal, Who
from surefoot.store.uploads import Upload

router = APIRouter(prefix="/v1/files", tags=["files"])
Purpose = Literal["assistants", "user_data", "fine-tune", "batch", "evals", "vision"]
FileId = Annotated[str, Path(max_length=512)]
NS: Final = 10**9
_MAX_NAME: Final = 255


class FileObject(BaseModel):
    """A file; `created_at` in unix seconds."""

    id: str
    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    filename: str
    purpose: str
    status: Literal["uploaded", "processed", "error"]
    expires_at: int | None = None


@router.post("")
async def create(
    request: Request,
    serving: Served,
    who: Who,
    file: Annotated[UploadFile, File()],
    purpose: Annotated[Purpose, Form()],
) -> FileObject:
    """Keeps a file for the user and groups of the key; it is on disk when this returns."""
    who.require("write")
    data, name = await file.read(), safe_name(file.filename)

    def work(_: Any) -> FileObject:
        with holdings(who) as held, who.tenant.writing:
            new = Upload(
                "", name, "", 0, serving.clock_ns(), purpose, acl=held.acl, owner=held.owner
            )
            return file_object(keep_upload(who.tenant.default, data, new))

    return await serving.desk.run(request, work)


@router.get("")
async def all_files(
    request: Request,
    serving: Served,
    who: Who,
    page: Paged,
    purpose: Annotated[str, Query(max_length=64)] = "",
) -> Listed[FileObject]:
    """The files that the key may see."""
    who.require("search")

    def work(_: Any) -> Listed[FileObject]:
        with holdings(who) as held:
            found = [one for one in held.uploads.all() if held.sees(one)]
        wanted = [one for one in found if not purpose or one.purpose == purpose]
        wanted.sort(key=lambda one: (one.created_ns, one.id))
        some, more = page.of(wanted)
        return Listed[FileObject](**listed([file_object(one) for one in some], more))

    return await serving.desk.run(request, work)


@router.get("/{file_id}")
async def one_file(file_id: FileId, request: Request, serving: Served, who: Who) -> FileObject:
    """A file."""
    who.require("search")
    return await serving.desk.run(request, lambda _: file_object(_seen(who, file_id)))


@router.get("/{file_id}/content", response_class=FileResponse)
async def content(file_id: FileId, request: Request, serving: Served, who: Who) -> FileResponse:
    """Its bytes, to be saved and never shown as a page."""
    who.require("search")

    def work(_: Any) -> FileResponse:
        upload = _seen(who, file_id)
        with holdings(who) as held:
            place = held.uploads.content(upload)
        return FileResponse(
            place,
            media_type="application/octet-stream",
            filename=upload.name,
            headers={"X-Content-Type-Options": "nosniff"},
        )

    return await serving.desk.run(request, work)


@router.delete("/{file_id}")
async def delete(file_id: FileId, request: Request, serving: Served, who: Who) -> Deleted:
    """Deletes a file and its document; nothing finds its text when this returns."""
    who.require("write")

    def work(_: Any) -> Deleted:
        with holdings(who) as held:
            upload = held.own(held.uploads.find(file_id), "file", file_id)
            held.erase([upload.id])
            for store in upload.stores:
                held.records.delete(member_id(store, upload.id))
        return Deleted(id=file_id, object="file")

    return await serving.desk.run(request, work)


def member_id(store: str, file: str) -> str:
    """The id of the record that a file is in a store."""
    return f"{store}/{file}"


def safe_name(given: str | None) -> str:
    """The name of a file without folders.

    Raises:
        Refused: 400, there is none.
    """
    name = PurePosixPath((given or "").replace("\\", "/")).name.replace("\0", "")
    if not name or len(name.encode()) > _MAX_NAME:
        raise Refused(400, "the file needs a name of 1 to 255 bytes", code="invalid", param="file")
    return name


def file_object(upload: Upload) -> FileObject:
    """An upload as it is told."""
    return FileObject(
        id=upload.id,
        bytes=upload.size,
        created_at=upload.created_ns // NS,
        filename=upload.name,
        purpose=upload.purpose,
        status="processed" if upload.listed else "uploaded",
    )


def _seen(who: Principal, id: str) -> Upload:
    with holdings(who) as held:
        return seen_upload(held, id)


def seen_upload(held: Holdings, id: str) -> Upload:
    """An upload that the principal may see; raises MissingError."""
    return held.seen(held.uploads.find(id), "file", id)
