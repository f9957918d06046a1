"""Names of mail folders as servers write them: modified UTF-7 (RFC 3501, section 5.1.3)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error

_PLAIN = re.compile(r"[\x20-\x7e]+|[^\x20-\x7e]+")
_SHIFTED = re.compile(r"&([^-&]*)-")


def encoded(name: str) -> str:
    """A name in ASCII: `&` begins what is not, in base 64."""
    return "".join(
        part.replace("&", "&-") if part.isascii() and part.isprintable() else _shifted(part)
        for part in _PLAIN.findall(name)
    )


def decoded(name: str) -> str:
    """The inverse of `encoded`; what is not in this form stays as it is."""
    return _SHIFTED.sub(_unshifted, name)


def _shifted(part: str) -> str:
    code = b64encode(part.encode("utf-16-be")).decode().rstrip("=")
    return f"&{code.replace('/', ',')}-"


def _unshifted(match: re.Match[str]) -> str:
    code = match[1].replace(",", "/")
    if not code:
        return "&"
    try:
        return b64decode(code + "=" * (-len(code) % 4), validate=True).decode("utf-16-be")
    except (Error, ValueError):
        return match[0]
