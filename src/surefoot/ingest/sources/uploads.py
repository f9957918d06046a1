"""What was given to the workspace directly: a source that every corpus has, once there is something in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from surefoot.core.digest import digest_json
from surefoot.core.errors import DataError
from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.store.uploads import Upload, UploadBook

NAME: Final = "uploads"
STORES: Final = "stores"
"""The metadata key that holds the named collections of a document."""
_STEM_BYTES, _ENDING_BYTES = 180, 20  # file systems allow 255 for both


class UploadsSource:
    """The listed uploads; the ids of their documents are `uploads/ID`."""

    name = NAME

    def __init__(self, book: UploadBook) -> None:
        self._book = book

    def items(self) -> Iterator[SourceItem | SourceProblem]:
        """One item an upload, its content brought under its own name when it is read."""
        for upload in self._book.all():
            if upload.listed:
                yield self._item(upload)

    def _item(self, upload: Upload) -> SourceItem:
        meta = dict(upload.meta)
        if upload.stores:
            meta[STORES] = upload.stores
        acl = upload.acl
        said = digest_json([meta, acl.public, acl.users, acl.groups, upload.name])
        return SourceItem(
            id=document_id(upload.id),
            uri=str(upload.meta.get("url") or upload.name),
            source=NAME,
            fingerprint=f"{upload.digest}-{said[:16]}",
            meta=meta,
            acl=acl,
            distinct=True,
            load=partial(self._load, upload),
        )

    def _load(self, upload: Upload, folder: Path) -> Path:
        place = folder / _file_name(upload.name)
        try:
            shutil.copyfile(self._book.content(upload), place)
        except FileNotFoundError:
            raise DataError(
                "its content is gone", where=upload.id, hint="upload it again"
            ) from None
        return place


def document_id(upload_id: str) -> str:
    """The id of the document that an upload is."""
    return f"{NAME}/{upload_id}"


def _file_name(name: str) -> str:
    """What a file of this name, which may be any text, can be called in a folder; its ending stays."""
    last = name.replace("\\", "/").rpartition("/")[2]
    path = PurePosixPath("".join(sign for sign in last if sign.isprintable()))
    stem = _cut(path.stem, _STEM_BYTES)
    return f"{stem if stem.strip('.') else NAME}{_cut(path.suffix, _ENDING_BYTES)}"


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")
