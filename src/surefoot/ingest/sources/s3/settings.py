"""Which objects are read, and how their store is reached."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from surefoot.config.base import KeyName
from surefoot.ingest.sources.folder import LEFT_OUT
from surefoot.ingest.sources.settings import SourceSettings


class S3Settings(SourceSettings):
    """The objects below a prefix, in any format that files may have."""

    kind: Literal["s3"] = "s3"
    url: str = Field(
        pattern=r"^s3://[a-zA-Z0-9][\w.-]*(/.*)?$",
        description="s3://bucket/prefix; all objects below are read",
    )
    include: tuple[str, ...] = Field(
        default=(), description='such as "*.pdf" or "manuals/**"; empty = all objects'
    )
    exclude: tuple[str, ...] = LEFT_OUT
    hidden: bool = Field(default=False, description="whether names that begin with a dot count")
    endpoint: str = Field(
        default="",
        pattern=r"^(https?://[^\s@/]+/?)?$",
        description="address of a store that is not Amazon's, asked by path; empty = the variable AWS_ENDPOINT_URL",
    )
    region: str = Field(default="", description="empty = as the bucket or the environment says")
    anonymous: bool = Field(default=False, description="asks without any key")
    access_key: KeyName = Field(
        default="",
        description='"env:VARIABLE"; empty = the usual AWS variables, files and roles of this machine',
    )
    secret_key: KeyName = ""
    session_token: KeyName = ""
    max_mb: PositiveInt = Field(
        default=50, description="megabytes of an object; larger ones are not fetched"
    )
    max_objects: PositiveInt = Field(default=100_000, description="objects that are read at most")
    timeout_s: PositiveFloat = Field(default=20.0, description="seconds without an answer")

    @model_validator(mode="after")
    def _whole_keys(self) -> Self:
        if bool(self.access_key) != bool(self.secret_key):
            raise ValueError("access_key and secret_key go together")
        if self.anonymous and self.access_key:
            raise ValueError("anonymous asks without a key; take out access_key or anonymous")
        return self

    @property
    def bucket(self) -> str:
        """The bucket of the address."""
        return self.url.removeprefix("s3://").partition("/")[0]

    @property
    def prefix(self) -> str:
        """The prefix of the address, without slashes around it; empty for the whole bucket."""
        return self.url.removeprefix("s3://").partition("/")[2].strip("/")
