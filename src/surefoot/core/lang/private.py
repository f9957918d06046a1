"""Finds personal data by pattern and checksum: e-mail, phone, Chinese resident id, card, IBAN, IP address.

No names of people and no addresses: a pattern cannot tell them. What has a checksum counts only where it is right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from typing import Final, Literal, get_args

PrivateKind = Literal["resident-id", "card", "iban", "email", "ip", "phone"]

_BEFORE, _AFTER = r"(?<![A-Za-z0-9_.\-])", r"(?![A-Za-z0-9_\-]|\.\d)"
_PATTERNS: Final[Mapping[PrivateKind, str]] = {
    "resident-id": rf"{_BEFORE}[1-9][0-9]{{16}}[0-9Xx]{_AFTER}",
    "card": rf"{_BEFORE}[2-6](?:[ \-]?[0-9]){{12,18}}{_AFTER}",
    "iban": rf"{_BEFORE}[A-Z]{{2}}[0-9]{{2}}(?: ?[A-Z0-9]{{4}}){{2,7}}(?: ?[A-Z0-9]{{1,3}})?{_AFTER}",
    "email": r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24}"
    r"(?![A-Za-z0-9\-])",
    "ip": rf"{_BEFORE}(?:[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}"
    rf"|(?:[0-9A-Fa-f]{{1,4}}:{{1,2}}){{3,7}}[0-9A-Fa-f]{{1,4}}){_AFTER}",
    "phone": rf"{_BEFORE}(?:(?:\+?86[ \-]?)?1[3-9][0-9][ \-]?[0-9]{{4}}[ \-]?[0-9]{{4}}"
    rf"|(?:\+?86[ \-]?)?0[1-9][0-9]{{1,2}}[ \-][2-9][0-9]{{6,7}}"
    rf"|\+[1-9][0-9]{{0,2}}(?:[ .\-]?\(?[0-9]{{1,4}}\)?){{2,6}}|\([2-9][0-9]{{2}}\) ?[0-9]{{3}}\-[0-9]{{4}}){_AFTER}",
}
_ANY: Final = re.compile(
    "|".join(f"(?P<{kind.replace('-', '_')}>{p})" for kind, p in _PATTERNS.items())
)
_SINGLE: Final = {kind: re.compile(pattern) for kind, pattern in _PATTERNS.items()}
_VERSION: Final = re.compile(
    r"(?:\bv|\bver|version|release|build|版本|版)[号为:： .]*$", re.IGNORECASE
)
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CARDS: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35\d{14}|6(?:011|5\d\d|4[4-9]\d)\d{12}|62\d{14,17}"
)
_PHONE_DIGITS: Final = range(8, 16)


@dataclass(frozen=True, slots=True)
class Private:
    """Personal data of a kind at `text[start:end]`."""

    kind: PrivateKind
    start: int
    end: int


def find_private(text: str) -> Iterator[Private]:
    """What a text holds, in order, none within another."""
    at = 0
    while match := _ANY.search(text, at):
        found = _judged(text, match.start())
        at = found.end if found else match.start() + 1
        if found:
            yield found


def masked(text: str) -> str:
    """The text with `[email]`, `[phone]` and so on in their places."""
    parts: list[str] = []
    done = 0
    for one in find_private(text):
        parts += (text[done : one.start], f"[{one.kind}]")
        done = one.end
    return "".join((*parts, text[done:])) if parts else text


def _judged(text: str, start: int) -> Private | None:
    """The first kind that a place is, in the order of their sureness."""
    for kind in get_args(PrivateKind):
        match = _SINGLE[kind].match(text, start)
        if match and _CHECKS[kind](match.group(), text[max(0, start - 12) : start]):
            return Private(kind, start, match.end())
    return None


def _is_resident(said: str, _: str) -> bool:
    day = said[6:14]
    try:
        born = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(said, _ID_WEIGHTS, strict=False))
    return born.year >= 1900 and "10X98765432"[total % 11] == said[17].upper()


def _is_card(said: str, _: str) -> bool:
    digits = [int(char) for char in said if char.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    plain = _CARDS.fullmatch("".join(map(str, digits)))
    return bool(plain) and len(set(digits)) > 1 and (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _is_iban(said: str, _: str) -> bool:
    plain = said.replace(" ", "")
    turned = "".join(str(int(char, 36)) for char in plain[4:] + plain[:4])
    return 15 <= len(plain) <= 34 and int(turned) % 97 == 1


def _is_ip(said: str, before: str) -> bool:
    try:
        ip_address(said)
    except ValueError:
        return False
    return not _VERSION.search(before)


def _is_phone(said: str, _: str) -> bool:
    return sum(char.isdigit() for char in said) in _PHONE_DIGITS


def _is_mail(_: str, __: str) -> bool:
    return True


_CHECKS: Final[Mapping[PrivateKind, Callable[[str, str], bool]]] = {
    "resident-id": _is_resident,
    "card": _is_card,
    "iban": _is_iban,
    "email": _is_mail,
    "ip": _is_ip,
    "phone": _is_phone,
}
