"""Turns what people name (a path, a pattern, a URL, a source as a solution file has it) into a source's settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from surefoot.core.errors import MissingError

Named = str | Path | Mapping[str, Any]

_MAGIC = re.compile(r"[*?\[]")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_STORED = re.compile(r"s3://", re.IGNORECASE)
_PLACES = ("path", "pattern", "paths", "urls", "url", "start", "file", "host")
_MORE = ("query", "user")
"""What else tells sources apart that read one place: a database has many queries, a mail server many users."""


def source_settings(place: Named, root: Path) -> dict[str, Any]:
    """The source that reads a place: a URL, a bucket, a BEIR corpus, a mailbox, a folder, a file or a glob pattern.

    Settings are taken as they are.

    Raises:
        MissingError: there is no such file or folder.
        DataError: it is a URL that is not fetched, such as one with a password.
    """
    if isinstance(place, Mapping):
        return _checked(dict(place))
    if _WEB.match(str(place)):
        return _checked({"kind": "url", "urls": [str(place)]})
    if _STORED.match(str(place)):
        return {"kind": "s3", "url": f"s3://{str(place)[5:]}"}
    path = Path(place)
    if _MAGIC.search(str(path)) and not path.exists():
        return {"kind": "glob", "pattern": str(path.expanduser().absolute())}
    found = path.expanduser().resolve()
    if not found.exists():
        raise MissingError("there is no such file or folder", where=str(place))
    inner = found.relative_to(root).as_posix() if found.is_relative_to(root) else str(found)
    if found.name == "corpus.jsonl" or (found / "corpus.jsonl").is_file():
        return {"kind": "beir", "path": inner}
    from surefoot.ingest.sources.mail.boxes import is_mailbox

    if is_mailbox(found):
        return {"kind": "mbox", "path": inner}
    if found.is_dir():
        return {"kind": "folder", "path": inner}
    return {"kind": "files", "paths": [inner]}


def identity(source: Mapping[str, Any]) -> tuple[str, str]:
    """What tells whether two sources are the same: their kind and the place they read, not how they read it."""
    place = next((source[name] for name in _PLACES if source.get(name)), ())
    more = [source[name] for name in _MORE if source.get(name)]
    named = place if isinstance(place, str) else list(place)
    return str(source["kind"]), str([named, *more] if more else named)


def _checked(source: dict[str, Any]) -> dict[str, Any]:
    """The source with its URLs in normal form."""
    from surefoot.ingest.fetching import normal

    for name in ("urls", "start"):
        if source.get(name):
            source[name] = [normal(url) for url in source[name]]
    if source.get("kind") == "sitemap":
        source["url"] = normal(source["url"])
    return source
