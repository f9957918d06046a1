"""The mails of an IMAP server as documents; a mail never changes under its number, so only new ones are fetched."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import quote

from surefoot.core.errors import SurefootError
from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.ingest.sources.items import Found
from surefoot.ingest.sources.mail.imap_server import ImapServer
from surefoot.ingest.sources.mail.imap_settings import ImapSettings
from surefoot.ingest.sources.names import clean_name
from surefoot.ingest.sources.settings import SourceSettings


class ImapSource:
    """One item a mail: its id is folder and UID, its fingerprint UIDVALIDITY and UID; flags count for nothing."""

    Settings = ImapSettings

    def __init__(self, settings: ImapSettings, base: Path) -> None:
        del base
        self._settings = settings
        self.name = settings.name or settings.host
        self._server = ImapServer(settings, self.name)
        # Items hold on to the source, so that the connection serves them all and ends with the last.
        weakref.finalize(self, self._server.close)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The server."""
        return (self._settings.address,)

    def items(self) -> Iterator[Found]:
        """The mails of each folder, the oldest first; a folder that cannot be read loses nothing."""
        try:
            folders = self._folders()
        except SurefootError as problem:
            yield self._problem("", problem.message, problem.hint, keep=True)
            return
        if not folders:
            yield self._problem("", "has no such folders", "check folders and exclude")
        for folder in folders:
            try:
                validity, uids = self._server.numbers(folder)
            except SurefootError as problem:
                alone = len(folders) == 1
                yield self._problem(
                    "" if alone else folder, f"{folder}: {problem.message}", problem.hint, keep=True
                )
                continue
            limit = self._settings.max_mails
            for uid in uids[-limit:]:
                yield self._item(folder, validity, uid)
            if len(uids) > limit:
                reason = f"{folder} holds {len(uids)} mails; only the newest {limit} are read"
                yield self._problem(folder, reason, "raise max_mails, or set since", keep=True)

    def _folders(self) -> list[str]:
        """The folders that are named, in their order, and those that patterns match."""
        settings = self._settings
        found: list[str] = []
        listed: Sequence[str] | None = None
        for wanted in settings.folders:
            if "*" not in wanted:
                found.append(wanted)
                continue
            listed = self._server.folders() if listed is None else listed
            found += [name for name in listed if _matches(wanted, name)]
        left_out = settings.exclude
        return [
            name
            for name in dict.fromkeys(found)
            if not any(_matches(pattern, name) for pattern in left_out)
        ]

    def _item(self, folder: str, validity: int, uid: int) -> SourceItem:
        settings: SourceSettings = self._settings
        place = clean_name(folder)
        return SourceItem(
            id=f"{self.name}/{place}/{uid}",
            uri=f"imap://{self._settings.host}/{quote(folder)};UIDVALIDITY={validity}/;UID={uid}",
            source=self.name,
            fingerprint=f"{validity}-{uid}{settings.marks}",
            meta=settings.meta,
            acl=settings.acl,
            distinct=not settings.duplicates,
            load=partial(self._load, folder, validity, uid),
        )

    def _load(self, folder: str, validity: int, uid: int, into: Path) -> Path:
        file = into / f"{uid}.eml"
        file.write_bytes(self._server.mail(folder, validity, uid))
        return file

    def _problem(self, folder: str, reason: str, hint: str, *, keep: bool = False) -> SourceProblem:
        place = f"{self.name}/{clean_name(folder)}" if folder else self.name
        return SourceProblem(place, self._settings.address, self.name, reason, hint, keep)


def _matches(pattern: str, name: str) -> bool:
    parts = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(parts, name, re.DOTALL) is not None
