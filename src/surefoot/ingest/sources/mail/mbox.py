"""The mails of an mbox file or a Maildir folder as documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal

from surefoot.core.errors import DataError
from surefoot.core.roles import SourceItem, SourceProblem
from surefoot.ingest.sources.items import Found, reason_of
from surefoot.ingest.sources.mail.boxes import StoredMail, maildir_mails, mbox_mails
from surefoot.ingest.sources.names import clean_name, shown
from surefoot.ingest.sources.settings import SourceSettings


class MboxSettings(SourceSettings):
    """The mails of an mbox file, or of a Maildir folder and the folders below it."""

    kind: Literal["mbox"] = "mbox"
    path: str


class MboxSource:
    """One item a mail, with its Message-ID as its id; that it was read or flagged changes nothing."""

    Settings = MboxSettings

    def __init__(self, settings: MboxSettings, base: Path) -> None:
        self._settings = settings
        self.path = (base / Path(settings.path).expanduser()).absolute()
        self.name = settings.name or clean_name(self.path.resolve().stem) or "mail"
        self._uri = shown(str(self.path), base)

    def items(self) -> Iterator[Found]:
        """The mails in their order; the same mail twice in a folder is offered once."""
        box = maildir_mails if self.path.is_dir() else mbox_mails
        taken: dict[str, str] = {}
        try:
            for mail in box(self.path):
                name = mail.message_id or mail.key
                place = f"{mail.folder}/{name}" if mail.folder else name
                if taken.get(place) == mail.fingerprint:
                    continue
                if place in taken:
                    place = f"{place}~{mail.key}"
                taken[place] = mail.fingerprint
                yield self._item(place, mail)
        except DataError as problem:
            yield self._problem(problem.message, problem.hint, keep=True)
        except OSError as problem:
            yield self._problem(reason_of(problem), "check the path", keep=True)
        else:
            if not taken:
                yield self._problem("holds no mails", "check the path")

    def _item(self, place: str, mail: StoredMail) -> SourceItem:
        settings = self._settings
        return SourceItem(
            id=f"{self.name}/{clean_name(place)}",
            uri=f"{self._uri}#{clean_name(place)}",
            source=self.name,
            fingerprint=f"{mail.fingerprint}{settings.marks}",
            meta=settings.meta,
            acl=settings.acl,
            distinct=not settings.duplicates,
            load=partial(_load, mail.write),
        )

    def _problem(self, reason: str, hint: str, *, keep: bool = False) -> SourceProblem:
        return SourceProblem(self.name, self._uri, self.name, reason, hint, keep)


def _load(write: Callable[[Path], None], folder: Path) -> Path:
    file = folder / "mail.eml"
    write(file)
    return file
