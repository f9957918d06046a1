"""Styles, scripts and pictures of the page: from the package, named by digest, kept by browsers for good."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Response

from surefoot.core.digest import sha256_bytes
from surefoot.serve.problems import Refused

router = APIRouter(prefix="/ui/static", include_in_schema=False)
_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
_HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}


@cache
def _assets() -> dict[str, tuple[str, str]]:
    """Text and digest by name."""
    folder = files("surefoot.serve.web").joinpath("static")
    texts = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    return {name: (text, sha256_bytes(text.encode())) for name, text in texts.items()}


def asset(name: str) -> str:
    """The address of a file, which changes with its content."""
    return f"/ui/static/{_assets()[name][1][:12]}/{name}"


@router.get("/{digest}/{name}")
async def static(digest: str, name: str) -> Response:
    """A file of the page; needs no key."""
    found = _assets().get(name)
    if found is None or not found[1].startswith(digest):
        raise Refused(404, "there is no such file", code="not_found")
    return Response(found[0], media_type=_TYPES[name.rpartition(".")[2]], headers=_HEADERS)
