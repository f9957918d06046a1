"""Names a state of the index and brings it back.

A snapshot pins one version of the passages and of the documents table by a branch of its own, which
compaction leaves alone, and counts from the moment that the manifest names it. Restoring first adds
the documents' rows that are gone, which count for nothing yet, then commits the old passages: a kill
in between leaves the state before, and restoring again finishes it. If the snapshot's recipe is not
live, that last commit is the switch to it.
"""

from __future__ import annotations

import builtins
import re
from dataclasses import asdict, dataclass
from typing import Any

from surefoot.core.crash import crash_point
from surefoot.core.digest import sha256_bytes
from surefoot.core.errors import ConfigError, MissingError
from surefoot.store.calls import wait
from surefoot.store.sql import any_value
from surefoot.store.tables import DOCUMENTS, HEADS, PASSAGES, Tables, passages_name, scan

_KEY = "snapshot:"
_NAME = re.compile(r"[\w.-]{1,64}")
_PAGE = 256


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A named state: the recipe that was live, the tables' versions, and how much there was."""

    name: str
    recipe: str
    passages_version: int
    documents_version: int
    documents: int
    chunks: int


class Snapshots:
    """The snapshots of a location."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def create(self, name: str) -> Snapshot:
        """Names the present state of the live recipe.

        Raises:
            ConfigError: the name is taken or not a name.
            MissingError: nothing is indexed yet.
        """
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"{name!r} is not a snapshot name", hint="use letters, digits, _ . and -"
            )
        with self._tables.writing():
            if any(snapshot.name == name for snapshot in self.list()):
                raise ConfigError(f"there is a snapshot {name!r} already", hint="delete it first")
            live = self._tables.live()
            if live is None:
                raise MissingError("nothing is indexed yet", where=self._tables.location)
            documents, passages = self._open(live)
            snapshot = Snapshot(
                name,
                live,
                wait(passages.version()),
                wait(documents.version()),
                wait(passages.count_rows(HEADS)),
                wait(passages.count_rows(PASSAGES)),
            )
            for table in (documents, passages):
                _unpin(table, name)
                wait(table.branches.create(_branch(name)))
                crash_point("snapshot.pinned")
            self._tables.record(f"{_KEY}{name}", asdict(snapshot))
        return snapshot

    def list(self) -> list[Snapshot]:
        """All snapshots, ordered by name."""
        manifest = self._tables.manifest()
        return [Snapshot(**manifest[key]) for key in sorted(manifest) if key.startswith(_KEY)]

    def restore(self, name: str) -> None:
        """Brings the index back to the state of that name.

        Raises:
            MissingError: there is no such snapshot.
        """
        with self._tables.writing():
            snapshot = self._get(name)
            documents, passages = self._open(snapshot.recipe)
            self._add_missing(documents, passages, name)
            crash_point("restore.documents")
            wait(passages.restore(snapshot.passages_version))
            crash_point("restore.passages")
            if self._tables.live() != snapshot.recipe:
                self._tables.make_live(snapshot.recipe)
            crash_point("restore.live")
            self._tables.clear_versions()

    def delete(self, name: str) -> None:
        """Forgets a snapshot; what only it needed goes with the next maintenance.

        Raises:
            MissingError: there is no such snapshot.
        """
        with self._tables.writing():
            snapshot = self._get(name)
            self._tables.forget(f"{_KEY}{name}")
            crash_point("snapshot.forgotten")
            for table in self._open(snapshot.recipe):
                _unpin(table, name)

    def mend(self, *, dry_run: bool) -> builtins.list[str]:
        """Takes away pins that no snapshot needs and snapshots whose pin is gone; says which."""
        found: list[str] = []
        known = {_branch(snapshot.name): snapshot for snapshot in self.list()}
        pinned: dict[str, set[str]] = {}
        names = [DOCUMENTS, *(passages_name(digest) for digest in self._tables.recipes())]
        for table_name in names:
            table = self._tables.open(table_name)
            pinned[table_name] = set() if table is None else set(wait(table.branches.list()))
            for branch in sorted(pinned[table_name] - set(known)):
                found.append(f"{table_name} is pinned by a snapshot that was not finished")
                if table is not None and not dry_run:
                    wait(table.branches.delete(branch))
        for branch, snapshot in known.items():
            needed = (DOCUMENTS, passages_name(snapshot.recipe))
            if any(branch not in pinned.get(table_name, set()) for table_name in needed):
                found.append(f"the snapshot {snapshot.name!r} has lost its tables")
                if not dry_run:
                    self._tables.forget(f"{_KEY}{snapshot.name}")
        return found

    def _get(self, name: str) -> Snapshot:
        for snapshot in self.list():
            if snapshot.name == name:
                return snapshot
        known = ", ".join(snapshot.name for snapshot in self.list()) or "none"
        raise MissingError(f"there is no snapshot {name!r}", hint=f"known: {known}")

    def _open(self, digest: str) -> tuple[Any, Any]:
        documents = self._tables.open(DOCUMENTS)
        passages = self._tables.open(passages_name(digest))
        if documents is None or passages is None:
            raise MissingError("a table of the index is gone", hint="surefoot repair")
        return documents, passages

    def _add_missing(self, documents: Any, passages: Any, name: str) -> None:
        old_heads = wait(passages.branches.checkout(_branch(name)))
        wanted = {row["version"] for row in scan(old_heads, HEADS, ["version"])}
        held = {row["version"] for row in scan(documents, None, ["version"])}
        missing = sorted(wanted - held)
        old_documents = wait(documents.branches.checkout(_branch(name)))
        for at in range(0, len(missing), _PAGE):
            condition = any_value("version", missing[at : at + _PAGE])
            wait(documents.add(wait(old_documents.query().where(condition).to_arrow())))


def _branch(name: str) -> str:
    return f"snapshot-{sha256_bytes(name.encode())[:16]}"


def _unpin(table: Any, name: str) -> None:
    if _branch(name) in wait(table.branches.list()):
        wait(table.branches.delete(_branch(name)))
