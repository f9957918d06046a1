"""Asks an IMAP server for folders, numbers and mails. Changes nothing there; the password never reaches an error."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import RLock
from typing import TypeVar
from urllib.parse import urlsplit

from surefoot.config.secrets import read_secret
from surefoot.core.errors import ConfigError, DataError, TransientError
from surefoot.ingest.sources.mail.folder_names import decoded, encoded
from surefoot.ingest.sources.mail.imap_settings import ImapSettings
from surefoot.ingest.sources.patience import Patience

T = TypeVar("T")

_MB = 1024 * 1024
_WINDOW = 50_000
"""Mails that one search may name: a longer line is refused by the client."""
_SHOWN_CHARS = 200
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:\\.|[^"])*"|NIL) (?P<name>.*)$', re.DOTALL)
_LEFT_OUT = (b"\\noselect", b"\\nonexistent", b"\\junk", b"\\trash", b"\\all")
_BROKEN = (imaplib.IMAP4.abort, OSError)


class ImapServer:
    """One connection, made when first needed and once more where it breaks; threads take turns."""

    def __init__(self, settings: ImapSettings, where: str) -> None:
        self._settings = settings
        self._where = where
        self._patience = Patience()
        self._lock = RLock()
        self._imap: imaplib.IMAP4 | None = None
        self._folder: tuple[str, int] | None = None

    def folders(self) -> list[str]:
        """All folders that hold mails, without junk, trash and the one that repeats all others.

        Raises:
            DataError: the server refuses.
            TransientError: it is out of reach.
            ConfigError: the variable of the password is not set.
        """
        with self._lock:
            return self._asked(lambda imap: _names(self._ok(imap.list())))

    def numbers(self, folder: str) -> tuple[int, list[int]]:
        """The folder's UIDVALIDITY and the UIDs of the mails that are wanted, the oldest first. Raises as `folders`."""
        with self._lock:
            return self._asked(lambda imap: self._found(imap, folder))

    def mail(self, folder: str, validity: int, uid: int) -> bytes:
        """The bytes of a mail, which stays as unread as it was.

        Raises:
            DataError: it is gone or too large.
            TransientError: the server is out of reach, or has numbered the folder anew.
        """
        with self._lock, self._patience.asking():
            return self._asked(lambda imap: self._fetched(imap, folder, validity, uid))

    def close(self) -> None:
        """Says goodbye where a connection is open."""
        with self._lock:
            if self._imap is not None:
                with suppress(imaplib.IMAP4.error, OSError):
                    self._imap.logout()
            self._drop()

    def _drop(self) -> None:
        """Leaves a connection without a word: one that broke would not answer."""
        imap, self._imap, self._folder = self._imap, None, None
        if imap is not None:
            with suppress(OSError):
                imap.shutdown()

    def _asked(self, ask: Callable[[imaplib.IMAP4], T]) -> T:
        """What the server answers; a connection that broke is made anew, once."""
        with self._told():
            try:
                return ask(self._connection())
            except _BROKEN:
                self._drop()
                return ask(self._connection())

    def _connection(self) -> imaplib.IMAP4:
        if self._imap is None:
            self._imap = self._opened()
        return self._imap

    def _opened(self) -> imaplib.IMAP4:
        settings = self._settings
        secret = read_secret(settings.password, self._where, "a password")
        if not secret.isprintable():
            variable = settings.password.removeprefix("env:")
            hint = "look for a line break in it"
            raise ConfigError(f"{variable} holds signs that no password has", hint=hint)
        port, wait = urlsplit(settings.address).port or 0, settings.timeout_s
        if settings.tls == "tls":
            imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                settings.host, port, ssl_context=ssl.create_default_context(), timeout=wait
            )
        else:
            imap = imaplib.IMAP4(settings.host, port, timeout=wait)
        try:
            if settings.tls == "starttls":
                imap.starttls(ssl.create_default_context())
            self._log_in(imap, secret)
        except (imaplib.IMAP4.error, OSError, DataError):
            imap.shutdown()
            raise
        return imap

    def _log_in(self, imap: imaplib.IMAP4, secret: str) -> None:
        user = self._settings.user
        try:
            if self._settings.auth == "oauth2":
                answers = iter((f"user={user}\1auth=Bearer {secret}\1\1".encode(),))
                imap.authenticate("XOAUTH2", lambda _: next(answers, b""))
            elif "AUTH=PLAIN" in imap.capabilities:
                imap.authenticate("PLAIN", lambda _: f"\0{user}\0{secret}".encode())
            else:
                imap.login(user, secret)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeEncodeError) as problem:
            said = _said(problem, secret)
            variable = self._settings.password.removeprefix("env:")
            raise DataError(
                f"the server refuses {user}: {said}",
                where=self._where,
                hint=f"check user and what the variable {variable} holds",
            ) from None

    def _found(self, imap: imaplib.IMAP4, folder: str) -> tuple[int, list[int]]:
        validity, count = self._examined(imap, folder)
        found: list[int] = []
        first = 1
        while first <= count:
            last = min(first + _WINDOW - 1, count)
            found += self._searched(imap, f"{first}:{last}")
            first = last + 1
        if count > _WINDOW and imap.response("EXPUNGE")[1] != [None]:
            raise TransientError("the folder changed while it was listed", hint="sync again")
        return validity, sorted(set(found))

    def _searched(self, imap: imaplib.IMAP4, window: str) -> list[int]:
        settings = self._settings
        conditions = [window]
        if day := settings.since:
            conditions += ["SINCE", f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}"]
        if settings.search:
            conditions.append(settings.search)
        if settings.contains:
            conditions = ["CHARSET", "UTF-8", *conditions, "TEXT"]
            imap.literal = settings.contains.encode()  # type: ignore[assignment]
        lines = self._ok(imap.uid("SEARCH", *conditions))
        return [
            int(number)
            for line in lines
            if isinstance(line, bytes)
            for number in line.split()
            if number.isdigit()
        ]

    def _fetched(self, imap: imaplib.IMAP4, folder: str, validity: int, uid: int) -> bytes:
        if self._folder is None or self._folder[0] != folder:
            self._examined(imap, folder)
        if self._folder != (folder, validity):
            raise TransientError("the server has numbered the folder anew", hint="sync again")
        limit = self._settings.max_mb * _MB
        parts = self._ok(imap.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{limit + 1}>)"))
        data = next((part[1] for part in parts if isinstance(part, tuple)), None)
        if data is None:
            raise DataError("is no longer there", hint="sync again")
        if len(data) > limit:
            raise DataError(
                f"is over the limit of {self._settings.max_mb} MB a mail",
                hint="raise max_mb of the source",
            )
        return bytes(data)

    def _examined(self, imap: imaplib.IMAP4, folder: str) -> tuple[int, int]:
        """Opens a folder for reading alone: its UIDVALIDITY, and how many mails it holds."""
        self._folder = None
        name = encoded(folder).replace("\\", "\\\\").replace('"', '\\"')
        count = self._ok(imap.select(f'"{name}"', readonly=True))[0]
        validity = imap.response("UIDVALIDITY")[1][0]
        if not (isinstance(validity, bytes) and validity.isdigit() and isinstance(count, bytes)):
            raise DataError("the server numbers no mails", hint="it must know UIDVALIDITY")
        self._folder = (folder, int(validity))
        return int(validity), int(count)

    def _ok(self, reply: tuple[str, Sequence[object]]) -> Sequence[object]:
        kind, data = reply
        if kind != "OK":
            said = b" ".join(part for part in data if isinstance(part, bytes))
            text = said.decode("utf-8", "replace")[:_SHOWN_CHARS]
            raise DataError(f"the server refuses: {text}", hint="check folders and search")
        return data

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns what the client says into errors sorted by who must act."""
        try:
            yield
        except (DataError, TransientError, ConfigError) as problem:
            problem.where = problem.where or self._where
            raise
        except ssl.SSLCertVerificationError as problem:
            raise DataError(
                f"the certificate of {self._settings.host} is not valid: {problem.verify_message}",
                where=self._where,
                hint="check host; a certificate of your own is trusted by the variable SSL_CERT_FILE",
            ) from None
        except _BROKEN as problem:
            self._drop()
            raise TransientError(
                f"cannot be reached: {_said(problem)}",
                where=self._where,
                hint="check host, port and tls, or sync again later",
            ) from None
        except imaplib.IMAP4.error as problem:
            raise DataError(
                f"the server refuses: {_said(problem)}",
                where=self._where,
                hint="check tls, folders and search",
            ) from None


def _names(lines: Sequence[object]) -> list[str]:
    """The folders of a LIST reply; a name may come apart from its line."""
    names: list[str] = []
    for line in lines:
        whole, apart = (line[0], line[1]) if isinstance(line, tuple) else (line, None)
        match = _LISTED.search(whole) if isinstance(whole, bytes) else None
        if match is None or any(flag in match["flags"].lower().split() for flag in _LEFT_OUT):
            continue
        name = apart if isinstance(apart, bytes) else _unquoted(match["name"])
        names.append(decoded(name.decode("utf-8", "replace")))
    return sorted(names)


def _unquoted(name: bytes) -> bytes:
    name = name.strip()
    if name.startswith(b'"') and name.endswith(b'"'):
        return re.sub(rb"\\(.)", rb"\1", name[1:-1])
    return name


def _said(problem: Exception, secret: str = "") -> str:
    first = problem.args[0] if problem.args else ""
    text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(problem)
    text = " ".join(text.split()) or type(problem).__name__
    return (text.replace(secret, "***") if secret else text)[:_SHOWN_CHARS]
