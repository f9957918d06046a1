"""Whose files and collections are whose: what a principal may see and change, and which indexes that touches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar

from surefoot.core.errors import MissingError
from surefoot.core.types import Acl
from surefoot.ingest.report import Report
from surefoot.ingest.sources.uploads import document_id
from surefoot.run.places import INNER
from surefoot.run.uploads import delete_uploads, list_uploads
from surefoot.run.workspace import Workspace
from surefoot.serve.problems import Refused
from surefoot.serve.tenants import Tenant
from surefoot.serve.who import Principal
from surefoot.store.records import RecordBook
from surefoot.store.uploads import Upload, UploadBook

_PATIENCE_S: Final = 3.0


class Owned(Protocol):
    """Something with an owner and readers."""

    @property
    def id(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def acl(self) -> Acl: ...


O = TypeVar("O", bound=Owned)  # noqa: E741


@dataclass(frozen=True, slots=True)
class Holdings:
    """The uploads and records of a tenant, as one principal sees them."""

    who: Principal
    uploads: UploadBook
    records: RecordBook

    @property
    def owner(self) -> str:
        """Whose what it makes is: the user of the key, else the key itself."""
        key = self.who.key
        return (f"user:{key.user}" if key.user else f"key:{key.id}") if key else ""

    @property
    def acl(self) -> Acl:
        """Who may read what it makes: its user and groups; everyone in the tenant where it has none."""
        asker = self.who.asker
        users = (asker.user,) if asker.user else ()
        return Acl(not (users or asker.groups), users, asker.groups)

    def sees(self, one: Owned) -> bool:
        """Whether it may know of this."""
        asker, acl = self.who.asker, one.acl
        if asker.is_owner or acl.public or (self.owner and one.owner == self.owner):
            return True
        return asker.user in acl.users or bool({*asker.groups} & {*acl.groups})

    def seen(self, one: O | None, what: str, id: str) -> O:
        """The same.

        Raises:
            MissingError: there is none, or it is another's; both look alike.
        """
        if one is None or not self.sees(one):
            raise MissingError(f"there is no {what} {id!r}")
        return one

    def own(self, one: O | None, what: str, id: str) -> O:
        """The same, to be changed; raises as `seen`, and Refused (403) where it may only be read."""
        found = self.seen(one, what, id)
        if not self.who.asker.is_owner and found.owner != self.owner:
            raise Refused(403, f"the {what} {id!r} is another's", code="owner")
        return found

    def publish(self, uploads: Sequence[Upload]) -> Report:
        """Makes uploads documents as they are now, in every index of the tenant; when it returns they are found."""
        with writing(self.who.tenant) as spaces:
            return list_uploads(spaces, uploads)

    def withdraw(self, uploads: Sequence[Upload]) -> None:
        """Uploads are no documents any more, in no index; they stay as files."""
        with writing(self.who.tenant) as spaces:
            for upload in uploads:
                self.uploads.put(replace(upload, listed=False, stores=()))
            for space in spaces:
                space.remove([document_id(upload.id) for upload in uploads])

    def erase(self, ids: Sequence[str]) -> None:
        """Uploads are gone, with their documents."""
        with writing(self.who.tenant) as spaces:
            delete_uploads(spaces, ids)


@contextmanager
def holdings(who: Principal) -> Iterator[Holdings]:
    """What a tenant holds, open for one request."""
    folder = who.tenant.root / INNER
    ledger = who.tenant.default.settings.settings.ledger
    uploads = UploadBook.at(folder, ledger)
    records = RecordBook.at(folder, ledger)
    try:
        yield Holdings(who, uploads, records)
    finally:
        uploads.close()
        records.close()


@contextmanager
def writing(tenant: Tenant) -> Iterator[list[Workspace]]:
    """A workspace for each index of the tenant, the default one first; nobody else writes meanwhile.

    Raises:
        Refused: 503, somebody else writes for longer than a request should wait.
    """
    with ExitStack() as stack:
        if not tenant.writing.acquire(timeout=_PATIENCE_S):
            raise Refused(
                503, "the documents are being synced", code="busy", retry_s=2 * _PATIENCE_S
            )
        stack.callback(tenant.writing.release)
        spaces: dict[str, Workspace] = {}
        for model in tenant.models():
            space = stack.enter_context(tenant.using(model))
            if space.solution.corpus is not None:
                spaces.setdefault(space.resources.recipe, space)
        try:
            yield list(spaces.values())
        finally:
            tenant.answers.clear()
