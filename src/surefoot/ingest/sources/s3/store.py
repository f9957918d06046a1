"""Asks an S3-compatible store by Arrow's own client. Keys never reach an error."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from surefoot.config.secrets import read_secret
from surefoot.core.errors import DataError, TransientError
from surefoot.ingest.sources.patience import Patience
from surefoot.ingest.sources.s3.settings import S3Settings

_MB = 1024 * 1024
_ATTEMPTS = 3
_SHOWN_CHARS = 300
_REQUEST_ID = re.compile(r"\s*\(Request ID: [^)]*\)")
_REFUSED = ("ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH", "HTTP status 403")


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as a listing tells it: its key below the prefix, its place, size in bytes and time of change (ns)."""

    key: str
    place: str
    size: int
    changed_ns: int


class ObjectStore:
    """The objects below a prefix. Connects when first asked; several threads may ask at once."""

    def __init__(self, settings: S3Settings, where: str) -> None:
        self._settings = settings
        self._where = where
        self._patience = Patience()
        self._lock = Lock()

    def objects(self) -> list[StoredObject]:
        """All objects, in the order of their keys; markers of empty folders are none. A whole key is one object.

        Raises:
            DataError: there is no such bucket or prefix, or the keys are refused.
            TransientError: the store is out of reach.
            ConfigError: a variable is not set.
        """
        from pyarrow.fs import FileSelector, FileType

        settings = self._settings
        root = f"{settings.bucket}/{settings.prefix}".rstrip("/")
        above = f"{root}/"
        with self._told("check url, endpoint and region"):
            found = [self._client.get_file_info(root)] if settings.prefix else []
            if found and found[0].type == FileType.File:
                above = f"{root.rpartition('/')[0]}/"
            else:
                found = self._client.get_file_info(FileSelector(root, recursive=True))
        folders = {info.path for info in found if info.type == FileType.Directory}
        objects = (
            StoredObject(info.path.removeprefix(above), info.path, info.size, info.mtime_ns or 0)
            for info in found
            if info.type == FileType.File and not (info.path in folders and not info.size)
        )
        return sorted(objects, key=lambda one: one.key)

    def bring(self, one: StoredObject, file: Path) -> Path:
        """The object's content in the file.

        Raises:
            DataError: it is gone, too large, or may not be read.
            TransientError: the store is out of reach.
        """
        limit = self._settings.max_mb * _MB
        if one.size > limit:
            raise self._too_large(one.size)
        brought = 0
        with (
            self._patience.asking(),
            self._told("sync again"),
            self._client.open_input_stream(one.place) as stream,
            file.open("wb") as target,
        ):
            while block := stream.read(_MB):
                brought += len(block)
                if brought > limit:
                    raise self._too_large(brought)
                target.write(block)
        return file

    def _too_large(self, size: int) -> DataError:
        return DataError(
            f"is {size / _MB:.1f} MB, over the limit of {self._settings.max_mb} MB an object",
            where=self._where,
            hint=f"raise max_mb of the source to {size // _MB + 1}",
        )

    @property
    def endpoint(self) -> str:
        """The address of a store that is not Amazon's, as the settings or the usual variables have it."""
        return self._settings.endpoint or _variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")

    @property
    def _client(self) -> Any:
        with self._lock:
            return self._connected

    @cached_property
    def _connected(self) -> Any:
        from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

        settings = self._settings
        options: dict[str, Any] = dict(self._keys)
        scheme, _, host = self.endpoint.rstrip("/").partition("://")
        if host:
            options |= {"scheme": scheme, "endpoint_override": host}
        region = settings.region or _variable("AWS_REGION", "AWS_DEFAULT_REGION")
        return S3FileSystem(
            **options,
            region=region or ("us-east-1" if host else self._bucket_region()),
            anonymous=settings.anonymous,
            connect_timeout=settings.timeout_s,
            request_timeout=settings.timeout_s,
            retry_strategy=AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
        )

    def _bucket_region(self) -> str:
        from pyarrow.fs import resolve_s3_region

        return str(resolve_s3_region(self._settings.bucket))

    @cached_property
    def _keys(self) -> dict[str, str]:
        settings = self._settings
        named = {
            "access_key": settings.access_key,
            "secret_key": settings.secret_key,
            "session_token": settings.session_token,
        }
        return {name: read_secret(key, self._where) for name, key in named.items() if key}

    @contextmanager
    def _told(self, hint: str) -> Iterator[None]:
        """Turns what the client says into errors sorted by who must act; nothing of a key stays in them."""
        try:
            yield
        except FileNotFoundError:
            raise DataError(
                "there is nothing there (any more)", where=self._where, hint=hint
            ) from None
        except OSError as problem:
            said = self._said(problem)
            if any(word in said for word in _REFUSED):
                hint = "check access_key and secret_key, and what they may read"
                raise DataError(f"refused: {said}", where=self._where, hint=hint) from None
            if "NO_SUCH" in said:
                raise DataError(f"is not there: {said}", where=self._where, hint=hint) from None
            raise TransientError(
                f"cannot be reached: {said}", where=self._where, hint=hint
            ) from None

    def _said(self, problem: OSError) -> str:
        text = _REQUEST_ID.sub("", " ".join(str(problem).split()))
        for secret in self._keys.values():
            text = text.replace(secret, "***")
        return text[:_SHOWN_CHARS]


def _variable(*names: str) -> str:
    """The first of these variables of the environment that is set."""
    return next((value for name in names if (value := os.environ.get(name, "").strip())), "")
