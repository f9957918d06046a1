"""Named collections of files: what is in them, who may use them, how long they last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import uuid4

from surefoot.core.filters import Comparison, Compound, Filter
from surefoot.core.roles import Scope
from surefoot.core.types import Meta
from surefoot.ingest.sources.uploads import NAME, STORES, document_id
from surefoot.serve.holdings import Holdings
from surefoot.serve.openai.files import NS, member_id
from surefoot.serve.openai.store_shapes import (
    Batch,
    Chunking,
    FileAdd,
    FileCounts,
    StoreCreate,
    StoreFile,
    StoreUpdate,
    VectorStore,
)
from surefoot.serve.problems import Refused
from surefoot.serve.who import Principal
from surefoot.store.records import Record
from surefoot.store.uploads import Upload

_DAY_NS: Final = 86_400 * NS
_STORE: Final = "vector_store"
_MEMBER: Final = "vector_store.file"
_BATCH: Final = "vector_store.batch"


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores of a tenant, as one principal sees them, at one moment (unix time in nanoseconds)."""

    held: Holdings
    now_ns: int

    def create(self, body: StoreCreate) -> Record:
        """A new store, with files where some are named."""
        check_chunking(body.chunking_strategy)
        uploads = [self._file(id) for id in body.file_ids]
        store = Record(
            f"vs_{uuid4().hex}",
            _STORE,
            self.now_ns,
            {
                "name": body.name or "",
                "description": body.description,
                "metadata": body.metadata,
                "expires_after": body.expires_after and body.expires_after.model_dump(),
                "active_ns": self.now_ns,
            },
            owner=self.held.owner,
            acl=self.held.acl,
        )
        self.held.records.put(store)
        if uploads:
            self.add(store, [FileAdd(file_id=one.id) for one in uploads])
        return store

    def all(self) -> list[Record]:
        """The stores that the principal may see, oldest first."""
        return [one for one in self.held.records.all(_STORE) if self.held.sees(one)]

    def get(self, id: str, *, change: bool = False) -> Record:
        """A store, one's own where it is to be changed. Raises as `Holdings.own`."""
        found = self.held.records.find(id, _STORE)
        check = self.held.own if change else self.held.seen
        return check(found, "vector store", id)

    def usable(self, id: str, *, change: bool = False) -> Record:
        """The same, used now: its days begin anew.

        Raises:
            Refused: 400, it has expired.
        """
        store = self.get(id, change=change)
        if self._expired(store):
            raise Refused(400, f"the vector store {id!r} has expired", code="expired")
        used = replace(store, body={**store.body, "active_ns": self.now_ns})
        self.held.records.put(used)
        return used

    def update(self, id: str, body: StoreUpdate) -> Record:
        """Changes what the request names."""
        store = self.usable(id, change=True)
        changed = replace(store, body={**store.body, **body.model_dump(exclude_unset=True)})
        self.held.records.put(changed)
        return changed

    def delete(self, id: str) -> None:
        """Removes a store. Its files stay as files; what no other store has is no document any more."""
        store = self.get(id, change=True)
        self._let_go(store, [one.body["file"] for one in self.members(store)])
        self.held.records.delete(store.id)

    def add(self, store: Record, files: Sequence[FileAdd]) -> list[Record]:
        """Puts files into a store; when it returns they are found there, or their record says why not."""
        given = {one.file_id: one for one in files}
        for one in given.values():
            check_chunking(one.chunking_strategy)
            _check_attributes(one.attributes)
        with self.held.who.tenant.writing:
            changed = []
            for id, one in given.items():
                upload = self._file(id)
                meta: Meta = upload.meta if one.attributes is None else one.attributes
                stores = tuple(dict.fromkeys((*upload.stores, store.id)))
                changed.append(replace(upload, meta=meta, stores=stores, listed=True))
            failed = {one.id: str(one) for one in self.held.publish(changed).problems}
            return [self._member(store, one, failed) for one in changed]

    def change(self, store: Record, file: str, attributes: dict[str, Any] | None) -> Record:
        """New attributes for a file of the store."""
        self.member(store, file)
        return self.add(store, [FileAdd(file_id=file, attributes=attributes or {})])[0]

    def take_out(self, store: Record, file: str) -> None:
        """Removes a file from a store; the file stays."""
        self.member(store, file)
        self._let_go(store, [file])

    def members(self, store: Record) -> list[Record]:
        """The files of a store, oldest first."""
        return self.held.records.all(_MEMBER, store.id)

    def member(self, store: Record, file: str) -> Record:
        """One of them; raises MissingError."""
        return self.held.records.get(member_id(store.id, file), _MEMBER, "file in this store")

    def batch(self, store: Record, files: Sequence[FileAdd]) -> Record:
        """Adds files at once; they are done when it returns."""
        self.add(store, files)
        ids = list(dict.fromkeys(one.file_id for one in files))
        body = {"files": ids}
        made = Record(f"vsfb_{uuid4().hex}", _BATCH, self.now_ns, body, holder=store.id)
        self.held.records.put(made)
        return made

    def batch_of(self, store: Record, id: str) -> Record:
        """A batch of this store; raises MissingError."""
        found = self.held.records.find(id, _BATCH)
        return self.held.seen(
            found if found and found.holder == store.id else None, "file batch", id
        )

    def batch_members(self, store: Record, batch: Record) -> list[Record]:
        """The files of a batch that the store still has."""
        return [one for one in self.members(store) if one.body["file"] in batch.body["files"]]

    def shown(self, store: Record) -> VectorStore:
        """A store as it is told."""
        members = self.members(store)
        days, active = _days(store), store.body["active_ns"]
        body = {k: store.body[k] for k in ("name", "description", "metadata", "expires_after")}
        body["name"] = body["name"] or ""
        return VectorStore(
            id=store.id,
            created_at=store.created_ns // NS,
            status="expired" if self._expired(store) else "completed",
            usage_bytes=sum(one.body["bytes"] for one in members),
            file_counts=_counts(members),
            last_active_at=active // NS,
            expires_at=(active + days * _DAY_NS) // NS if days else None,
            **body,
        )

    def shown_file(self, member: Record) -> StoreFile:
        """A file of a store as it is told."""
        upload = self.held.uploads.find(member.body["file"])
        return StoreFile(
            id=member.body["file"],
            created_at=member.created_ns // NS,
            status=member.body["status"],
            last_error=member.body["error"],
            usage_bytes=member.body["bytes"],
            vector_store_id=member.holder,
            attributes=dict(upload.meta) if upload else {},
            chunking_strategy=Chunking(),
        )

    def shown_batch(self, store: Record, batch: Record) -> Batch:
        """A batch as it is told."""
        counts = _counts(self.batch_members(store, batch))
        failed = counts.failed and counts.failed == counts.total
        return Batch(
            id=batch.id,
            created_at=batch.created_ns // NS,
            vector_store_id=store.id,
            status="failed" if failed else "completed",
            file_counts=counts,
        )

    def _file(self, id: str) -> Upload:
        return self.held.own(self.held.uploads.find(id), "file", id)

    def _member(self, store: Record, upload: Upload, failed: dict[str, str]) -> Record:
        """Keeps that a file is in the store, and how reading it went."""
        problem = failed.get(document_id(upload.id))
        id = member_id(store.id, upload.id)
        former = self.held.records.find(id, _MEMBER)
        body = {
            "file": upload.id,
            "bytes": upload.size,
            "status": "failed" if problem else "completed",
            "error": {"code": "invalid_file", "message": problem} if problem else None,
        }
        created = former.created_ns if former else self.now_ns
        made = Record(id, _MEMBER, created, body, holder=store.id)
        self.held.records.put(made)
        return made

    def _let_go(self, store: Record, files: Sequence[str]) -> None:
        with self.held.who.tenant.writing:
            found = [one for id in files if (one := self.held.uploads.find(id)) is not None]
            left = [
                replace(one, stores=tuple(s for s in one.stores if s != store.id)) for one in found
            ]
            if gone := [one for one in left if not one.stores]:
                self.held.withdraw(gone)
            if kept := [one for one in left if one.stores]:
                self.held.publish(kept)
            for id in files:
                self.held.records.delete(member_id(store.id, id))

    def _expired(self, store: Record) -> bool:
        days = _days(store)
        return bool(days) and self.now_ns >= store.body["active_ns"] + days * _DAY_NS


def within(stores: Sequence[Record], filter: Filter | None) -> Filter:
    """A filter that lets through only what is in these stores; what other sources say of themselves does not count."""
    uploaded = Comparison("eq", "source", NAME)
    held = Comparison("in", STORES, tuple(one.id for one in stores))
    return Compound("and", (uploaded, held) if filter is None else (uploaded, held, filter))


def nothing() -> Filter:
    """A filter that lets nothing through."""
    return Compound("and", (Comparison("eq", "source", NAME), Comparison("in", "source", ())))


def any_stored(who: Principal, model: str = "") -> bool:
    """Whether the principal may read any document of any store; where there is none, filters know no stores."""
    with who.using(model) as space:
        return STORES in space.resources.index().keys(scope=Scope(asker=who.asker))


def check_chunking(wanted: Chunking | None) -> None:
    """Raises Refused (400) where it is not ours."""
    if wanted is not None and wanted.type != "auto":
        text = "files are cut by the chunker of the solution: only auto is served"
        raise Refused(400, text, code="unsupported", param="chunking_strategy")


def _check_attributes(given: dict[str, Any] | None) -> None:
    if given and STORES in given:
        text = f"the attribute {STORES!r} is kept for the stores of a file"
        raise Refused(400, text, code="invalid", param="attributes")


def _days(store: Record) -> int:
    wanted = store.body["expires_after"]
    return int(wanted["days"]) if wanted else 0


def _counts(members: Sequence[Record]) -> FileCounts:
    found = Counter(one.body["status"] for one in members)
    return FileCounts(**found, total=len(members))
