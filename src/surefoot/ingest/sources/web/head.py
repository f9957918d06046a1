"""What crawling needs of a page: where it links to, what it calls itself, and whether it wants to be found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from surefoot.core.errors import DataError
from surefoot.ingest.fetching import normal

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]*?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
# The whole page is read elsewhere, in a process with limits; links further down than this are rare.
_LOOKED_AT_BYTES = 4_000_000
_MOST_LINKS = 5_000
HTML = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class Head:
    """The links of a page in its order, each once, and its canonical URL; `hidden` where it asks not to be indexed."""

    links: tuple[str, ...] = ()
    canonical: str = ""
    hidden: bool = False


def charset_of(headers: Mapping[str, str]) -> str:
    """The encoding that the server names, in lower case; empty where it names none."""
    found = _CHARSET.search(headers.get("content-type", ""))
    return found.group(1).lower() if found else ""


def read_head(url: str, body: bytes, charset: str, headers: Mapping[str, str]) -> Head:
    """What an HTML page says to those who crawl; nothing of one that cannot be parsed."""
    import lxml.etree
    import lxml.html

    declared = _META.search(body[:4096])
    name = charset or (declared.group(1).decode() if declared else "utf-8")
    text = decoded(body[:_LOOKED_AT_BYTES], name).encode("utf-8", "replace")
    parser = lxml.html.HTMLParser(no_network=True, huge_tree=False, encoding="utf-8")
    try:
        root = lxml.html.document_fromstring(text, parser=parser)
    except (lxml.etree.LxmlError, ValueError):
        return Head()
    base = _joined(next(iter(root.xpath("//base/@href")), ""), url) or url
    said = [*root.xpath("//meta[translate(@name,'ROBTS','robts')='robots']/@content")]
    rules = {word.strip().lower() for text in said for word in str(text).split(",")}
    rules |= {word.strip().lower() for word in headers.get("x-robots-tag", "").split(",")}
    canonical = next(iter(root.xpath("//link[@rel='canonical']/@href")), "")
    return Head(
        links=() if rules & {"nofollow", "none"} else tuple(dict.fromkeys(_links(root, base))),
        canonical=_joined(str(canonical), base) if canonical else "",
        hidden=bool(rules & {"noindex", "none"}),
    )


def decoded(body: bytes, charset: str) -> str:
    """Text in an encoding that somebody named; signs that are not of it become U+FFFD."""
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _links(root: HtmlElement, base: str) -> Iterator[str]:
    for number, link in enumerate(root.iter("a", "area")):
        href = link.get("href")
        if number >= _MOST_LINKS:
            return
        followed = href and "nofollow" not in (link.get("rel") or "").lower().split()
        if followed and (joined := _joined(str(href), base)):
            yield joined


def _joined(href: str, base: str) -> str:
    try:
        return normal(href, base)
    except DataError:
        return ""
