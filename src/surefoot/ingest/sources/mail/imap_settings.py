"""Which mails of a server are read, and how it is reached."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from surefoot.config.base import KeyName
from surefoot.ingest.sources.settings import SourceSettings

_NEAR = ("localhost", "127.0.0.1", "::1")


class ImapSettings(SourceSettings):
    """The mails of an IMAP server; nothing is marked as read, moved or removed there."""

    kind: Literal["imap"] = "imap"
    host: str = Field(pattern=r"^[^\s/@]+$")
    port: NonNegativeInt = Field(default=0, le=65535, description="0 = 993, or 143 without tls")
    tls: Literal["tls", "starttls", "none"] = Field(
        default="tls", description="none is for a server on this machine alone"
    )
    user: str = Field(pattern=r"^[^\x00-\x1f]+$")
    password: KeyName = Field(
        min_length=1, description='"env:VARIABLE": the variable that holds the password or token'
    )
    auth: Literal["password", "oauth2"] = Field(
        default="password", description="oauth2: the variable holds an access token"
    )
    folders: tuple[str, ...] = Field(
        default=("INBOX",),
        min_length=1,
        description='names, or patterns such as "Projects/*"; patterns leave out junk and trash',
    )
    exclude: tuple[str, ...] = Field(
        default=(), description="names or patterns of folders that are not read"
    )
    since: date | None = Field(
        default=None, description="only mails that came on this day or later"
    )
    search: str = Field(
        default="",
        pattern=r"^[\x20-\x7e]*$",
        description='more conditions in the words of IMAP, such as FROM "ann@example.org" UNDELETED',
    )
    contains: str = Field(
        default="",
        pattern=r"^[^\x00-\x1f]*$",
        description="only mails with this text in them, in any language",
    )
    max_mails: PositiveInt = Field(
        default=50_000, description="mails of a folder at most, the newest of them"
    )
    max_mb: PositiveInt = Field(
        default=50, description="megabytes of a mail; larger ones are not fetched"
    )
    timeout_s: PositiveFloat = Field(default=30.0, description="seconds without an answer")

    @model_validator(mode="after")
    def _never_in_the_clear(self) -> Self:
        if self.tls == "none" and self.host not in _NEAR:
            raise ValueError(
                'tls = "none" would send the password in the clear; use "tls" or "starttls"'
            )
        return self

    @property
    def address(self) -> str:
        """The server as a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        scheme = "imaps" if self.tls == "tls" else "imap"
        return f"{scheme}://{host}:{self.port or (993 if self.tls == 'tls' else 143)}"
