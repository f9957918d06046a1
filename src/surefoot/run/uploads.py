"""Takes in and removes what is given to a workspace directly; what has returned is found, or gone, everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from surefoot.ingest.sources.uploads import UploadsSource, document_id
from surefoot.run.corpus import take_in
from surefoot.run.places import INNER
from surefoot.store.uploads import Upload, UploadBook

if TYPE_CHECKING:
    from surefoot.ingest.report import Report
    from surefoot.run.workspace import Workspace


@contextmanager
def uploads_of(space: Workspace) -> Iterator[UploadBook]:
    """The uploads of a workspace."""
    book = UploadBook.at(space.root / INNER, space.settings.settings.ledger)
    try:
        yield book
    finally:
        book.close()


def keep_upload(space: Workspace, data: bytes, upload: Upload) -> Upload:
    """Keeps an original with its row; it is a document only after `list_uploads`. An empty id is made up."""
    with uploads_of(space) as book:
        digest = book.keep(data)
        kept = replace(upload, id=upload.id or f"file-{uuid4().hex}", digest=digest, size=len(data))
        book.put(kept)
    return kept


def list_uploads(spaces: Sequence[Workspace], uploads: Sequence[Upload]) -> Report:
    """Makes uploads documents, as they are given, of every solution's index; the report is that of the first.

    When it returns, each of them is found by the next question. One that cannot be read is named in the report.
    """
    with uploads_of(spaces[0]) as book:
        for upload in uploads:
            book.put(replace(upload, listed=True))
        reports = [take_in(space, [UploadsSource(book)]) for space in spaces]
    return reports[0]


def delete_uploads(spaces: Sequence[Workspace], ids: Sequence[str]) -> int:
    """Removes uploads and their documents from every solution's index; returns how many uploads there were."""
    with uploads_of(spaces[0]) as book:
        documents = [document_id(id) for id in ids]
        for space in spaces:
            space.remove(documents)
        return book.delete(ids)
