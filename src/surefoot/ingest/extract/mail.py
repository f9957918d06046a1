"""Mail as RFC 822 text: headers, body and attachments, in whatever encoding they came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value

from surefoot.core.errors import DataError
from surefoot.core.roles import Extracted
from surefoot.ingest.extract.content import Content
from surefoot.ingest.extract.encoding import decode
from surefoot.ingest.extract.facts import facts, iso_date
from surefoot.ingest.extract.letters import addresses, one_line

_MAX_PARTS = 200
Read = Callable[[Content], Extracted]


def read_mail(content: Content, read: Read) -> Extracted:
    """Subject as heading, sender, receivers and date, the body, then each attachment under its own heading.

    Metadata: `from` (an address), `to` (addresses, copies included), `date` (a day), `subject`, `author`, `created`.
    `read` reads the attachments; one that cannot be read is a note.
    """
    message = message_from_bytes(content.data)
    subject, sender = _header(message, "Subject"), _header(message, "From")
    receivers, date = _header(message, "To"), iso_date(_header(message, "Date"))
    shown = [
        f"{name}: {value}"
        for name, value in (("From", sender), ("To", receivers), ("Date", date))
        if value
    ]
    parts = list(_leaves(message))
    bodies = _bodies([part for part in parts if not _is_attachment(part)], content, read)
    blocks = [f"# {subject}" if subject else "", "  \n".join(shown), *bodies]
    notes: list[str] = []
    for part in parts:
        if _is_attachment(part):
            blocks += _attachment(part, content, read, notes)
    meta = facts(
        author=sender,
        created=date,
        date=date[:10],
        subject=subject,
        to=_addresses(message, "To", "Cc"),
        **{"from": "".join(_addresses(message, "From")[:1])},
    )
    text = "\n\n".join(block for block in blocks if block)
    return Extracted(text=f"{text}\n", title=subject, meta=meta, notes=tuple(notes))


def _leaves(message: Message) -> Iterator[Message]:
    """Parts that hold content themselves; a forwarded mail counts as one. Breadth is bounded, depth too."""
    stack, seen = [message], 0
    while stack and seen < _MAX_PARTS:
        part = stack.pop()
        seen += 1
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" or not isinstance(payload, list):
            yield part
        else:
            stack += [item for item in reversed(payload) if isinstance(item, Message)]


def _is_attachment(part: Message) -> bool:
    if part.get_content_type() == "message/rfc822":
        return True
    named = bool(_file_name(part))
    return (
        named
        or part.get_content_disposition() == "attachment"
        or part.get_content_maintype() != "text"
    )


def _bodies(parts: list[Message], content: Content, read: Read) -> list[str]:
    """Plain text where there is any, else the HTML parts."""
    plain = [_text(part) for part in parts if part.get_content_subtype() != "html"]
    if any(text.strip() for text in plain):
        return [text.strip("\n") for text in plain if text.strip()]
    found = []
    for part in parts:
        try:
            found.append(
                read(content.inner("body.html", _text(part).encode(errors="replace"))).text.strip(
                    "\n"
                )
            )
        except DataError:
            continue
    return found


def _attachment(part: Message, content: Content, read: Read, notes: list[str]) -> list[str]:
    name, data = _file_name(part), _payload(part)
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        data = first.as_bytes() if isinstance(first, Message) else data
        name = name or "message.eml"
    if not data or not name:
        return []
    try:
        found = read(content.inner(name, data))
    except DataError as problem:
        notes.append(f"attachment {name} was not read: it {problem.message}")
        return []
    notes += [f"attachment {name}: {note}" for note in found.notes]
    return [f"## {name}", found.text.strip("\n")] if found.text.strip() else []


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except (MessageError, ValueError, LookupError, TypeError, IndexError):
        return ""
    return one_line(_words(collapse_rfc2231_value(name)))


def _payload(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message) -> str:
    try:
        declared = part.get_content_charset()
    except (ValueError, LookupError, TypeError):
        declared = None
    return decode(_payload(part), declared)


def _addresses(message: Message, *names: str) -> tuple[str, ...]:
    """The plain addresses of these headers, in lower case, each once."""
    raw = (str(value) for key, value in message.raw_items() if key.title() in names)
    return tuple(map(_words, addresses(raw)))


def _header(message: Message, name: str) -> str:
    raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
    return _words(str(raw))


def _words(raw: str) -> str:
    """A header's text: encoded words decoded, raw 8-bit bytes taken for what they most plausibly are."""
    try:
        pieces = decode_header(raw) if "=?" in raw else [(raw, None)]
    except (HeaderParseError, ValueError):
        pieces = [(raw, None)]
    words = ""
    for piece, charset in pieces:
        data = piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else piece
        words += decode(data, charset)
    return " ".join(words.split())
