"""URLs in one form, and which machines may be asked. Resolves nothing and connects to nothing."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import parse_qsl, urlencode, urljoin

from surefoot.core.errors import DataError

_TRACKING = re.compile(
    r"utm_\w+|gclid|dclid|fbclid|msclkid|yclid|mc_[ce]id|_ga|igshid|spm", re.IGNORECASE
)
_LONGEST_CHARS = 2000
_UNRESERVED = re.compile(r"%(?:2D|5F|7E|3\d|[46][1-9A-F]|[57][0-9A])", re.IGNORECASE)
_ESCAPED = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

# Their addresses look public or like those of a company's own network, and hand out credentials to whoever asks.
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "168.63.129.16", "192.0.0.192", "100.100.100.200", "169.254.169.254", "fd00:ec2::254",
        "fd20:ce::254",
    )
)  # fmt: skip
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")


class NotAnAddress(DataError):
    """A text is no URL that is fetched."""


class Denied(DataError):
    """A machine must not be asked: it is on a private network, or this one."""


def normal(url: str, base: str = "") -> str:
    """A URL in the one form that pages are known by: no fragment, default port or tracking, dots resolved.

    With `base` it may be relative to that page's URL.

    Raises:
        NotAnAddress: it is no http(s) URL, too long, or holds a name and password.
    """
    import httpx

    shown = "".join(c if c.isprintable() else " " for c in url)[:200]
    if len(url) > _LONGEST_CHARS:
        raise NotAnAddress("is longer than 2,000 characters", where=shown)
    try:
        joined = urljoin(base, url.strip()) if base else url.strip()
        made = httpx.URL(joined)
        if made.scheme not in _PORTS or not made.host:
            raise NotAnAddress("is not an http or https address", where=shown, hint="leave it out")
        if made.userinfo:
            # Said without the URL, which holds the password.
            raise NotAnAddress(
                "has a name or password in it",
                where=made.host,
                hint="remove what stands before the @",
            )
        port = None if made.port == _PORTS[made.scheme] else made.port
        made = made.copy_with(fragment=None, port=port, host=made.host.rstrip("."))
        if port is not None and not 0 < port < 65536:
            raise NotAnAddress("has no such port", where=shown)
        return _plain(made)
    except (ValueError, TypeError, httpx.InvalidURL, UnicodeError) as problem:
        if isinstance(problem, DataError):
            raise
        raise NotAnAddress(f"is no address ({problem})"[:200], where=shown) from None


def origin(url: str) -> str:
    """Scheme, host and port of a normal URL: what robots.txt and the rate of asking belong to."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def refusal(address: str, *, private: bool) -> str:
    """Why a machine must not be asked, by its IP address; empty where it may be.

    `private` allows loopback and private networks; link-local, metadata, multicast and reserved addresses never are.
    """
    ip = _inner(ipaddress.ip_address(address.partition("%")[0]))
    if ip in _METADATA:
        return "hands out the credentials of cloud machines"
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or _is_reserved(ip):
        return "is no machine's own address"
    if ip.is_global or private:
        return ""
    return "is this machine" if ip.is_loopback else "is on a private network"


def _is_reserved(ip: Ip) -> bool:
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_reserved
    return not ip.is_loopback and (ip.is_reserved or ip.is_site_local or ip.teredo is not None)


def _inner(ip: Ip) -> Ip:
    """The IPv4 address that an IPv6 one stands for: mapped, translated, tunnelled or compatible."""
    if not isinstance(ip, ipaddress.IPv6Address):
        return ip
    if ip.ipv4_mapped or ip.sixtofour:
        return ip.ipv4_mapped or ip.sixtofour or ip
    if ip in _NAT64 or (ip in _COMPATIBLE and int(ip) > 1):
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip


def _plain(url: object) -> str:
    scheme, _, rest = str(url).partition("://")
    before, mark, query = rest.partition("?")
    host, _, path = before.partition("/")
    path = _UNRESERVED.sub(lambda found: bytes.fromhex(found.group()[1:]).decode(), path)
    path = _ESCAPED.sub(lambda found: found.group().upper(), path)
    if mark and _TRACKING.search(query):
        kept = [
            (k, v)
            for k, v in parse_qsl(query, keep_blank_values=True)
            if not _TRACKING.fullmatch(k)
        ]
        query = urlencode(kept) if len(kept) < query.count("&") + 1 else query
    return f"{scheme}://{host}/{path}" + (f"?{query}" if query else "")
