"""Lists the objects below a prefix; the content of one is fetched when it has to be read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from surefoot.core.errors import SurefootError
from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.ingest.sources.items import Found
from surefoot.ingest.sources.matching import Matcher
from surefoot.ingest.sources.names import clean_name
from surefoot.ingest.sources.s3.settings import S3Settings
from surefoot.ingest.sources.s3.store import ObjectStore, StoredObject

_NAME_CHARS = 60


class S3Source:
    """One item an object; its fingerprint is its size and time of change, so a listing tells what is new."""

    Settings = S3Settings

    def __init__(self, settings: S3Settings, base: Path) -> None:
        del base
        self._settings = settings
        self.name = (
            settings.name or clean_name(settings.prefix.rpartition("/")[2]) or settings.bucket
        )
        self._store = ObjectStore(settings, self.name)
        self._include = Matcher(settings.include)
        self._exclude = Matcher(settings.exclude)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The store."""
        return (self._store.endpoint or "https://s3.amazonaws.com",)

    def items(self) -> Iterator[Found]:
        """The objects in the order of their keys; a store out of reach is a problem that loses nothing."""
        try:
            objects = self._store.objects()
        except SurefootError as problem:
            yield self._problem(problem.message, problem.hint, keep=True)
            return
        wanted = [one for one in objects if self._is_wanted(one.key)]
        limit = self._settings.max_objects
        for one in wanted[:limit]:
            yield self._item(one)
        if len(wanted) > limit:
            reason = f"holds {len(wanted)} objects; only the first {limit} are read"
            yield self._problem(reason, "raise max_objects, or name a longer prefix", keep=True)
        if not wanted:
            yield self._problem("holds no objects to read", "check url, include and exclude")

    def _is_wanted(self, key: str) -> bool:
        hidden = any(part.startswith(".") for part in key.split("/"))
        if (hidden and not self._settings.hidden) or self._exclude(key):
            return False
        return not self._settings.include or self._include(key)

    def _item(self, one: StoredObject) -> SourceItem:
        settings = self._settings
        return SourceItem(
            id=f"{self.name}/{clean_name(one.key)}",
            uri=f"s3://{clean_name(one.place)}",
            source=self.name,
            fingerprint=f"{one.size}-{one.changed_ns}{settings.marks}",
            meta=settings.meta,
            acl=settings.acl,
            distinct=not settings.duplicates,
            load=partial(self._load, one),
        )

    def _load(self, one: StoredObject, folder: Path) -> Path:
        return self._store.bring(one, folder / _file_name(one.key))

    def _problem(self, reason: str, hint: str, *, keep: bool = False) -> SourceProblem:
        return SourceProblem(self.name, self._settings.url, self.name, reason, hint, keep)


def _file_name(key: str) -> str:
    """The last part of a key as the name of a file: its end is kept, which tells the format."""
    plain = "".join(c if c.isprintable() and c not in '\\:*?"<>|' else "_" for c in key)
    return plain.rpartition("/")[2][-_NAME_CHARS:].lstrip(".") or "object"
