"""What mails of every format have in common: addresses, and names that are safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import getaddresses

_HEADER_CHARS = 20_000


def addresses(raw: Iterable[str]) -> tuple[str, ...]:
    """The plain addresses in these headers, in lower case, each once."""
    pairs = getaddresses([value[:_HEADER_CHARS] for value in raw])
    return tuple(dict.fromkeys(address.lower() for _, address in pairs if "@" in address))


def one_line(name: str) -> str:
    """A file's name without what would break a line or lead elsewhere."""
    return re.sub(r"[\\/\r\n\0]+", "_", name).strip()
